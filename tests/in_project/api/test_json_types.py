"""Types that JSON does not have, in request bodies and list filters."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from httpx import AsyncClient
from sqlalchemy import Date, DateTime, Select, bindparam, func, select

from app.core.json.types import FIRST_DAY, LAST_DAY
from tests.clients import client_of, problem
from tests.databases import RolledBackDatabase
from tests.in_project.api.json_bodies import BAD, GOOD, ID, WRITTEN, Status, router


@pytest.fixture(scope="module")
def types_app(own_app: FastAPI) -> FastAPI:
    own_app.include_router(router)
    return own_app


@pytest.fixture
def caller(types_app: FastAPI) -> AsyncClient:
    return client_of(types_app)


@pytest.mark.parametrize(("name", "sent", "expected"), GOOD)
async def test_a_valid_json_value_is_parsed_to_its_declared_type(
    caller: AsyncClient, name: str, sent: object, expected: object
) -> None:
    response = await caller.post("/types", json={name: sent})

    assert response.json() == {name: repr(expected)}


@pytest.mark.parametrize("name", BAD)
async def test_an_invalid_json_value_is_rejected(caller: AsyncClient, name: str) -> None:
    """VAL-06, VAL-12. The error does not contain the value."""
    for sent in BAD[name]:
        response = await caller.post("/types", json={name: sent})

        assert response.status_code == 422, sent
        for error in problem(response)["errors"]:
            assert error["loc"][:2] == ["body", name]
            assert set(error) == {"loc", "message", "type"}
            assert "function" not in str(error["loc"])


async def test_a_patch_body_is_parsed_to_its_declared_types(caller: AsyncClient) -> None:
    response = await caller.patch("/types", json={"id": ID, "price": "1.50"})

    assert response.json() == {"id": repr(UUID(ID)), "price": repr(Decimal("1.50"))}
    assert (await caller.patch("/types", json={"id": None})).status_code == 422


async def test_list_filters_are_parsed_to_their_declared_types(caller: AsyncClient) -> None:
    sent = {"id": ID, "day": "2026-05-31", "at": WRITTEN, "status": "sent"}
    expected = [UUID(ID), date(2026, 5, 31), datetime(2026, 5, 31, 9, 30, tzinfo=UTC), Status.SENT]

    response = await caller.get("/types", params=sent)

    assert response.json() == dict(zip(sent, map(repr, expected), strict=True))
    for name in ("id", "day", "at"):
        for wrong in filter(str, BAD[name]):
            refused = await caller.get("/types", params={name: wrong})
            assert refused.status_code == 422, wrong


def test_non_json_types_have_a_format_in_the_openapi_schema() -> None:
    schemas = get_openapi(title="", version="", routes=router.routes)["components"]["schemas"]

    described = schemas["Body"]["properties"]
    formats = {name: described[name]["anyOf"][0].get("format") for name in ("id", "day", "at")}
    assert formats == {"id": "uuid", "day": "date", "at": "date-time"}
    assert described["ids"]["anyOf"][0]["items"] == {"type": "string", "format": "uuid"}
    assert described["status"]["anyOf"][0] == {"$ref": "#/components/schemas/Status"}
    assert described["price"]["anyOf"][0]["exclusiveMinimum"] == 0
    changed = schemas["Change"]["properties"]
    assert changed["id"]["format"] == "uuid"
    assert {each["type"] for each in changed["price"]["anyOf"]} == {"number", "string"}


async def test_first_and_last_accepted_dates_can_be_stored(database: RolledBackDatabase) -> None:
    """VAL-05. The driver would send an earlier or a later date as infinity."""
    moments = [datetime.fromisoformat(f"{day}T12:00:00Z") for day in (FIRST_DAY, LAST_DAY)]
    bound: list[Any] = [bindparam(None, day, type_=Date) for day in (FIRST_DAY, LAST_DAY)]
    bound += [bindparam(None, moment, type_=DateTime(timezone=True)) for moment in moments]

    statement: Select[*tuple[Any, ...]] = select(*bound, *(func.isfinite(each) for each in bound))
    row = await database.fetch_one(statement, {})

    assert row
    assert list(row) == [FIRST_DAY, LAST_DAY, *moments, True, True, True, True]
