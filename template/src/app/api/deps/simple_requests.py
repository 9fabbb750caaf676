"""A shorter way through FastAPI for most requests.

FastAPI reads a query string parameter by parameter, and solves every dependency, even if it only
describes the operation or has been checked before. `GuardedRoute` therefore has a second handler
with fewer dependencies for simple requests. FastAPI's own handler serves all other requests, such
as those with an invalid query, so that their responses are FastAPI's.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import UnionType
from typing import Annotated, Any, Self, Union, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel, Json
from pydantic.fields import FieldInfo

from app.api.deps import RateLimit, accept_idempotency_key, get_current_user
from app.api.deps.authentication import oauth2_scheme


@dataclass(frozen=True, slots=True)
class SimpleRequests:
    """The requests with a valid query and without an `Idempotency-Key`."""

    dependant: Dependant  # the operation, with the dependencies that these requests need
    query: "QueryModel | None"
    accepts_key: bool

    @classmethod
    def create(cls, dependant: Dependant, *, accepts_key: bool) -> Self:
        """Return the simple requests of an operation, whose description is not changed."""
        query, needed = QueryModel.find(dependant), _without_repeated_checks(dependant)
        if query is not None:
            reader = Dependant(call=_get_query, name=query.parameter.name, path=dependant.path)
            reader.request_param_name = "request"
            dependencies = [*needed.dependencies, reader]
            needed = replace(needed, query_params=[], dependencies=dependencies)
        return cls(needed, query, accepts_key)

    def include(self, request: Request) -> bool:
        """Return whether `request` is simple, and read its query into the model."""
        if request.app.dependency_overrides:
            return False
        if self.accepts_key and "idempotency-key" in request.headers:
            return False
        return self.query is None or self.query.read(request)


@dataclass(frozen=True, slots=True)
class QueryModel:
    """A model of the whole query string: the only query parameter of an operation."""

    parameter: Any  # as FastAPI describes it
    is_list: Mapping[str, bool]  # by parameter name

    @classmethod
    def find(cls, dependant: Dependant) -> Self | None:
        """Return the model of an operation; `None` if it has none, or a model with aliases."""
        if len(dependant.query_params) != 1:
            return None
        parameter = dependant.query_params[0]
        model: Any = parameter.field_info.annotation
        if not isinstance(model, type) or not issubclass(model, BaseModel):
            return None
        infos = [parameter.field_info, *model.model_fields.values()]
        if any(map(_is_json, infos)) or any(map(_has_alias, infos[1:])):
            return None
        is_list = {name: _is_list(each.annotation) for name, each in model.model_fields.items()}
        return cls(parameter, is_list)

    def read(self, request: Request) -> bool:
        """Read the query string into the model; return `False` if it is invalid."""
        sent: dict[str, Any] = {}
        with suppress(Exception):  # FastAPI will read the query again and report the errors
            for name, value in request.query_params.multi_items():
                if self.is_list[name]:
                    sent.setdefault(name, []).append(value)
                else:
                    sent[name] = value
            request.state.query_model, errors = self.parameter.validate(sent, {}, loc=("query",))
            return not errors
        return False


async def _get_query(request: Request) -> Any:  # noqa: ANN401 - a model
    return request.state.query_model


def _without_repeated_checks(dependant: Dependant) -> Dependant:
    """Return an operation or dependency without what its simple requests do not need.

    The scheme only describes the login, and `GuardedRoute` has counted the request. Without a key,
    `accept_idempotency_key` only authenticates: the caller takes its place.
    """
    needed = [
        _without_repeated_checks(each)
        for each in dependant.dependencies
        if not (each.call is oauth2_scheme and dependant.call is get_current_user)
        and not (isinstance(each.call, RateLimit) and each.name is None)
    ]
    callers = [each for each in needed if each.call is get_current_user]
    if callers:
        needed = [callers[0] if _is_key(each) else each for each in needed]
    # A caller in both places is found once.
    return replace(dependant, dependencies=[*{id(each): each for each in needed}.values()])


def _is_key(dependant: Dependant) -> bool:
    return dependant.call is accept_idempotency_key and dependant.name is None


def _is_json(info: FieldInfo) -> bool:
    return any(type(each) is Json for each in info.metadata)


def _has_alias(info: FieldInfo) -> bool:
    return info.alias is not None or info.validation_alias is not None


def _is_list(annotation: Any) -> bool:  # noqa: ANN401 - any type
    """Return whether FastAPI passes all values of a parameter, and not only the last one."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _is_list(arguments[0])
    if origin in (Union, UnionType):
        return any(map(_is_list, arguments))
    kind = origin or annotation
    is_sequence = isinstance(kind, type) and issubclass(kind, (Sequence, set, frozenset))
    return is_sequence and not issubclass(kind, (str, bytes))
