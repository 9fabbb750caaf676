"""The decorator for functions whose results are cached."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cached_property, partial, update_wrapper
from inspect import signature
from string import Formatter
from types import NoneType
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, get_type_hints
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.cache.cache import MAX_TTL_SECONDS, Cache
from app.core.db.after_commit import has_written

# Types whose unequal values have different texts. Secrets are excluded: all have the same text.
PLAIN = (NoneType, bool, int, float, str, date, Decimal, Enum, UUID)

P = ParamSpec("P")
T = TypeVar("T")


def cached(
    *, ttl: float, tag: str
) -> Callable[[Callable[P, Awaitable[T]]], Callable[Concatenate[Cache, P], Awaitable[T]]]:
    """Cache the results of a function for `ttl` seconds, or until its `tag` is invalidated.

    The decorated function takes the cache before its own arguments. The tag may contain arguments,
    such as `items:{owner_id}`. All arguments except sessions are part of the key, so a result is
    only returned to calls with equal arguments. Arguments must be plain values, such as ids; other
    values raise `TypeError`.
    """
    if not 0 < ttl <= MAX_TTL_SECONDS:
        raise ValueError(f"ttl must be greater than 0 and at most {MAX_TTL_SECONDS}")
    return lambda function: _Cached(function, ttl, tag)


class _Cached(Generic[P, T]):
    def __init__(self, function: Callable[P, Awaitable[T]], ttl: float, tag: str) -> None:
        update_wrapper(self, function)
        self._function = function
        self._ttl = ttl
        self._tag = tag
        self._signature = signature(function)
        self._answer: TypeAdapter[T] = TypeAdapter(get_type_hints(function)["return"])
        named = {field for _, field, *_ in Formatter().parse(tag) if field is not None}
        if not named <= {*self._signature.parameters}:
            raise ValueError(f"the tag {tag} must name parameters of the function")

    async def __call__(self, cache: Cache, /, *args: P.args, **kwargs: P.kwargs) -> T:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = bound.arguments
        sessions = {name: each for name, each in given.items() if isinstance(each, AsyncSession)}
        if any(has_written(session) for session in sessions.values()):
            # The result may contain uncommitted data, which other requests must not see.
            return await self._function(*args, **kwargs)
        return await cache.get_or_compute(
            self._key({name: each for name, each in given.items() if name not in sessions}),
            partial(self._function, *args, **kwargs),
            self._answer,
            tags=(self._tag.format_map(given),),
            ttl=self._ttl,
        )

    def _key(self, arguments: dict[str, Any]) -> str:
        """Return a key with a hash of the arguments: they may be personal data."""
        for name, value in arguments.items():
            if not isinstance(value, PLAIN):
                raise TypeError(f"{name} must be a plain value to be part of a key, such as an id")
        named = [(name, type(each).__qualname__, str(each)) for name, each in arguments.items()]
        return f"{self._name}:{hashlib.sha256(repr(named).encode()).hexdigest()}"

    @cached_property
    def _name(self) -> str:
        """Return the function's name and a hash of the schema of its results.

        If a release changes the schema, it does not read entries of the previous release.
        """
        schema = to_json(self._answer.json_schema(mode="serialization"))
        version = hashlib.sha256(schema).hexdigest()[:8]
        return f"{self._function.__module__}.{self._function.__qualname__}:{version}"
