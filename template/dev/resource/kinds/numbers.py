"""Numbers: int, bigint, decimal and float."""

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
SAMPLES = 10
MAX_DIGITS = 27
MAX_PLAIN_PLACES = 6  # Pydantic may write numbers with more places with an exponent


class Int(Kind):
    """An integer that a column of 32 bits holds, and the base class of other numbers."""

    name = "int"
    modifiers = frozenset({*OPERATORS, "default", "unique", "index"})
    filters = "range"
    can_sort = True
    included = frozenset({"filter"})
    type_name = "int"
    column_name = "Integer"
    refused = {"text": "many", "number as text": "3", "fraction": 3.5, "boolean": True, "list": [1]}
    bits: ClassVar[int] = 32
    # The validator of numbers as text, the texts that `parse` reads, and a typical one.
    plain: ClassVar[str] = "PLAIN_INT"
    pattern: ClassVar[str] = r"-?\d{1,19}"
    parse: ClassVar[type[Any]] = int
    typical: ClassVar[str] = "3"

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

    def to_json(self, field: Field, value: Any) -> Any:
        """Return a value in JSON, as the service returns it."""
        return value

    def read(self, field: Field, text: str) -> Any:
        if not re.fullmatch(self.pattern, text, re.ASCII):
            raise ValueError("must be a number in plain digits")
        value, (low, high) = self.parse(text), self.span(field)
        if not low <= value <= high:
            raise ValueError(f"must be from {self.text(low)} to {self.text(high)}")
        return value

    def aliases(self, field: Field) -> dict[str, str]:
        return {self.alias(field): self.annotated(field, self.bounds(field))}

    def bound_alias(self, field: Field) -> dict[str, str]:
        bounds = {INCLUSIVE.get(name, name): value for name, value in self.bounds(field).items()}
        return {f"{self.alias(field)}Bound": self.annotated(field, bounds, self.plain)}

    def bounds(self, field: Field) -> dict[str, str]:
        """Return the bounds as source, by name."""
        given, power = bounds_as_source(field), self.bits - 1
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
        given = tuple((name, field.bounds[name]) for name in OPERATORS if name in field.bounds)
        values = {name: self.text(value) for name, value in given}
        sql = " AND ".join(f"{field.name} {OPERATORS[name]} {values[name]}" for name in values)
        if {*values} == {"ge", "le"}:
            sql = f"{field.name} BETWEEN {values['ge']} AND {values['le']}"
        side = "minimum" if {"gt", "ge"} & {*values} else "maximum"
        side = "range" if len(given) > 1 else ADJECTIVES.get(given, side)
        return [Check(f"{field.name}_{side}", sql)] if given else []

    def sample_json(self, field: Field, number: int) -> Any:
        (low, high), unit = self.span(field), self.parse(1)
        while unit > self.step(field) and high - low < SAMPLES * unit:
            unit /= 10
        start = max(low, min(self.parse(0), high - SAMPLES * unit))
        start = max(low, math.ceil(Decimal(start) / Decimal(unit)) * unit)
        return self.to_json(field, min(start + number * unit, high))

    def accepted_json(self, field: Field) -> list[Any]:
        bounds = [self.to_json(field, each) for each in self.span(field)]
        return [*bounds, self.sample_json(field, 2)]

    def refused_json(self, field: Field) -> dict[str, Any]:
        low, high = (
            self.neighbour(field, bound, sign)
            for bound, sign in zip(self.span(field), (-1, 1), strict=True)
        )
        beyond = {"number below the minimum": low, "number above the maximum": high}
        return super().refused_json(field) | {
            wrong: self.to_json(field, value) for wrong, value in beyond.items()
        }


class BigInt(Int):
    """An integer that a column of 64 bits holds."""

    name = "bigint"
    bits = 64
    column_name = "BigInteger"


class DecimalNumber(Int):
    """A decimal number. The arguments of its type are its digits and decimal places."""

    name = "decimal"
    type_name = "Decimal"
    refused = {
        **{"text": "many", "not a number": "NaN", "huge exponent": "1e999999999"},
        **{"boolean": True, "list": [1]},
    }
    plain = "PLAIN_DECIMAL"
    pattern = r"-?\d{1,30}(\.\d{1,30})?"
    parse = Decimal
    typical = "19.99"
    arguments = "12.2"

    def read_arguments(self, text: str) -> tuple[str, ...]:
        digits, _, places = text.partition(".")
        # The context of the module `decimal` has 28 digits.
        if not re.fullmatch(r"\d{1,2}\.\d{1,2}", text, re.ASCII) or not (
            1 <= int(digits) <= MAX_DIGITS and int(places) <= int(digits)
        ):
            raise ValueError(f"the type needs up to {MAX_DIGITS} digits, and places: decimal:12.2")
        return str(int(digits)), str(int(places))

    def step(self, field: Field) -> Decimal:
        return Decimal(1).scaleb(-int(field.arguments[1]))

    def limits(self, field: Field) -> tuple[Decimal, Decimal]:
        high = (10 ** int(field.arguments[0]) - 1) * self.step(field)
        return -high, high

    def read(self, field: Field, text: str) -> Any:
        value = super().read(field, text)
        if value % self.step(field):
            raise ValueError(f"must have at most {field.arguments[1]} decimal places")
        return value

    def to_json(self, field: Field, value: Decimal) -> str:
        return f"{value:.{field.arguments[1]}f}"

    def text(self, value: Decimal) -> str:
        return f"{value:f}"

    def column(self, field: Field) -> str:
        return f"Numeric({', '.join(field.arguments)})"

    def response_type(self, field: Field) -> str:
        return "DecimalText" if int(field.arguments[1]) > MAX_PLAIN_PLACES else "Decimal"

    def default_json(self, field: Field) -> str:
        return self.to_json(field, field.default)

    def source(self, field: Field, value_json: Any) -> str:
        return repr(Decimal(value_json))

    def aliases(self, field: Field) -> dict[str, str]:
        bounds = {"strict": "False"} | self.bounds(field)
        return {self.alias(field): self.annotated(field, bounds, self.plain)}

    def bounds(self, field: Field) -> dict[str, str]:
        digits, places = field.arguments
        return bounds_as_source(field) | {"max_digits": digits, "decimal_places": places}

    def annotated(self, field: Field, arguments: dict[str, str], *validators: str) -> str:
        rounding = f"to_places({field.arguments[1]})"
        return super().annotated(field, arguments, *validators, rounding)

    def example(self, field: Field) -> str:
        typical = super().example(field)
        return self.typical if Decimal(typical) == Decimal(self.typical) else str(typical)

    def returned_json(self, field: Field, sent: Any) -> str:
        return self.to_json(field, Decimal(str(sent)))

    def accepted_json(self, field: Field) -> list[Any]:
        accepted = super().accepted_json(field)
        return [*accepted, f"{Decimal(accepted[-1]):E}"]

    def refused_json(self, field: Field) -> dict[str, Any]:
        finer = self.span(field)[1] - self.step(field) / 10
        return super().refused_json(field) | {"too many decimal places": f"{finer:f}"}


class Float(Int):
    """A finite floating-point number."""

    name = "float"
    modifiers = frozenset({*OPERATORS, "default", "index"})
    included = frozenset()
    type_name = "float"
    column_name = "Double"
    refused = {"text": "many", "number as text": "1.5", "boolean": True, "list": [1]}
    plain = "PLAIN_DECIMAL"
    pattern = r"-?\d{1,30}(\.\d{1,30})?([eE][-+]?\d{1,3})?"
    parse = float
    typical = "1.5"

    def limits(self, field: Field) -> tuple[float, float]:
        return -sys.float_info.max, sys.float_info.max

    def step(self, field: Field) -> float:
        return 1e-6  # of samples

    def text(self, value: float) -> str:
        return str(int(value)) if value.is_integer() else repr(value)

    def neighbour(self, field: Field, value: float, sign: int) -> float:
        return math.nextafter(value, sign * math.inf)

    def bounds(self, field: Field) -> dict[str, str]:
        return bounds_as_source(field) | {"allow_inf_nan": "False"}


def bounds_as_source(field: Field) -> dict[str, str]:
    """Return the bounds that a field has, by name."""
    given = {name: field.bounds[name] for name in OPERATORS if name in field.bounds}
    return {
        name: grouped(int(value)) if value == int(value) else repr(value)
        for name, value in given.items()
    }
