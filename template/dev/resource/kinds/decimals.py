"""Decimal numbers."""

import re
from decimal import Decimal
from typing import Any

from dev.resource.kinds.numbers import Int
from dev.resource.recipe import Field

MAX_DIGITS = 27  # the context of the module `decimal` has 28
MAX_PLAIN_PLACES = 6  # Pydantic may write numbers with more places with an exponent


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
    number = Decimal
    typical = "19.99"
    arguments = "12.2"

    def read_arguments(self, text: str) -> tuple[str, ...]:
        match = re.fullmatch(r"(\d{1,2})\.(\d{1,2})", text, re.ASCII)
        digits, places = map(int, match.groups()) if match else (0, 0)
        if places > digits:
            raise ValueError(f"its digits include its places, but {places} is more than {digits}")
        if not 1 <= digits <= MAX_DIGITS:
            needs = f"its digits, at most {MAX_DIGITS}, and its places"
            raise ValueError(f"a decimal needs {needs}, as in decimal:12.2")
        return str(digits), str(places)

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

    def text(self, value: Decimal) -> str:
        return f"{value:f}"

    def parse(self, value_json: Any) -> Decimal:
        return Decimal(str(value_json))

    def to_json(self, field: Field, value: Decimal) -> str:
        return f"{value:.{field.arguments[1]}f}"

    def column(self, field: Field) -> str:
        return f"Numeric({', '.join(field.arguments)})"

    def response_type(self, field: Field) -> str:
        return "DecimalText" if int(field.arguments[1]) > MAX_PLAIN_PLACES else "Decimal"

    def aliases(self, field: Field) -> dict[str, str]:
        bounds = {"strict": "False"} | self.bounds(field)
        return {self.alias(field): self.annotated(field, bounds, self.plain)}

    def bounds(self, field: Field) -> dict[str, str]:
        digits, places = field.arguments
        return self.sources(field) | {"max_digits": digits, "decimal_places": places}

    def annotated(self, field: Field, arguments: dict[str, str], *validators: str) -> str:
        rounding = f"to_places({field.arguments[1]})"
        return super().annotated(field, arguments, *validators, rounding)

    def example(self, field: Field) -> str:
        typical = super().example(field)
        return self.typical if Decimal(typical) == Decimal(self.typical) else str(typical)

    def accepted_json(self, field: Field) -> list[Any]:
        accepted = super().accepted_json(field)
        return [*accepted, f"{Decimal(accepted[-1]):E}"]

    def refused_json(self, field: Field) -> dict[str, Any]:
        finer = self.span(field)[1] - self.step(field) / 10
        return super().refused_json(field) | {"too many decimal places": f"{finer:f}"}
