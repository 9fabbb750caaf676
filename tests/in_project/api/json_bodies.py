"""Schemas with types that JSON does not have, and valid and invalid values for these types."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from ipaddress import IPv4Address
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.routing import GuardedRoute
from app.core.lists.orders import Order, Orders
from app.core.lists.query import OffsetQuery
from app.core.validation import InputSchema, NotNullPatchSchema
from app.models.user import User

ID = "01a20a5f-4751-77cf-9f4d-776ac82c38b1"
WRITTEN = "2026-05-31T09:30:00Z"


class Status(StrEnum):
    DRAFT = "draft"
    SENT = "sent"


class Grade(IntEnum):
    LOW = 1


class Line(InputSchema):
    """A nested schema."""

    day: date


class Body(InputSchema):
    """A request body with a member for each type."""

    id: UUID | None = None
    day: Annotated[date, Field(ge=date(1, 1, 1))] | None = None
    at: datetime | None = None
    opens: time | None = None
    lasts: timedelta | None = None
    price: Annotated[Decimal, Field(gt=0, max_digits=6, decimal_places=2)] | None = None
    total: Decimal | None = None
    status: Status | None = None
    grade: Grade | None = None
    ids: list[UUID] | None = None
    days: dict[UUID, date] | None = None
    pair: tuple[date, int] | None = None
    numbers: set[int] | None = None
    counts: dict[int, int] | None = None
    either: date | Status | None = None
    statuses: frozenset[Status] | None = None
    address: IPv4Address | None = None
    lines: list[Line] | None = None
    parent: "Body | None" = None


class Change(NotNullPatchSchema):
    """The body of a PATCH request."""

    id: UUID | None = None
    price: Decimal | None = None


class DayQuery(OffsetQuery):
    """The query parameters of a list with filters."""

    sort: Annotated[str, Orders({"id": Order(User.id.asc())})] = "id"
    id: UUID | None = None
    day: date | None = None
    at: datetime | None = None
    status: Status | None = None


router = APIRouter(route_class=GuardedRoute)


@router.post("/types")
async def read_body(data: Body) -> dict[str, str]:
    return {name: repr(getattr(data, name)) for name in data.model_fields_set}


@router.patch("/types")
async def read_change(data: Change) -> dict[str, str]:
    return {name: repr(value) for name, value in data.changes().items()}


@router.get("/types")
async def read_query(query: Annotated[DayQuery, Query()]) -> dict[str, str]:
    return {name: repr(getattr(query, name)) for name in query.model_fields_set}


GOOD: list[tuple[str, Any, object]] = [
    ("id", ID, UUID(ID)),
    ("id", ID.upper(), UUID(ID)),
    ("day", "2024-02-29", date(2024, 2, 29)),
    ("at", WRITTEN, datetime(2026, 5, 31, 9, 30, tzinfo=UTC)),
    ("at", "2026-05-31T09:30:00.25+02:00", datetime(2026, 5, 31, 7, 30, 0, 250_000, tzinfo=UTC)),
    ("opens", "09:30:00", time(9, 30)),
    ("opens", "23:59:59.000001", time(23, 59, 59, 1)),
    ("lasts", "P1DT2H30M0.5S", timedelta(days=1, hours=2, minutes=30, seconds=0.5)),
    ("lasts", "-PT5S", timedelta(seconds=-5)),
    ("price", "19.90", Decimal("19.90")),
    ("price", 19.9, Decimal("19.9")),
    ("total", 7, Decimal(7)),
    ("status", "sent", Status.SENT),
    ("grade", 1, Grade.LOW),
    ("ids", [ID], [UUID(ID)]),
    ("days", {ID: "2026-05-31"}, {UUID(ID): date(2026, 5, 31)}),
    ("pair", ["2026-05-31", 2], (date(2026, 5, 31), 2)),
    ("numbers", [1], {1}),
    ("counts", {"-1": 1}, {-1: 1}),
    ("either", "sent", Status.SENT),
    ("statuses", ["draft"], frozenset({Status.DRAFT})),
    ("address", "192.0.2.1", IPv4Address("192.0.2.1")),
    ("lines", [{"day": "2026-05-31"}], [Line(day=date(2026, 5, 31))]),
    ("parent", {"id": ID}, Body(id=UUID(ID))),
]
BAD: dict[str, list[Any]] = {
    "id": [ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}", f" {ID}", f"{ID}\n", "", 1, True],
    "day": [
        "20260531",
        "2026-W22-7",
        "2026-5-31",
        WRITTEN,
        "2026-06-31",
        "0000-01-01",
        "1",
        1,
        "٢",
        "0001-01-01",
        "9999-12-31",
    ],
    "at": [
        "2026-05-31",
        "2026-05-31T09:30:00",
        "2026-05-31 09:30:00Z",
        "2026-05-31t09:30:00z",
        "2026-05-31T09:30Z",
        "2026-05-31T24:00:00Z",
        "2026-05-31T09:30:60Z",
        "1780219800",
        "2026-05-31T09:30:00+24:00",
        "2026-05-31T09:30:00+0200",
        "2026-05-31T09:30:00.1234567Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        1780219800,
        1.5,
    ],
    "opens": ["9:30:00", "09:30", "24:00:00", "09:30:00Z", 34_200],
    "lasts": ["P", "PT", "P1Y", "1 day", "01:00:00", "P1W", "P999999999DT999999999H", 60],
    "price": ["1_0", " 1", "0", "1.234", "1e9", "NaN", "Infinity", "٣", True, [], "1" * 2000],
    "total": ["1e5000", "--1", ".", "", "9" * 1001],
    "status": ["SENT", "Status.SENT", "", 1],
    "grade": ["1", 1.0, True, 2],
    "ids": [ID, [1], {"0": ID}],
    "days": [{"x": "2026-05-31"}, {ID: 1}, [[ID, "2026-05-31"]]],
    "pair": [["2026-05-31"], ["2026-05-31", "2"], "ab"],
    "numbers": [[1, 1], ["1"], [1.0], {"1": 1}],
    "counts": [{"01": 1}, {"1.0": 1}, {" 1": 1}, {"9" * 5000: 1}, {"1": "1"}],
    "either": ["other", "20260531", 1],
    "statuses": [["other"], "draft"],
    "address": ["192.0.2.01", 1, "::1"],
    "lines": [[{"day": 1}]],
    "parent": [{"id": 1}],
}
