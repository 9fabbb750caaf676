"""Two generated resources of an owner, one of which is edited."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.support.how_to_steps import insert
from tests.support.processes import commit, run
from tests.support.services import Service

UNEDITED = ("customer", "name:str:max=120", "email:email:unique")
EDITED = (
    *("invoice", "number:str:max=40:unique", "amount:decimal:12.2:ge=0"),
    *("status:enum:draft,sent,paid:default=draft", "due_on:date:optional", "customer:ref:customer"),
)
ADDITION = ("invoice", "--add", "paid_at:datetime:optional", "--add-value", "status:void")
MODEL = "src/app/models/invoice.py"
SERVICE = "src/app/services/invoice.py"
TESTS = "tests/resources/test_invoices.py"
RECIPES = "resources.toml"
COLUMN = "    reference: Mapped[str | None] = mapped_column(String(35))\n"
ABOUT = ('"""An invoice of a user."""', '"""An invoice that a user sends to a customer."""')
METHOD = '''

async def count_invoices(session: AsyncSession, owner_id: UUID) -> int:
    """Return how many invoices a user has."""
    return len((await session.scalars(OWNED_INVOICES, {"owner_id": owner_id})).all())
'''
IMPORT = "from app.services.invoice import count_invoices\n"
TEST = """

async def test_an_invoice_with_a_reference_is_counted(
    database: RolledBackDatabase, user: User
) -> None:
    async with database.begin() as session:
        await add_invoice(session, user, reference="R-1")

        assert await count_invoices(session, user.id) == 1
"""
# The lines of the owner in each registry, and in the files of the edited resource.
REGISTERED = {
    "src/app/api/v1/router.py": (
        "from app.api.v1.endpoints.customers import router as customers_router\n",
        "from app.api.v1.endpoints.invoices import router as invoices_router\n",
        "api_router.include_router(customers_router)\n",
        "api_router.include_router(invoices_router)\n",
    ),
    "src/app/models/__init__.py": (
        "from app.models.customer import Customer\n",
        "from app.models.invoice import Invoice\n",
    ),
}
EDITS = {MODEL: (COLUMN, ABOUT[1]), SERVICE: (METHOD,), TESTS: (IMPORT, TEST)}


def write_resources(service: Service) -> None:
    """Generate both resources, edit one of them, and commit everything."""
    service.run("poe", "resource", *UNEDITED)
    service.run("poe", "resource", *EDITED)
    edit_invoices(service.folder)
    service.run("poe", "migration", "add references of invoices")
    service.run("poe", "migrate")
    commit(service.folder, "Mine")


def edit_invoices(folder: Path) -> None:
    """Add a column, a function and a test, and change a sentence."""
    model = folder / MODEL
    model.write_text(model.read_text("utf-8").replace(*ABOUT), "utf-8")
    insert(model, "    status: Mapped", COLUMN)
    insert(folder / TESTS, "from tests.access.invoices import", IMPORT)
    for path, text in ((SERVICE, METHOD), (TESTS, TEST)):
        with (folder / path).open("a", encoding="utf-8") as file:
            file.write(text)


def missing(folder: Path, texts: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the texts that are not in their files."""
    files = {path: (folder / path).read_text("utf-8") for path in texts}
    return [each for path in texts for each in texts[path] if each not in files[path]]


def own_files(folder: Path, edits: str) -> dict[str, bytes]:
    """Return the files that the owner's commit added."""
    names = ("--name-only", "--diff-filter=A", f"{edits}~1", edits)
    paths = run("git", "diff", *names, cwd=folder).split()
    return {path: (folder / path).read_bytes() for path in paths if path != "uv.lock"}
