"""The example is what the command writes, but for the business rule that was added by hand.

The files of larger resources stay short, too.
"""

from difflib import unified_diff
from pathlib import Path

import pytest

from dev.resource import arguments
from dev.resource.emit import emit
from dev.resource.grammar import read
from dev.resource.known import Known, Target
from dev.resource.literals import numbered
from dev.resource.recipe import Resource
from dev.resource.test_numbers import Numbers
from dev.resource.test_values import Values
from tests.support.processes import run

pytestmark = pytest.mark.renders

MOST_LINES = 200
ITEM = (
    "item name:str:max=100 price:decimal:12.4:gt=0 quantity:int:ge=0:le=10000 "
    "tags:list:str:max=10:each-max=50:optional "
    "--search name --sort name,price --filter price,tags"
)
# Resources with tests in files of up to 200 lines; the last has many references and unique values.
CUSTOMER = "customer name:str:max=120 email:email:unique"
RICH = (
    "room name:str:max=50:unique --access shared",
    "invoice number:str:max=40:unique amount:decimal:12.2:ge=0 "
    "status:enum:draft,sent:default=draft due_on:date:optional notes:text:optional "
    "customer:ref:customer",
    "booking title:str starts_at:datetime ends_at:datetime room:ref:room notes:text:optional "
    "--before starts_at,ends_at",
    "event title:str:max=99 code:str:max=10:unique number:int:ge=1:le=500 day:date "
    "customer:ref:customer room:ref:room:on-delete=cascade invoice:ref:invoice:optional "
    "host:ref:user:optional --unique title,day --unique number,room",
)
USER = Target(name="user", model="User", module="app.models.user", table="users", is_owned=False)
# The values of unique fields in the rows that tests add, as source.
NUMBERED = {
    "a:str:max=40:unique": ("count(10)", "f'A {n}'"),
    "a:str:max=3:min=3:unique": ("cycle(range(10, 100))", "f'{n}x'"),
    "a:int:ge=1:unique": ("count(10)", "n"),
    "a:int:ge=100:le=200:unique": ("cycle(range(10, 100))", "n + 100"),
    "a:decimal:12.2:unique": ("count(10)", "Decimal(f'{n}.00')"),
    "a:date:unique": ("count(10)", "date(2026, 5, 1) + timedelta(days=n)"),
    "a:uuid:unique": ("count(10)", "UUID(int=n)"),
    "a:int:ge=1:le=20:unique": ("cycle(range(5, 20))", "n + 1"),
    "a:int:ge=-19:le=0:unique": ("", "next(A_VALUES)"),
    "a:str:max=1:unique": ("", "next(A_VALUES)"),
}
# The differences. The rule is that an item in stock has a minimum price.
RULE = {
    "src/app/models/item.py": "",
    "src/app/schemas/item.py": '''\
-from typing import Annotated
+from typing import Annotated, Self
-from pydantic import Field
+from pydantic import Field, model_validator
+
+LEAST_PRICE = Decimal("0.01")
+def check_stock_price(price: Decimal, quantity: int) -> None:
+    """Raise `ValueError` if an item in stock costs less than `LEAST_PRICE`."""
+    if quantity > 0 and price < LEAST_PRICE:
+        raise ValueError(f"the price of an item in stock must be {LEAST_PRICE} or more")
+
+
+
+    @model_validator(mode="after")
+    def check_price_and_quantity(self) -> Self:
+        """Reject a price that is too low for an item in stock."""
+        check_stock_price(self.price, self.quantity)
+        return self
''',
    "src/app/services/item.py": """\
-from app.core.exceptions import NotFoundError
+from app.core.exceptions import NotFoundError, ValidationError
-from app.schemas.item import ItemCreate, ItemUpdate, PriceBound, SomeTags
+from app.schemas.item import ItemCreate, ItemUpdate, PriceBound, SomeTags, check_stock_price
-    Raise `NotFoundError` if the caller has no item with this id, and `PreconditionFailedError` if a
-    precondition fails.
+    Raise `NotFoundError` if the caller has no item with this id, `PreconditionFailedError` if a
+    precondition fails, and `ValidationError` if the price is too low for an item in stock.
+    try:
+        check_stock_price(item.price, item.quantity)
+    except ValueError as error:
+        raise ValidationError(str(error), "body") from error
""",  # noqa: E501 - lines of a difference
    "src/app/api/v1/endpoints/items.py": "",
    # Not of the rule: projects of release 0.2 may have rows beside these.
    "tests/access/items.py": """\
+# The first and the last row have the form of release 0.2, which is supported until 1.0.
-    "GET /api/v1/items": Access(stranger=200),
+    "GET /api/v1/items": (401, 200, 200, 200),
-    "DELETE /api/v1/items/{item_id}": Access(owner=204),
+    "DELETE /api/v1/items/{item_id}": (401, 404, 204, 404),
""",
    "tests/resources/test_items.py": "",
    "tests/resources/test_item_conflicts.py": "",
    "tests/resources/test_item_lists.py": "",
    "tests/resources/test_item_races.py": "",
}


def described(line: str) -> Resource:
    """Return the resource that a command line describes."""
    command = arguments.read(line.split())
    resource, mistakes = read(command.words, command.options)
    assert mistakes == []
    return resource


@pytest.fixture
def written(default: Path, tmp_path: Path) -> Path:
    """The folder with the files of the resources, formatted as the command formats them."""
    known = Known({"user": USER}, frozenset())
    for resource in map(described, (ITEM, CUSTOMER, *RICH)):
        known = known.including(resource)
        for path, source in emit(resource, known.targets).items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(source, "utf-8")
    fix = ("check", "--fix", "--exit-zero", "--quiet")
    for command in ((*fix, "--select=F401"), fix, ("format", "--quiet")):
        run("ruff", *command, "--config", default / "pyproject.toml", ".", cwd=tmp_path)
    return tmp_path


@pytest.mark.parametrize("path", RULE)
def test_the_example_is_what_the_command_writes_and_one_business_rule(
    default: Path, written: Path, path: str
) -> None:
    before, after = ((each / path).read_text("utf-8").split("\n") for each in (written, default))
    lines = [*unified_diff(before, after, n=0, lineterm="")][2:]

    assert [line for line in lines if not line.startswith("@@")] == RULE[path].splitlines()


def test_the_tests_of_a_resource_are_files_of_up_to_200_lines(written: Path) -> None:
    lengths = {
        each: len(each.read_text("utf-8").splitlines())
        for each in (written / "tests").rglob("*.py")
    }

    assert [each.name for each, length in lengths.items() if length > MOST_LINES] == []


@pytest.mark.parametrize("field", NUMBERED)
def test_unique_values_of_the_rows_of_tests_are_numbered_within_their_bounds(field: str) -> None:
    numbers = Numbers(Values(described(f"thing {field}")))

    assert (numbers.counter * bool(numbers.numbered), numbers.columns()["a"]) == NUMBERED[field]


def test_rows_with_a_part_of_unique_values_have_no_values_of_another_unique_group() -> None:
    sources = emit(described("thing a:str b:str c:bool --unique a,b --unique b,c"), {})
    source = sources["tests/resources/test_thing_relations.py"]

    assert "({'a': 'A 0', 'b': 'B 1'}, 201, 201)" in source
    assert "({'a': 'A 1', 'b': 'B 0'}, 201, 201)" not in source


@pytest.mark.parametrize("around", ["it's", '"', "{", "}", "\\"])
def test_texts_that_need_escapes_or_other_quotes_are_not_numbered(around: str) -> None:
    assert numbered([repr(f"{around} {number}") for number in range(3)]) is None
