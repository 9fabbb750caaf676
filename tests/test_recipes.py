"""The how-tos that extend a service."""

import re
from pathlib import Path

import pytest

from tests.support.documented_commands import HOW_TOS, blocks
from tests.support.how_to_steps import add_rows, follow, insert
from tests.support.services import Install, Service
from tests.support.variants import ROOT

SETTINGS = ("add-a-setting", "open-a-client")
RECIPES = [
    *("cache-an-answer", "use-a-feature-flag", "call-another-service", "run-blocking-work"),
    *("relate-resources", "make-a-hot-endpoint-faster", *SETTINGS),
]
# Each of these changes the invoices that the previous how-tos have added.
API_TESTS = (
    "tests/test_api_description.py",
    "tests/test_openapi.py",
    "tests/test_openapi_examples.py",
)
OF_INVOICES = ("unique-per-owner", "add-an-enum-column")
ROUTERS = {"export", "invoice_totals", "invoices", "stock", "support"}
# Existing files that a how-to replaces, because they belong to the owner.
OWN = {"src/app/clients.py"}
INVOICES = ("Customer", "Invoice", "InvoiceLine")

# One pytest worker installs the service.
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")


@pytest.fixture(scope="module")
def service(install: Install) -> Service:
    """Return a service to which all of the how-tos were applied."""
    service = install(auth_stack="pyjwt-pwdlib")
    for recipe in RECIPES:
        write_files(f"{HOW_TOS}/{recipe}.md", service.folder)
    add_settings(service.folder)
    include_routers(service.folder / "src/app/api/v1/router.py")
    add_models(service.folder / "src/app/models/__init__.py")
    let_items_forget(service.folder / "src/app/api/v1/endpoints/items.py")
    service.run("poe", "format")
    service.run("poe", "migrate")
    service.run("poe", "migration", "add invoices")
    change_the_invoices(service.folder)
    service.run("poe", "format")
    service.run("poe", "migrate")
    service.run("poe", "migration", "change invoices")
    return service


def files_of(document: str) -> list[tuple[str, str]]:
    """Return each file that a how-to shows in full, with its path."""
    text = (ROOT / document).read_text("utf-8")
    return re.findall(
        r"`([\w/]+\.py)`[^`]*:[^`]*\n\n```python\n(\"\"\".*?)^```$", text, re.M | re.S
    )


def write_files(document: str, project: Path) -> None:
    """Write each block of Python into the file that is named before it."""
    named = files_of(document)
    assert (
        len(named) >= len(blocks(document, "python")) - 1
    )  # at most one block changes an existing file
    for path, content in named:
        assert (project / path).exists() == (path in OWN)
        (project / path).write_text(content)


def add_settings(project: Path) -> None:
    """Add the settings of the how-tos to `Settings`, and to the example file."""
    for recipe in SETTINGS:
        document = f"{HOW_TOS}/{recipe}.md"
        (setting,) = [each for each in blocks(document, "python") if each.startswith("    ")]
        (example,) = blocks(document, "ini")
        insert(project / "src/app/config.py", "\n    @model_validator", setting)
        with (project / ".env.example").open("a") as file:
            file.write(example)


def include_routers(path: Path) -> None:
    """Include the routers of the how-tos, under the names that they give."""
    lines = "".join(
        f"from app.api.v1.endpoints.{name} import router as {name}_router\n" for name in ROUTERS
    )
    included = "".join(f"api_router.include_router({name}_router)\n" for name in ROUTERS)
    path.write_text(path.read_text().replace("\napi_router =", f"{lines}\napi_router =") + included)


def add_models(path: Path) -> None:
    """Import the models of the how-to."""
    insert(path, "from app.models.item", f"from app.models.invoice import {', '.join(INVOICES)}\n")


def change_the_invoices(project: Path) -> None:
    """Apply all changes of the how-tos to the invoices."""
    model, table = project / "src/app/models/invoice.py", project / "tests/access/invoices.py"
    add_rows(f"{HOW_TOS}/make-a-hot-endpoint-faster.md", table)
    for name in OF_INVOICES:
        follow(ROOT / f"{HOW_TOS}/{name}.md", project)
        add_rows(f"{HOW_TOS}/{name}.md", table)
    (column,) = [
        block
        for block in blocks(f"{HOW_TOS}/add-an-enum-column.md", "python")
        if block.startswith("    status:")
    ]
    insert(model, "    due: Mapped[date]\n", column, after=True)


def let_items_forget(path: Path) -> None:
    """Replace the router of the items with that of the how-to."""
    (router,) = [
        block
        for block in blocks(f"{HOW_TOS}/cache-an-answer.md", "python")
        if block.startswith("router =")
    ]
    imports = "from fastapi import Depends\nfrom app.api.v1.endpoints.stock import forget_stock\n"
    code, replaced = re.subn(r"^router = APIRouter\(.*\)\n", router, path.read_text(), flags=re.M)
    assert replaced == 1
    path.write_text(code.replace("from uuid import UUID\n", f"from uuid import UUID\n{imports}", 1))


def test_a_service_built_with_the_how_tos_passes_its_checks(service: Service) -> None:
    service.run("poe", "lint")
    service.run("poe", "types")
    recipes = (*RECIPES, *OF_INVOICES)
    paths = [path for recipe in recipes for path, _ in files_of(f"{HOW_TOS}/{recipe}.md")]
    written = [path for path in paths if "/test_" in path]
    assert len(written) >= len(recipes)

    assert " passed" in service.run("pytest", "-q", "tests/access", *API_TESTS, *written)


def test_the_feature_flags_in_the_how_to_are_valid(service: Service) -> None:
    (line,) = blocks(f"{HOW_TOS}/use-a-feature-flag.md", "ini")
    code = (
        "from pydantic import TypeAdapter; from app.core.setting_types import FlagShares;"
        f"print(TypeAdapter(FlagShares).validate_python({line.strip().partition('=')[2]!r}))"
    )

    assert service.run("python", "-c", code).strip() == "{'new-checkout': 10, 'export': 100}"


def test_replacing_the_feature_flag_provider_takes_one_line(service: Service) -> None:
    (line,) = [
        block
        for block in blocks(f"{HOW_TOS}/use-a-feature-flag.md", "python")
        if "provider =" in block
    ]
    resources = service.folder / "src/app/resources.py"
    before = resources.read_text()
    bought = "from openfeature.provider.no_op_provider import NoOpProvider as FlagdProvider\n"
    code, replaced = re.subn(r"^ +provider = .*\n", line, before, flags=re.M)
    assert replaced == 1
    resources.write_text(code.replace("from httpx import", f"{bought}from httpx import", 1))
    try:
        assert " passed" in service.run("pytest", "-q", "tests/test_guide.py")
    finally:
        resources.write_text(before)
