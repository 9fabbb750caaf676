"""The words that describe a resource are read strictly."""

import re
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import HealthCheck, given, seed, settings

from dev.resource import arguments
from dev.resource.grammar import COMMON, MODIFIERS, field_parts, read, read_field
from dev.resource.kinds import KINDS
from dev.resource.recipe import OPERATIONS, Field, Resource
from tests.support.command_lines import parsed
from tests.support.recipes import options, resources, words

settled = settings(max_examples=200, deadline=None, suppress_health_check=[*HealthCheck])


def test_a_line_is_read_into_a_recipe() -> None:
    resource = parsed(
        "invoice number:str:max=40:unique amount:decimal:12.2:ge=0 "
        "status:enum:draft,sent,paid:default=draft due_on:date:optional --sort amount "
        "notes:text:optional customer:ref:customer author:ref:user:optional --no-versioned"
    )

    assert resource == Resource(
        name="invoice",
        plural="invoices",
        fields=(
            Field(name="number", kind="str", bounds={"max": 40}, unique="owner"),
            Field(name="amount", kind="decimal", arguments=("12", "2"), bounds={"ge": Decimal(0)}),
            Field(name="status", kind="enum", arguments=("draft", "sent", "paid"), default="draft"),
            Field(name="due_on", kind="date", optional=True),
            Field(name="notes", kind="text", optional=True),
            Field(name="customer", kind="ref", arguments=("customer",)),
            Field(name="author", kind="ref", arguments=("user",), optional=True, on_delete="null"),
        ),
        search=("number",),
        sort=("amount",),
        filter=("amount", "status", "due_on", "customer", "author"),
        versioned=False,
    )
    assert [each.member for each in resource.refs] == ["customer_id", "author_id"]


def test_the_example_of_the_template_can_be_described() -> None:
    line = (
        "product name:str:max=100 price:decimal:12.4:gt=0 quantity:int:ge=0:le=10000 "
        "tags:list:str:max=10:each-max=50:optional --search name --sort name,price "
        "--filter price,tags"
    )

    resource = parsed(line)

    assert [":".join(field_parts(each)) for each in resource.fields] == line.split(" ")[1:5]
    assert (resource.search, resource.sort) == (("name",), ("name", "price"))


@seed(18)
@settled
@given(resource=resources())
def test_the_words_of_a_recipe_are_read_into_the_same_recipe(resource: Resource) -> None:
    assert read(words(resource), options(resource)) == (resource, [])


def test_the_grammar_contains_nothing_that_a_shell_expands() -> None:
    samples = [kind.arguments for kind in KINDS.values()]
    grammar = "".join(
        [*KINDS, *MODIFIERS, *COMMON, *OPERATIONS, *arguments.flags(), *samples, ":,="]
    )

    assert re.fullmatch(r"[A-Za-z0-9:,=._-]+", grammar)


def test_a_modifier_fits_a_type_or_is_refused() -> None:
    for (name, kind), modifier in product(KINDS.items(), sorted(MODIFIERS)):
        found: list[str] = []
        read_field(["field", name, *filter(None, [kind.arguments]), modifier], found)

        fits = modifier in COMMON | kind.modifiers
        assert any(f"{modifier} does not fit {name}" in each for each in found) != fits


def test_valid_lines_at_the_edges_are_accepted() -> None:
    for line in (
        "thing a:int:gt=1:lt=4 b:date:default=today c:datetime:default=now",
        "thing a:bool:default=false b:float:default=0.1:ge=-1e3 c:text:min=1:max=100000",
        "thing parent:ref:thing:optional a:str:max=600:unique",
        "thing a:int:immutable --without update",
        "thing a:int:readonly:default=0 --without create,update",
        "thing a:str --sort= --search= --filter=",
        "thing a:enum:in-progress,2.0,Ça",
        "thing starts_at:datetime:default=now ends_at:datetime:optional --before starts_at,ends_at",
        "thing a:decimal:27.27 b:decimal:1.0:default=9",
    ):
        parsed(line)


@pytest.mark.parametrize(
    "name", ["product", "category", "status", "note", "event", "url", "test", "client"]
)
def test_common_nouns_are_names_of_resources(name: str) -> None:
    assert parsed(f"{name} title:str").name == name


def test_unique_is_global_where_rows_have_no_owner() -> None:
    assert parsed("thing a:str:unique").fields[0].unique == "owner"
    assert parsed("thing a:str:unique --access shared").fields[0].unique == "global"


@pytest.mark.parametrize(
    ("words", "on_delete"),
    [
        ("customer", "restrict"),
        ("customer:optional", "null"),
        # A row of one user must not prevent the deletion of the account of another user.
        ("user", "cascade"),
        ("user:optional", "null"),
        ("user:on-delete=restrict", "restrict"),
        ("user:on-delete=restrict:optional", "restrict"),
        ("customer:on-delete=cascade", "cascade"),
    ],
)
def test_the_deletion_of_the_other_row_has_a_default_that_suits_it(
    words: str, on_delete: str
) -> None:
    (field,) = parsed(f"thing a:ref:{words}").fields

    assert field.on_delete == on_delete
    assert ":".join(field_parts(field)) == f"a:ref:{words}"


def test_values_are_parsed_by_their_type() -> None:
    fields = parsed(
        "thing a:decimal:4.2:le=1.5 b:date:default=2026-05-31 c:bool:default=true"
    ).fields

    assert fields[0].bounds == {"le": Decimal("1.5")}
    assert [each.default for each in fields[1:]] == [date(2026, 5, 31), True]
