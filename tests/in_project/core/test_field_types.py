"""Types that schemas share: rounded decimals, distinct lists, URLs and JSON values."""

import json
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError

from app.core.field_types import DISTINCT, DecimalText, WebUrl, json_within, to_places
from app.core.validation import PLAIN_DECIMAL, InputSchema, OutputSchema


class Thing(InputSchema):
    """A schema with a field of each type."""

    amount: Annotated[
        Decimal, Field(max_digits=27, decimal_places=2), PLAIN_DECIMAL, to_places(2)
    ] = Decimal(0)
    labels: Annotated[list[str], DISTINCT] = Field(default_factory=list)
    site: WebUrl = "https://example.com"
    details: Annotated[dict[str, Any] | list[Any], json_within(100)] = Field(default_factory=dict)


def nested(levels: int) -> list[Any]:
    """Return lists in lists."""
    return [nested(levels - 1)] if levels > 1 else []


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("1", "1.00"),
        ("1e3", "1000.00"),
        (19.5, "19.50"),
        ("-0", "0.00"),
        ("-0.5", "-0.50"),
        ("-" + "9" * 25 + ".99", "-" + "9" * 25 + ".99"),
    ],
)
def test_a_decimal_is_read_with_the_places_of_its_column(sent: str | float, read: str) -> None:
    assert str(Thing(amount=sent).amount) == read  # type: ignore[arg-type] # as JSON has it


class Amount(OutputSchema):
    """A response with a decimal of many places."""

    amount: DecimalText


@pytest.mark.parametrize("number", ["0.00000000", "0.00000001", "-1.50000000"])
def test_a_decimal_text_has_no_exponent(number: str) -> None:
    assert Amount(amount=Decimal(number)).model_dump_json() == f'{{"amount":"{number}"}}'


def test_a_list_has_no_value_twice() -> None:
    assert Thing(labels=["a", "A"]).labels == ["a", "A"]
    with pytest.raises(ValidationError, match="must not contain a value twice"):
        Thing(labels=["a", "b", "a"])


@pytest.mark.parametrize(
    "url",
    [
        *("https://example.com", "http://EXAMPLE.com/a?b=c#d", "https://user@[::1]:8443/"),
        "https://example.com/%C3%A9",
    ],
)
def test_a_url_is_unchanged(url: str) -> None:
    assert Thing(site=url).site == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "//example.com", "ftp://example.com", "javascript:alert(1)"),
        *("https://", "https:///path", "https://exa mple.com", "https://example.com\n", "http://["),
        *("https://example.com/\u00e9", "https://example.com:99999", " https://example.com"),
        "https://example.com/".ljust(2001, "a"),
    ],
)
def test_an_invalid_url_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        Thing(site=url)


@pytest.mark.parametrize(
    "value",
    [
        *({}, [], {"a": [None, True, 1, 2.5, "\u00e9"]}, nested(10), ["n" * 96], ["\u00e9" * 48]),
        *(["\\u0000", "\\", "\x01"], ["1e300"], [1e97], [-1e-95]),
    ],
)
def test_a_json_value_within_the_limits_is_unchanged(value: Any) -> None:
    assert Thing(details=value).details == value


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('["' + "n" * 97 + '"]', "must have at most 100 bytes"),
        ('["' + "\u00e9" * 49 + '"]', "must have at most 100 bytes"),
        ("[1e98]", "must have at most 100 bytes"),
        ("[-1e-97]", "must have at most 100 bytes"),
        (json.dumps(nested(11)), "must have at most 10 levels"),
        ('{"a":' * 11 + "1" + "}" * 11, "must have at most 10 levels"),
        (r'["\u0000"]', "must not contain NUL"),
        (r'{"\\\u0000": 1}', "must not contain NUL"),
        ("[NaN]", "must have only finite numbers"),
        ("[-1e400]", "must have only finite numbers"),
        (r'["\ud800"]', "valid Unicode"),
    ],
)
def test_a_json_value_that_cannot_be_stored_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Thing(details=json.loads(text))
