"""Compares the constraints of two schemas of one type: enumerations, bounds, formats, patterns."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from dev.contract.changes import Change, Direction, Place, Rule
from dev.contract.document import Object

UPPER = ("maxLength", "maxItems", "maxProperties")
LOWER = ("minLength", "minItems", "minProperties")
# Two different values of these cannot be compared, so each difference may be breaking.
OPAQUE = (
    *("format", "pattern", "contentMediaType", "contentEncoding", "contentSchema"),
    *("multipleOf", "uniqueItems", "contains", "minContains", "maxContains"),
    *("patternProperties", "dependentRequired", "dependentSchemas", "not", "if", "then", "else"),
    *("unevaluatedItems", "unevaluatedProperties"),
)


def constraint_changes(
    sent: Object, accepted: Object, direction: Direction, place: Place
) -> Iterator[Change]:
    """Yield the constraints of `accepted` that a value which matches `sent` may violate."""
    if "enum" in accepted:
        yield from _enum_changes(sent, accepted["enum"], direction, place)
    if "enum" in sent:
        return  # the values are listed, so the other constraints add nothing
    is_request = direction is Direction.REQUEST
    for name, wide, narrow in _violated(sent, accepted):
        old, new = (wide, narrow) if is_request else (narrow, wide)
        rule = Rule.CONSTRAINT if name in OPAQUE else Rule.BOUND
        yield Change(rule, place, f"{name} changed from {_shown(old)} to {_shown(new)}")


def _enum_changes(
    sent: Object, values: list[Any], direction: Direction, place: Place
) -> Iterator[Change]:
    is_request = direction is Direction.REQUEST
    if "enum" not in sent:
        text = "now accepts only" if is_request else "is no longer limited to"
        yield Change(Rule.ENUM, place, f"{text} {_listed(values)}")
        return
    known = [*map(json.dumps, values)]
    if extra := [value for value in sent["enum"] if json.dumps(value) not in known]:
        text = "no longer accepts" if is_request else "may now be"
        yield Change(Rule.ENUM, place, f"{text} {_listed(extra)}")


def _violated(sent: Object, accepted: Object) -> Iterator[tuple[str, Any, Any]]:
    """Yield the name of each violated constraint, and its value in both schemas."""
    for name in (*UPPER, *LOWER):
        limit, actual = accepted.get(name), sent.get(name)
        if limit is None or (limit == 0 and name in LOWER):
            continue
        if actual is None or (actual > limit if name in UPPER else actual < limit):
            yield name, actual, limit
    for sign, name in ((1, "maximum"), (-1, "minimum")):
        limit, actual = _limit(accepted, sign), _limit(sent, sign)
        if limit is not None and (actual is None or actual > limit):
            yield name, _written(actual, sign), _written(limit, sign)
    for name in OPAQUE:
        if accepted.get(name, False) is not False and not _is_implied(name, sent, accepted):
            yield name, sent.get(name), accepted[name]


def _limit(schema: Object, sign: int) -> tuple[float, int] | None:
    """Return the upper limit, or with sign -1 the negated lower one; 0 marks an exclusive limit."""
    name = "aximum" if sign > 0 else "inimum"
    limits = [(sign * schema[f"m{name}"], 1)] if f"m{name}" in schema else []
    if (exclusive := schema.get(f"exclusiveM{name}")) is not None:
        is_whole = schema.get("type") == "integer" and exclusive == int(exclusive)
        limits.append((sign * exclusive - 1, 1) if is_whole else (sign * exclusive, 0))
    return min(limits, default=None)


def _written(limit: tuple[float, int] | None, sign: int) -> str | None:
    return limit and f"{sign * limit[0]:g}{'' if limit[1] else ' (exclusive)'}"


def _is_implied(name: str, sent: Object, accepted: Object) -> bool:
    if name == "multipleOf" and name in sent:
        return Decimal(str(sent[name])) % Decimal(str(accepted[name])) == 0
    return bool(sent.get(name) == accepted[name])


def _listed(values: list[Any]) -> str:
    return ", ".join(map(_shown, values))


def _shown(value: object) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
