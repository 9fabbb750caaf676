"""The example is what the command writes, but for the business rule that was added by hand."""

from difflib import unified_diff
from pathlib import Path

import pytest

from dev.resource import arguments
from dev.resource.emit import emit
from dev.resource.grammar import read
from dev.resource.recipe import Resource
from tests.support.processes import run

pytestmark = pytest.mark.renders

ITEM = (
    "item name:str:max=100 price:decimal:12.4:gt=0 quantity:int:ge=0:le=10000 "
    "tags:list:str:max=10:each-max=50:optional "
    "--search name --sort name,price --filter price,tags"
)
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
    """The folder with the files of the resource, formatted as the command formats them."""
    for path, source in emit(described(ITEM), {}).items():
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
