"""Bounds and values become CHECK constraints, and names differ from those of imports."""

from decimal import Decimal

import pytest

from dev.resource.kinds import KINDS
from dev.resource.recipe import Field


def test_every_value_of_a_narrow_range_is_a_sample() -> None:
    field = Field(name="size", kind="int", bounds={"gt": 3, "lt": 7})

    assert [KINDS["int"].sample_json(field, number) for number in range(4)] == [4, 5, 6, 6]


@pytest.mark.parametrize("name", ["text", "email", "field", "decimal"])
def test_an_alias_never_has_the_name_of_an_import(name: str) -> None:
    [*aliases] = KINDS["int"].aliases(Field(name=name, kind="int"))

    assert aliases == [f"{name.capitalize()}Value"]


@pytest.mark.parametrize(
    ("bounds", "check"),
    [
        ({"gt": 0}, ("size_positive", "size > 0")),
        ({"ge": 0}, ("size_not_negative", "size >= 0")),
        ({"ge": 3}, ("size_minimum", "size >= 3")),
        ({"lt": 3}, ("size_maximum", "size < 3")),
        ({"ge": 0, "le": 10_000}, ("size_range", "size BETWEEN 0 AND 10000")),
        ({"le": 5, "gt": -1}, ("size_range", "size > -1 AND size <= 5")),
    ],
)
def test_bounds_become_a_named_check(bounds: dict[str, int], check: tuple[str, str]) -> None:
    assert KINDS["int"].checks(Field(name="size", kind="int", bounds=bounds)) == [check]


def test_small_bounds_are_written_without_an_exponent() -> None:
    bounds = {"ge": Decimal("0.0000001")}
    field = Field(name="size", kind="decimal", arguments=("12", "8"), bounds=bounds)

    assert KINDS["decimal"].checks(field)[0].sql == "size >= 0.0000001"


def test_texts_in_a_check_are_quoted() -> None:
    field = Field(name="state", kind="enum", arguments=("a", "it's"))

    assert KINDS["enum"].checks(field) == [("state_known", "state IN ('a', 'it''s')")]
