"""The types of fields describe exactly what the schemas accept, refuse and return."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import Field as Constraints
from pydantic import ValidationError
from sqlalchemy import types
from sqlalchemy.dialects import postgresql

from app.core import field_types, validation
from app.core.clock import utc_now
from app.core.lists.query import KeysetQuery
from app.schemas.user import Email
from dev.resource.kinds import KINDS, kind_of
from dev.resource.recipe import Field

# The imports of the generated modules.
IMPORTED: dict[str, Any] = {
    **vars(validation),
    **vars(field_types),
    **vars(types),
    **{"Annotated": Annotated, "Any": Any, "Literal": Literal, "JSONB": postgresql.JSONB},
    **{"Decimal": Decimal, "UUID": UUID, "UTC": UTC, "date": date, "datetime": datetime},
    **{"Field": Constraints, "Email": Email, "KeysetQuery": KeysetQuery, "utc_now": utc_now},
}
ARGUMENTS: dict[str, list[tuple[str, ...]]] = {
    "decimal": [("12", "4"), ("27", "27"), ("3", "0")],
    "enum": [("draft", "it's", "2.0")],
    "list": [("str",)],
    "ref": [("customer",)],
}
BOUNDS: dict[str, list[dict[str, Any]]] = {
    "str": [{"max": 100}, {"max": 1}, {"min": 5, "max": 5}],
    "text": [{"min": 3, "max": 7}],
    "int": [{"ge": 0, "le": 10_000}, {"gt": -5, "lt": -2}, {"gt": 0}, {"le": -7}],
    "bigint": [{"ge": -(2**40)}],
    "decimal": [{"gt": 0}, {"ge": 0, "lt": Decimal("0.5")}, {"le": 0}],
    "float": [{"gt": 0.0, "le": 1.0}, {"ge": -0.5}, {"lt": 1e-9, "ge": 0.0}],
    "list": [{"max": 10, "each-max": 50}, {"max": 1, "each-max": 1}],
    "json": [{"max-bytes": 100}],
}
DEFAULTS: dict[str, list[Any]] = {"date": ["today"], "datetime": ["now"]}


def fields() -> list[Field]:
    """Return a field of each type with all its bounds and arguments, required and optional."""
    return [
        Field(name="labels", kind=kind, arguments=arguments, bounds=bounds, optional=optional)
        for kind in KINDS
        for arguments in ARGUMENTS.get(kind, [()])
        for bounds, optional in product([{}, *BOUNDS.get(kind, [])], [False, True])
        if not (arguments == ("3", "0") and bounds.get("lt"))
    ]


def defined(field: Field) -> dict[str, Any]:
    """Return the names that the field's source uses, and schemas with the field alone."""
    kind, names = kind_of(field), dict(IMPORTED)
    for definitions in (kind.model_aliases(field), kind.aliases(field), kind.bound_alias(field)):
        for name, source in definitions.items():
            names[name] = eval(source, names)  # noqa: S307 - our own
    null = " | None" if field.is_nullable else ""
    default = f" = {kind.default(field)}" if kind.default(field) else ""
    bound = next(iter(kind.bound_alias(field)), kind.alias(field))
    source = f"""
class Create(InputSchema):
    {field.member}: {kind.alias(field)}{null}{default}
class Response(OutputSchema):
    {field.member}: {kind.response_type(field)}{null}
class Query(KeysetQuery):
    {field.member}: {bound} | None = None
"""
    exec(source, names)  # noqa: S102 - our own
    return names


def returned(field: Field, names: dict[str, Any], sent: Any) -> Any:
    """Return a value as the service returns it; JSON has no other types."""
    created = names["Create"].model_validate(json.loads(json.dumps({field.member: sent})))
    response = names["Response"].model_validate(created)
    return json.loads(response.model_dump_json())[field.member]


def is_refused(names: dict[str, Any], field: Field, sent: Any) -> bool:
    """Return whether the schema refuses a value."""
    try:
        names["Create"].model_validate({field.member: sent})
    except ValidationError:
        return True
    return False


def described(field: Field) -> str:
    """Return the id of a test."""
    bounds = ",".join(f"{name}={value}" for name, value in field.bounds.items())
    return f"{field.kind} {'.'.join(field.arguments)} {bounds} {'optional' * field.optional}"


@pytest.mark.parametrize("field", fields(), ids=described)
def test_a_schema_accepts_refuses_and_returns_the_values_of_its_kind(field: Field) -> None:
    kind, names = kind_of(field), defined(field)
    samples = [kind.sample_json(field, number) for number in range(10)]

    for sent in (*kind.accepted_json(field), *samples):
        assert returned(field, names, sent) == kind.returned_json(field, sent), sent
    assert [kind.returned_json(field, each) for each in samples] == [
        returned(field, names, each) for each in samples
    ]
    for wrong, sent in kind.refused_json(field).items():
        assert is_refused(names, field, sent), wrong


@pytest.mark.parametrize("field", fields(), ids=described)
def test_source_of_a_value_equals_what_the_schema_reads(field: Field) -> None:
    kind, names = kind_of(field), defined(field)

    for number in range(10):
        sample = kind.sample_json(field, number)
        created = names["Create"].model_validate({field.member: sample})
        value = eval(kind.source(sample), names)  # noqa: S307 - our own
        assert getattr(created, field.member) == value


@pytest.mark.parametrize("field", fields(), ids=described)
def test_samples_differ_and_ascend_as_far_as_the_bounds_allow(field: Field) -> None:
    kind, names = kind_of(field), defined(field)
    samples = [eval(kind.source(kind.sample_json(field, n)), names) for n in range(10)]  # noqa: S307

    if "sort" in kind.flags:
        assert samples == sorted(samples)
        is_narrow = {"lt", "ge", "gt"} & {*field.bounds} and samples[-1] == samples[-2]
        assert len({*samples}) == 10 or is_narrow
    assert samples[0] != samples[1]


@pytest.mark.parametrize("field", fields(), ids=described)
def test_a_filter_accepts_the_text_of_each_value(field: Field) -> None:
    kind, names = kind_of(field), defined(field)
    if not kind.filters:
        return

    for sent in (*kind.accepted_json(field), kind.sample_json(field, 1)):
        if sent in ([], kind.accepted_json(field)[-1]) and field.kind == "list":
            continue  # a filter by several values needs one
        text = [*sent] if isinstance(sent, list) else str(sent)
        names["Query"].model_validate({"sort": "created_at", field.member: text})


@pytest.mark.parametrize("kind", KINDS)
def test_defaults_are_valid_in_the_schema_and_have_a_default_in_the_database(kind: str) -> None:
    reads_default = "default" in KINDS[kind].modifiers
    for field in fields():
        if field.kind != kind or field.optional or not reads_default:
            continue
        sample = KINDS[kind].sample_json(field, 1)
        text = sample if isinstance(sample, str) else KINDS[kind].text(sample)
        for default in (KINDS[kind].read(field, text), *DEFAULTS.get(kind, [])):
            given = Field(**{**vars(field), "default": default})
            value = getattr(defined(given)["Create"](), field.member)
            assert value is not None
            if default in {"now", "today"}:
                assert KINDS[kind].server_default(given).startswith("func.")
            else:
                assert value == default
                assert eval(KINDS[kind].server_default(given))  # noqa: S307 - our own


@pytest.mark.parametrize("field", fields(), ids=described)
def test_columns_are_types_of_sqlalchemy(field: Field) -> None:
    column = kind_of(field).column(field)

    if field.kind != "ref":
        type_ = types.to_instance(eval(column, dict(IMPORTED)))  # noqa: S307 - our own
        assert isinstance(type_, types.TypeEngine)


def test_a_list_may_be_omitted_but_is_never_null() -> None:
    names = defined(Field(name="labels", kind="list", arguments=("str",), optional=True))

    assert names["Create"]().labels == []
    with pytest.raises(ValidationError):
        names["Create"](labels=None)
