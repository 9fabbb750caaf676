"""The words that describe a resource are read strictly, and all mistakes are reported at once."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import HealthCheck, given, seed, settings

from dev.resource import arguments
from dev.resource.grammar import COMMON, MODIFIERS, field_parts, parse, read, read_field
from dev.resource.kinds import KINDS
from dev.resource.known import Known, Target
from dev.resource.recipe import OPERATIONS, Field, RecipeError, Resource
from tests.support.recipes import options, resources, words

USER = Target(
    name="user",
    model="User",
    module="app.models.user",
    table="users",
    is_owned=False,
)
MODULES = {"src/app/models/item.py", "src/app/services/accounts/__init__.py"}
NAMES = {"the table users", "the table app_jobs", "the path /log-ins", "the model Session"}
KNOWN = Known(
    {"user": USER, "customer": replace(USER, name="customer", is_owned=True)},
    frozenset(MODULES | NAMES),
)
settled = settings(max_examples=200, deadline=None, suppress_health_check=[*HealthCheck])


def parsed(line: str) -> Resource:
    """Return the resource that a command line describes."""
    command = arguments.read(line.split(" ") if line else [])
    return parse(command.words, command.options, KNOWN)


def mistakes(line: str) -> list[str]:
    """Return the mistakes of a command line."""
    with pytest.raises(RecipeError) as caught:
        parsed(line)
    return caught.value.mistakes


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


def test_all_mistakes_are_reported_at_once_with_the_nearest_words() -> None:
    assert mistakes(
        "item number:strr amount:decimal:ge=0 id:int x:int:ge=5:le=3 y:int:max=3:ge=a:ge=1 z "
        "code:str c:ref:custmer --sorts=a --sort amunt,x --access own --without lst --unique code"
    ) == [
        "number: the type strr is unknown. Do you mean str?",
        "amount: a decimal needs up to 27 digits, and places: decimal:12.2.",
        "id: id is a reserved name. Choose another name.",
        "x: fewer than two values are within these bounds.",
        "y: max does not fit int. Valid: default, ge, gt, immutable, index, le, lt, optional, "
        "readonly, unique.",
        "y: ge=a must be a number in plain digits.",
        "y: ge is given twice.",
        "z: a field needs a type, as in name:str.",
        "--sorts is unknown. Do you mean --sort?",
        "--access: own is unknown. Do you mean owner?",
        "--without: lst is unknown. Do you mean list?",
        "--unique: code must be several names, as in number,year.",
        "--sort: amunt is unknown. Do you mean amount?",
        "src/app/models/item.py exists. Choose another name, or another --plural.",
        "c: custmer is no resource. Do you mean customer?",
    ]


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("", "The name of a resource has lower-case letters, digits and single underscores"),
        ("thing", "a resource has 1 to 50 fields"),
        ("Thing a:str", "The name of a resource has lower-case letters"),
        ("thing__x a:str", "The name of a resource has lower-case letters"),
        (f"{'t' * 31} a:str", "The name of a resource has at most 30 characters"),
        ("class a:str", "class is a reserved name"),
        ("query a:str", "query is a reserved name. Choose a longer name, such as purchase_query"),
        ("session a:str", "session is a reserved name"),
        ("list a:str", "list is a reserved name"),
        ("search_text a:str", "search_text is a reserved name"),
        ("accounts a:str", "src/app/services/accounts/__init__.py exists"),
        ("login a:str --plural log_ins", "the path /log-ins exists"),
        ("account a:str --plural users", "the table users exists"),
        ("sheep a:str --plural sheep", "--plural: sheep is the name itself, or reserved"),
        ("thing a:str --plural Things", "The name of a table has lower-case letters"),
        ("thing a:str --plural all", "--plural: all is the name itself, or reserved"),
        ("thing select:str", "select: select is a reserved name"),
        ("thing owner_id:uuid", "owner_id: owner_id is a reserved name"),
        ("thing metadata:json", "metadata: metadata is a reserved name"),
        ("thing model_name:str", "model_name: model_name is a reserved name"),
        ("thing json:json", "json: json is a reserved name"),
        ("thing owner:ref:user", "two columns would be named owner_id"),
        ("thing a:str a:int", "two columns would be named a"),
        ("thing customer:ref:customer customer_id:uuid", "two columns would be named customer_id"),
        ("thing tag:int tags:list:str", "two types would be named Tag"),
        ("thing q:bool name:str", "two parameters of the list would be named q"),
        ("thing sort:bool", "two parameters of the list would be named sort"),
        ("thing thing_page:int", "two types would be named ThingPage"),
        ("thing name", "name: a field needs a type, as in name:str."),
        ("thing a:decimal:12", "a: a decimal needs up to 27 digits"),
        ("thing a:decimal:28.2", "a: a decimal needs up to 27 digits"),
        ("thing a:decimal:2.3", "a: a decimal needs up to 27 digits"),
        ("thing a:enum:one", "a: an enum needs 2 to 100 distinct values: enum:draft,sent."),
        ("thing a:enum:one,one", "a: an enum needs 2 to 100 distinct values"),
        ("thing a:enum:one,", "a: a value must have 1 to 50 visible characters"),
        ("thing a:enum:x,a\\b", "a: a\\b must have no colon, backslash or spaces"),
        ("thing a:list", "a: a list needs the type of its elements"),
        ("thing a:list:int", "a: a list needs the type of its elements"),
        ("thing a:ref", "a: a ref needs the name of a resource: ref:customer."),
        ("thing a:str:maxx=3", "a: maxx is no modifier. Do you mean max?"),
        ("thing a:str:max", "a: max needs a value, as in max=..."),
        ("thing a:str:max=0", "a: max=0 must be from 1 to 10000."),
        ("thing a:str:max=-1", "a: max=-1 must be from 1 to 10000."),
        ("thing a:str:optional=yes", "a: optional has no value."),
        ("thing a:str:unique=all", "a: unique=all is unknown. Valid: unique, unique=global."),
        (
            "thing a:ref:user:on-delete=drop",
            "a: on-delete=drop is unknown. Valid: on-delete=restrict",
        ),
        ("thing a:ref:user:on-delete=null", "a: on-delete=null needs optional."),
        ("thing a:str:max=3:min=4", "a: fewer than two values are within these bounds."),
        ("thing a:int:gt=1:lt=2", "a: fewer than two values are within these bounds."),
        ("thing a:int:ge=1:le=1", "a: fewer than two values are within these bounds."),
        ("thing a:int:ge=1:le=9:unique", "a: unique needs at least 10 values within the bounds."),
        ("thing a:int:ge=1:gt=1", "a: ge and gt exclude each other."),
        ("thing a:int:le=2147483648", "a: le=2147483648 must be from -2147483648 to 2147483647."),
        ("thing a:decimal:4.2:ge=100", "a: ge=100 must be from -99.99 to 99.99."),
        ("thing a:decimal:4.2:ge=0.001", "a: ge=0.001 must have at most 2 decimal places."),
        ("thing a:float:ge=nan", "a: ge=nan must be a number in plain digits."),
        ("thing a:int:ge=0:default=-1", "a: default=-1 must be from 0 to 2147483647."),
        ("thing a:int:default=-1:ge=0", "a: default=-1 must be from 0 to 2147483647."),
        ("thing a:str:max=2:default=abc", "a: default=abc must have from 1 to 2 characters."),
        ("thing a:enum:b,c:default=d", "a: default=d must be one of b, c."),
        ("thing a:bool:default=yes", "a: default=yes must be true or false."),
        (
            "thing a:date:default=2026-02-30",
            "a: default=2026-02-30 must be today, or have the form",
        ),
        ("thing a:date:default=now", "a: default=now must be today"),
        ("thing a:datetime:default=2026-05-31T09:30:00Z", "in a file for --from."),
        ("thing a:uuid:default=x", "a: default does not fit uuid."),
        ("thing a:int:default=1:optional", "a: a field with a default may be omitted anyway."),
        ("thing a:int:readonly b:str", "a: requests never set a readonly field. Add a default"),
        ("thing a:int:readonly:optional:immutable b:str", "readonly field. Remove immutable."),
        ("thing a:int:unique:index", "a: unique has an index already. Remove index."),
        ("thing a:str:max=601:index", "a: an index holds at most 600 characters. Add max=600."),
        ("thing a:str:max=601 --sort a", "--sort: a may have at most 600 characters"),
        ("thing a:str:max=400 b:str:max=400 --unique a,b", "--unique: an index holds at most 600"),
        ("thing a:json b:str --unique a,b", "--unique: a is json, which cannot be unique."),
        ("thing a:str:unique b:str --unique a,b", "--unique: a is unique already"),
        ("thing a:str b:str --unique a,a", "--unique: a,a has a name twice."),
        ("thing a:bool --sort a", "--sort: a list cannot sort by a, a bool."),
        ("thing a:int --search a", "--search: a list cannot search by a, a int."),
        ("thing a:json --filter a", "--filter: a list cannot filter by a, a json."),
        ("thing a:int b:bigint --before a,b", "--before: a and b must be two numbers or two times"),
        ("thing a:str b:str --before a,b", "--before: a and b must be two numbers or two times"),
        ("thing a:int --before a", "--before: a must be two names, as in starts_at,ends_at."),
        ("thing a:int b:int --before a,c", "--before: c is unknown."),
        (
            "thing a:int:ge=5 b:int:le=5 --before a,b",
            "--before: the bounds of a and b leave no pair",
        ),
        ("thing a:int:default=2 b:int:default=2 --before a,b", "the default of a is not before"),
        ("thing a:int --without list --sort a", "--sort: the resource has no list. Remove --sort."),
        ("thing a:int --without create,list,read,update,delete", "--without leaves no operation."),
        ("thing a:int:immutable", "requests can change no field. Add --without update."),
        ("thing a:int:readonly:optional", "requests can set no field. Add --without create."),
        ("thing a:str parent:ref:thing", "the first thing can refer to no other."),
        ("thing a:via:ticket", "access through a parent comes with the second release"),
        ("thing a:str:via=ticket", "access through a parent comes with the second release"),
        ("thing a:str --access via:ticket", "via:ticket comes with the second release"),
        ("thing a:str --permissions=x", "--permissions comes with the second release"),
        ("thing a:str --remove", "--remove: removing and renaming fields stays by hand."),
    ],
)
def test_a_mistake_is_reported_in_a_sentence(line: str, mistake: str) -> None:
    found = mistakes(line)

    assert any(mistake in each for each in found), found
    assert all(each.endswith((".", "?")) for each in found), found


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
    "name", ["product", "category", "status", "note", "event", "url", "test", "value", "client"]
)
def test_common_nouns_are_names_of_resources(name: str) -> None:
    assert parsed(f"{name} title:str").name == name


def test_unique_is_global_where_rows_have_no_owner() -> None:
    assert parsed("thing a:str:unique").fields[0].unique == "owner"
    assert parsed("thing a:str:unique --access shared").fields[0].unique == "global"


def test_values_are_parsed_by_their_type() -> None:
    fields = parsed(
        "thing a:decimal:4.2:le=1.5 b:date:default=2026-05-31 c:bool:default=true"
    ).fields

    assert fields[0].bounds == {"le": Decimal("1.5")}
    assert [each.default for each in fields[1:]] == [date(2026, 5, 31), True]
