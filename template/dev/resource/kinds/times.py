"""Dates and times."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar

from dev.resource.kinds.base import Kind
from dev.resource.recipe import Field


class Date(Kind):
    """A date; its default may be `today`."""

    name = "date"
    modifiers = frozenset({"default", "unique", "index"})
    filters = "range"
    flags = {"sort": True, "filter": True}
    type_name = schema_type = "date"
    column_name = "Date"
    accepted = ("0001-01-02", "9999-12-30", "2024-02-29")
    refused = {
        "day that does not exist": "2026-02-30",
        "day before the first": "0001-01-01",
        "day after the last": "9999-12-31",
        "time": "2026-05-31T09:30:00Z",
        "number": 1,
    }
    # The name of the current date, and its source in the schema and in the model.
    current: ClassVar[str] = "today"
    factory: ClassVar[str] = "Field(default_factory=lambda: utc_now().date())"
    sql: ClassVar[str] = 'func.date(func.timezone("UTC", func.now()))'
    form: ClassVar[str] = "a date such as 2026-05-31"
    first: ClassVar[date] = date(2026, 5, 1)

    def parse(self, value_json: str) -> date:
        return date.fromisoformat(value_json)

    def source(self, value_json: str) -> str:
        value = repr(self.parse(value_json)).removeprefix("datetime.")
        return value.replace("datetime.timezone.utc", "UTC")

    def text(self, value: Any) -> str:
        return value if value == self.current else str(value.isoformat()).replace("+00:00", "Z")

    def to_json(self, field: Field, value: Any) -> str:
        return self.text(value)

    def read(self, field: Field, text: str) -> Any:
        try:
            value = text if text == self.current else self.parse(text)
        except (ValueError, OverflowError):
            value = None
        if value is None or self.text(value) != text:
            raise ValueError(f"must be {self.current}, or {self.form}")
        return value

    def server_default(self, field: Field) -> str:
        return self.sql if field.default == self.current else super().server_default(field)

    def default(self, field: Field) -> str:
        return self.factory if field.default == self.current else super().default(field)

    def sample_json(self, field: Field, number: int) -> str:
        return self.text(self.first + timedelta(days=number))


class DateTime(Date):
    """A time with an offset, stored in UTC; its default may be `now`."""

    name = "datetime"
    type_name = schema_type = "datetime"
    column_name = "DateTime(timezone=True)"
    accepted = (
        *("0001-01-02T00:00:00Z", "9999-12-30T23:59:59.999999Z", "2026-05-31T11:30:00+02:00"),
    )
    refused = {
        "time without an offset": "2026-05-31T09:30:00",
        "date": "2026-05-31",
        "time on a day that does not exist": "2026-02-30T09:30:00Z",
        "time before the first": "0001-01-01T23:59:59Z",
        "time after the last": "9999-12-31T00:00:00Z",
        "number": 1,
    }
    current = "now"
    factory = "Field(default_factory=utc_now)"
    sql = "func.now()"
    form = 'in a file for --from a time, as ["at", "datetime", "default=2026-05-31T09:30:00Z"]'
    first = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)

    def parse(self, value_json: str) -> datetime:
        return datetime.fromisoformat(value_json).astimezone(UTC)
