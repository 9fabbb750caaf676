"""Types that JSON lacks: each value is read from its canonical text only."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from uuid import UUID

from pydantic_core import PydanticKnownError

# asyncpg sends `date.min` and `date.max` as minus infinity and infinity, so both are excluded.
FIRST_DAY, LAST_DAY = date(1, 1, 2), date(9999, 12, 30)
# The limit on each side of the decimal point; PostgreSQL allows more.
MAX_DIGITS = 1000

DAY = r"\d{4}-\d\d-\d\d"
CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?"
OFFSET = r"(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
DECIMAL = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[Ee][-+]?\d{1,4})?"
DURATION = (
    r"(-?)P(?=[\dT])(?:(\d{1,9})D)?"
    r"(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?"
)


@dataclass(frozen=True, slots=True)
class TextForm:
    """The text form of a type in JSON, and the function that parses it."""

    python_type: type
    pattern: str
    parse: Callable[[str], object]
    expected: str

    def __call__(self, value: object) -> object:
        """Return the value as `python_type`; raise `ValueError` if that is impossible.

        A string is parsed, and so is a number if the type is `Decimal`.
        """
        if isinstance(value, self.python_type):
            return value
        if isinstance(value, int | float) and self.python_type is Decimal:
            value = repr(value)  # "True" and "inf" do not match
        if isinstance(value, str) and re.fullmatch(self.pattern, value, re.ASCII):
            try:
                return self.parse(value)
            except (ValueError, OverflowError):  # such as 31 June
                pass
        raise ValueError(f"must be {self.expected}")


def _storable(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError
    return day


def _parse_datetime(text: str) -> datetime:
    moment = datetime.fromisoformat(text).astimezone(UTC)
    _storable(moment.date())
    return moment


def _parse_decimal(text: str) -> Decimal:
    number = Decimal(text)
    if len(text) > MAX_DIGITS or abs(number.adjusted()) > MAX_DIGITS:
        raise ValueError
    return number


def _parse_duration(text: str) -> timedelta:
    ((sign, *parts),) = re.findall(DURATION, text)
    days, hours, minutes, seconds = (float(part or 0) for part in parts)
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if sign else length


# The keys are the types of pydantic's core schemas.
TEXT_FORMS = {
    "date": TextForm(
        date,
        DAY,
        lambda text: _storable(date.fromisoformat(text)),
        f"a date from {FIRST_DAY} to {LAST_DAY}, such as 2026-05-31",
    ),
    "datetime": TextForm(
        datetime,
        f"{DAY}T{CLOCK}{OFFSET}",
        _parse_datetime,
        f"a time with an offset from {FIRST_DAY} to {LAST_DAY}, such as 2026-05-31T09:30:00Z",
    ),
    "decimal": TextForm(
        Decimal, DECIMAL, _parse_decimal, f"a decimal number of at most {MAX_DIGITS} digits"
    ),
    "time": TextForm(time, CLOCK, time.fromisoformat, "a time of day such as 09:30:00"),
    "timedelta": TextForm(timedelta, DURATION, _parse_duration, "a duration such as P1DT2H30M"),
    "uuid": TextForm(
        UUID,
        "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
        UUID,
        "a UUID such as 01a20a5f-4751-77cf-9f4d-776ac82c38b1",
    ),
}


# Keys of JSON objects are always text.
INTEGER_KEY = TextForm(int, r"0|-?[1-9]\d{0,17}", int, "an integer of at most 18 digits")


@dataclass(frozen=True, slots=True)
class EnumForm:
    """The JSON form of an enum: a member's value in the same type, so 1 never means `True`."""

    members: type[Enum]

    def __call__(self, value: object) -> object:
        """Return the member with this value; raise `PydanticKnownError` for an unknown value."""
        if isinstance(value, self.members):
            return value
        for member in self.members:
            if type(member.value) is type(value) and member.value == value:
                return member
        expected = ", ".join(repr(member.value) for member in self.members)
        raise PydanticKnownError("enum", {"expected": expected})
