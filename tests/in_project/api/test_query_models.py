"""Query strings are read into models as FastAPI reads them."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import fastapi
import pytest
from fastapi import FastAPI, Header, Query
from httpx import AsyncClient, Response
from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, Json

from app.api.deps.simple_requests import QueryModel
from app.api.routing import APIRouter
from app.core.exceptions import ConflictError
from app.services.accounts.administration import UserQuery
from tests.clients import client_of
from tests.conftest import MakeApp

ID = UUID(int=1)


def refuse(text: str) -> str:
    """Raise an error of the service, or one that no handler expects."""
    errors = {"conflict": ConflictError("The text conflicts."), "bug": RuntimeError()}
    if text in errors:
        raise errors[text]
    return text


class Kinds(BaseModel):
    """Types of each kind, with and without a default."""

    required: Annotated[str, AfterValidator(refuse)]
    whole: int = 1
    text: Annotated[str | None, Field(max_length=3)] = None
    day: date | None = None
    flag: bool = False
    choice: Literal["a", "b"] = "a"
    several: list[int] = Field(default_factory=list)
    some: Annotated[list[str] | None, Field(min_length=1, max_length=2)] = None
    nested: Annotated[list[int], Field(max_length=2)] | None = None
    unique: set[int] = Field(default_factory=set)
    pair: tuple[int, int] | None = None
    sequence: Sequence[Annotated[int, Field(ge=0)]] = (7,)
    either: int | list[int] = 0


class Forbidding(Kinds):
    """A model that rejects unknown parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class Allowing(Kinds):
    """A model that takes unknown parameters."""

    model_config = ConfigDict(extra="allow")


class Aliased(BaseModel):
    """A model with aliases."""

    required: Annotated[str, Field(alias="from")] = "x"
    text: Annotated[str, Field(validation_alias=AliasChoices("text", "t"))] = "y"


class Encoded(BaseModel):
    """A model with a parameter in JSON."""

    required: str = "x"
    several: Json[list[int]] = Field(default_factory=list)


MODELS: tuple[type[BaseModel], ...] = (Kinds, Forbidding, Allowing, Aliased, Encoded, UserQuery)
VALID = (
    *("required=a", "required=a&whole=2&text=abc&day=2026-01-31&flag=true&choice=b"),
    *("required=a&required=b", "required=", "required", "%72equired=%C3%A9", "required=+a%20b&&"),
    *("required=a&several=1&several=2", "required=a&some=x", "required=a&nested=1"),
    *("required=a&unique=1&unique=1", "required=a&nested=1&nested=2"),
    *("required=a&pair=1&pair=2", "required=a&sequence=3&sequence=4", "required=a&text="),
    *("required=a&either=1", "required=a&either=1&either=2", "whole=1&required=a&whole=2"),
)
INVALID = (
    *("", "Required=a", "required=a&whole=x", "required=a&whole=1&whole=x", "=x"),
    *("required=a&several=1&several=x", "required=a&some=x&some=y&some=z", "required=a&pair=1"),
    *("required=a&unknown=1", "required=a&unknown=1&unknown=2", "unknown=x&whole=y&text=long"),
    *("required=a&day=2026-02-30", "required=a&flag=maybe", "required=a&choice=c"),
    *("required=conflict", "required=bug", "required=a&several=[1,2]", "required=a&sequence=-1"),
    *("from=a", "from=a&from=b&t=c", "text=a&t=b", "t=a", "several=[1,2]", "several=x"),
    *("limit=5&offset=3", "limit=0&sort=x", "sort=email&sort=created_at", "is_active=true"),
    *("q=", "q=%00", "colour=red", "&".join(f"p{number}=1" for number in range(300))),
)


def operation(model: type[BaseModel]) -> Callable[..., Any]:
    async def read(
        id: UUID,  # noqa: A002 - a parameter of a path
        query: Annotated[model, Query()],  # type: ignore[valid-type] # a type of each operation
        x_number: Annotated[int, Header()] = 0,
    ) -> dict[str, str]:
        return {"query": repr(query), "set": repr(sorted(query.model_fields_set))}  # type: ignore[attr-defined]

    return read


@pytest.fixture
async def app(make_app: MakeApp) -> FastAPI:
    """An application with the same operations below `/guarded`, and below `/plain` by FastAPI."""
    app = await make_app()
    for prefix, router in (("/guarded", APIRouter()), ("/plain", fastapi.APIRouter())):
        for model in MODELS:
            router.add_api_route(f"/{model.__name__}/{{id}}", operation(model))
        app.include_router(router, prefix=prefix)
    return app


@pytest.fixture
def client(app: FastAPI) -> AsyncClient:
    return client_of(app)


@pytest.fixture
def read_at_once(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each query was read at once; FastAPI reads the others."""
    results: list[bool] = []
    read = QueryModel.read

    def read_and_note(self: QueryModel, request: fastapi.Request) -> bool:
        results.append(read(self, request))
        return results[-1]

    monkeypatch.setattr(QueryModel, "read", read_and_note)
    return results


async def both(client: AsyncClient, path: str, **headers: str) -> list[Response]:
    """Send a request to the operation and to FastAPI's."""
    return [await client.get(f"/{each}/{path}", headers=headers) for each in ("guarded", "plain")]


def content(response: Response) -> tuple[int, dict[str, Any]]:
    """Return the status and the content without the path and the id of the request."""
    members = response.json()
    return response.status_code, {
        name: value for name, value in members.items() if name not in {"instance", "request_id"}
    }


async def test_each_query_has_the_same_response_as_in_fastapi(client: AsyncClient) -> None:
    """VAL-12, VAL-16, VAL-18"""
    for model in MODELS:
        for query in (*VALID, *INVALID):
            guarded, plain = await both(client, f"{model.__name__}/{ID}?{query}")

            assert content(guarded) == content(plain), (model, query)


async def test_errors_of_the_path_and_headers_are_reported_with_those_of_the_query(
    client: AsyncClient,
) -> None:
    for query in ("required=a", "whole=x"):
        guarded, plain = await both(client, f"Kinds/none?{query}", **{"X-Number": "many"})

        assert guarded.status_code == 422
        assert content(guarded) == content(plain)


async def test_valid_queries_are_read_at_once_and_others_by_fastapi(
    client: AsyncClient, read_at_once: list[bool]
) -> None:
    for query in VALID:
        assert (await client.get(f"/guarded/Forbidding/{ID}?{query}")).status_code == 200
    assert read_at_once == [True] * len(VALID)

    for query in INVALID:
        assert (await client.get(f"/guarded/Forbidding/{ID}?{query}")).status_code != 200
    assert not any(read_at_once[len(VALID) :])


async def test_models_with_aliases_or_json_are_read_by_fastapi(
    client: AsyncClient, read_at_once: list[bool]
) -> None:
    for path in (f"Aliased/{ID}?from=a", f"Encoded/{ID}?several=[1]"):
        assert (await client.get(f"/guarded/{path}")).status_code == 200

    assert read_at_once == []


async def test_the_description_of_a_query_is_the_same_as_in_fastapi(app: FastAPI) -> None:
    paths = app.openapi()["paths"]

    for model in MODELS:
        guarded, plain = (
            paths[f"{prefix}/{model.__name__}/{{id}}"]["get"]["parameters"]
            for prefix in ("/guarded", "/plain")
        )
        assert guarded == plain
        assert len(guarded) == len(model.model_fields) + 2
