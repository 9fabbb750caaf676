"""Types and validators of single fields, for the schemas that need them."""

import json
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, Field, HttpUrl, PlainSerializer, TypeAdapter

MAX_JSON_LEVELS = 10


def _validate_distinct(values: list[Any]) -> list[Any]:
    if len(values) != len(set(values)):
        raise ValueError("must not contain a value twice")
    return values


def _validate_web_url(url: str) -> str:
    HTTP_URL.validate_python(url)
    return url


def to_places(places: int) -> AfterValidator:
    """Return a validator that gives decimals this number of decimal places, as the database does.

    The schema must limit the places already, and the digits to 28.
    """
    # The sum turns -0 into 0.
    return AfterValidator(lambda number: round(number, places) + Decimal(0))


def json_within(max_bytes: int) -> AfterValidator:
    """Return a validator of JSON values that a `jsonb` column stores unchanged.

    The compact form of a value may have `max_bytes` bytes, and a value `MAX_JSON_LEVELS` levels.
    Numbers count without an exponent, because PostgreSQL stores and returns them like this.
    """

    def check(value: object) -> object:
        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            size = len(text.encode()) + _exponents(text)
        except ValueError:  # a number that is not finite, or a lone surrogate
            raise ValueError("must have only finite numbers and valid Unicode") from None
        if size > max_bytes:
            raise ValueError(f"must have at most {max_bytes} bytes")
        if _count_levels(value) > MAX_JSON_LEVELS:
            raise ValueError(f"must have at most {MAX_JSON_LEVELS} levels")
        if r"\u0000" in text.replace(r"\\", ""):
            raise ValueError("must not contain NUL")
        return value

    return AfterValidator(check)


def _exponents(text: str) -> int:
    """Return the number of characters that JSON gains if no number in it has an exponent."""
    numbers: list[str] = []
    json.loads(text, parse_float=numbers.append)
    return sum(len(f"{Decimal(each):f}") - len(each) for each in numbers)


def _count_levels(value: object) -> int:
    """Return the depth of a JSON value; the parser limits it."""
    if isinstance(value, dict):
        value = [*value.values()]
    return 1 + max(map(_count_levels, value), default=0) if isinstance(value, list) else 0


# A decimal in a response. Pydantic writes some with seven or more places with an exponent: 0E-7.
DecimalText = Annotated[
    Decimal, PlainSerializer(lambda number: f"{number:f}", return_type=str, when_used="json")
]
# For lists without a value that occurs twice. A field adds `uniqueItems` for OpenAPI.
DISTINCT = AfterValidator(_validate_distinct)
HTTP_URL = TypeAdapter(HttpUrl)
# The URL of a web page, unchanged. Unicode must be encoded, as browsers send it.
WebUrl = Annotated[
    str,
    Field(
        max_length=2000, pattern=r"^https?://[!-.0-~][!-~]*$", examples=["https://example.com/tea"]
    ),
    AfterValidator(_validate_web_url),
]
