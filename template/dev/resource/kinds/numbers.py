"""Numbers: int, bigint and float."""

import math
import re
import sys
from decimal import Decimal
from typing import Any, ClassVar

from dev.resource.kinds.base import Check, Kind, grouped, keywords
from dev.resource.recipe import Field

OPERATORS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
INCLUSIVE = {"gt": "ge", "lt": "le"}
ADJECTIVES: dict[Any, str] = {(("gt", 0),): "positive", (("ge", 0),): "not_negative"}
SAMPLES = 20


class Int(Kind):
    """An integer that a column of 32 bits holds, and the base class of other numbers."""

    name = "int"
    modifiers = frozenset({*OPERATORS, "default", "unique", "index"})
    filters = "range"
    flags = {"sort": False, "filter": True}
    type_name = "int"
    column_name = "Integer"
    refused = {"text": "many", "number as text": "3", "fraction": 3.5, "boolean": True, "list": [1]}
    bits: ClassVar[int] = 32
    # The validator of numbers as text, the texts that `parse` reads, and a typical one.
    plain: ClassVar[str] = "PLAIN_INT"
    pattern: ClassVar[str] = r"-?\d{1,19}"
    number: ClassVar[type[Any]] = int
    typical: ClassVar[str] = "3"

    def parse(self, value_json: Any) -> Any:
        return self.number(value_json)

    def limits(self, field: Field) -> tuple[Any, Any]:
        """Return the least and the greatest value of a field without bounds."""
        return -(2 ** (self.bits - 1)), 2 ** (self.bits - 1) - 1

    def step(self, field: Field) -> Any:
        """Return the distance between two values."""
        return 1

    def neighbour(self, field: Field, value: Any, sign: int) -> Any:
        """Return the value after a value, or before it if the sign is -1."""
        return value + sign * self.step(field)

    def span(self, field: Field) -> tuple[Any, Any]:
        """Return the least and the greatest value within the bounds."""
        bounds, (low, high) = field.bounds, self.limits(field)
        if "gt" in bounds:
            low = self.neighbour(field, bounds["gt"], 1)
        if "lt" in bounds:
            high = self.neighbour(field, bounds["lt"], -1)
        return bounds.get("ge", low), bounds.get("le", high)

    def read(self, field: Field, text: str) -> Any:
        if not re.fullmatch(self.pattern, text, re.ASCII):
            raise ValueError("must be a number in plain digits")
        value, (low, high) = self.number(text), self.span(field)
        if not low <= value <= high:
            raise ValueError(f"must be from {self.text(low)} to {self.text(high)}")
        return value

    def aliases(self, field: Field) -> dict[str, str]:
        return {self.alias(field): self.annotated(field, self.bounds(field))}

    def bound_alias(self, field: Field) -> dict[str, str]:
        bounds = {INCLUSIVE.get(name, name): value for name, value in self.bounds(field).items()}
        return {f"{self.alias(field)}Bound": self.annotated(field, bounds, self.plain)}

    def given(self, field: Field) -> dict[str, Any]:
        """Return the bounds that a field has, in the order of the operators."""
        return {name: field.bounds[name] for name in OPERATORS if name in field.bounds}

    def sources(self, field: Field) -> dict[str, str]:
        """Return the bounds that a field has, as source."""
        return {
            name: grouped(int(value)) if value == int(value) else repr(value)
            for name, value in self.given(field).items()
        }

    def bounds(self, field: Field) -> dict[str, str]:
        """Return all constraints as source, by name."""
        given, power = self.sources(field), self.bits - 1
        low = {} if {"gt", "ge"} & given.keys() else {"ge": f"-(2**{power})"}
        high = {} if {"lt", "le"} & given.keys() else {"le": f"2**{power} - 1"}
        return low | given | high

    def annotated(self, field: Field, arguments: dict[str, str], *validators: str) -> str:
        """Return the type with constraints and validators."""
        constraints = f"Field({keywords(**arguments, examples=[self.example(field)])})"
        return f"Annotated[{', '.join([self.type_name, constraints, *validators])}]"

    def example(self, field: Field) -> Any:
        """Return a typical value, or a sample if the bounds or the places refuse that."""
        try:
            return self.to_json(field, self.read(field, self.typical))
        except ValueError:
            return self.sample_json(field, 1)

    def checks(self, field: Field) -> list[Check]:
        given = self.given(field)
        values = {name: self.text(value) for name, value in given.items()}
        sql = " AND ".join(f"{field.name} {OPERATORS[name]} {values[name]}" for name in values)
        if given.keys() == {"ge", "le"}:
            sql = f"{field.name} BETWEEN {values['ge']} AND {values['le']}"
        side = "minimum" if {"gt", "ge"} & given.keys() else "maximum"
        side = "range" if len(given) > 1 else ADJECTIVES.get((*given.items(),), side)
        return [Check(f"{field.name}_{side}", sql)] if given else []

    def sample_json(self, field: Field, number: int) -> Any:
        (low, high), unit = self.span(field), self.number(1)
        while unit > self.step(field) and high - low < SAMPLES * unit:
            unit /= 10
        start = max(low, min(self.number(0), high - SAMPLES * unit))
        start = max(low, math.ceil(Decimal(start) / Decimal(unit)) * unit)
        return self.to_json(field, min(start + number * unit, high))

    def accepted_json(self, field: Field) -> list[Any]:
        bounds = [self.to_json(field, each) for each in self.span(field)]
        return [*bounds, self.sample_json(field, 2)]

    def refused_json(self, field: Field) -> dict[str, Any]:
        low, high = self.span(field)
        below, above = self.neighbour(field, low, -1), self.neighbour(field, high, 1)
        return super().refused_json(field) | {
            "number below the minimum": self.to_json(field, below),
            "number above the maximum": self.to_json(field, above),
        }


class BigInt(Int):
    """An integer that a column of 64 bits holds."""

    name = "bigint"
    bits = 64
    column_name = "BigInteger"


class Float(Int):
    """A finite floating-point number."""

    name = "float"
    modifiers = frozenset({*OPERATORS, "default", "index"})
    flags = {"sort": False, "filter": False}
    type_name = "float"
    column_name = "Double"
    refused = {"text": "many", "number as text": "1.5", "boolean": True, "list": [1]}
    plain = "PLAIN_DECIMAL"
    pattern = r"-?\d{1,30}(\.\d{1,30})?([eE][-+]?\d{1,3})?"
    number = float
    typical = "1.5"

    def limits(self, field: Field) -> tuple[float, float]:
        return -sys.float_info.max, sys.float_info.max

    def step(self, field: Field) -> float:
        return 1e-6  # of samples

    def text(self, value: float) -> str:
        return repr(value).removesuffix(".0")

    def neighbour(self, field: Field, value: float, sign: int) -> float:
        return math.nextafter(value, sign * math.inf)

    def bounds(self, field: Field) -> dict[str, str]:
        return self.sources(field) | {"allow_inf_nan": "False"}
