"""Developer commands in any folder and with any shell variables, and their messages."""

import re
import shutil
from pathlib import Path

import pytest

from tests.support.processes import CommandFailedError, run
from tests.support.services import Install, Service

# One pytest worker installs the service.
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")

QUICK = ("tests/test_migrations.py", "tests/test_settings.py", "tests/api/test_health.py")
# An expression that selects the tests whose failures give advice.
ADVISED = "migrations_match or matching_index or list_exactly"
MODEL = """
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db.base import Record


class Invoice(Record):
    __tablename__ = "invoices"

    number: Mapped[str] = mapped_column()
"""
FAILING = """
import logging


def test_that_fails() -> None:
    logging.getLogger("mine").warning("a line of the log")
    raise AssertionError
"""
LIBPQ = {
    "PGSSLMODE": "require",
    "PGHOST": "nowhere.example",
    "PGPORT": "none",
    "PGDATESTYLE": "none",
    "PGCLIENTENCODING": "none",
    "PGOPTIONS": "--none",
    "PGSERVICE": "none",
    "PGTARGETSESSIONATTRS": "standby",
}


@pytest.fixture(scope="module")
def service(install: Install) -> Service:
    """Return a service that the tests change."""
    return install(auth_stack="pyjwt-pwdlib")


def commands(service: Service) -> Path:
    """Return the folder of the service's commands."""
    return Path(service.environment["UV_PROJECT_ENVIRONMENT"], "bin")


def refused(service: Service, *command: str, **environment: str) -> str:
    """Return the last line of a command that fails."""
    with pytest.raises(CommandFailedError) as caught:
        run(*command, cwd=service.folder, **service.environment, **environment)
    assert "Traceback" not in str(caught.value)
    return str(caught.value).strip().splitlines()[-1]


@pytest.mark.parametrize("place", ["tests/api", "..", "/"])
def test_pytest_finds_the_project_from_every_folder(service: Service, place: str) -> None:
    files = [str(service.folder / name) for name in QUICK]

    said = run(commands(service) / "pytest", "-q", *files, cwd=service.folder / place)

    assert re.search(r"^\d+ passed in", said, re.MULTILINE)


def test_pytest_without_arguments_runs_the_tests_from_the_parent_folder(
    service: Service, tmp_path: Path
) -> None:
    project = tmp_path / "50% 'ä' #1?/project"
    shutil.copytree(service.folder, project, ignore=shutil.ignore_patterns(".data", ".*_cache"))
    for name in ("accounts", "resources", "services"):  # the others suffice
        shutil.rmtree(project / "tests" / name)

    assert " passed in" in run(commands(service) / "pytest", "-q", cwd=project.parent)


def test_tests_and_commands_ignore_variables_of_python_and_libpq(
    service: Service, tmp_path: Path
) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").write_text("raise SystemExit('another project')")
    variables = {
        **service.environment,
        **LIBPQ,
        "PYTHONPATH": str(tmp_path),
        "PYTHONSAFEPATH": "1",
        "PYTHONWARNINGS": "error",
        "PYTHONWARNDEFAULTENCODING": "1",
        "PYTHONUTF8": "0",
        "LC_ALL": "C",
    }

    run(commands(service) / "pytest", "-q", *QUICK, cwd=service.folder, **variables)
    variables |= {"PYTHONWARNINGS": "", "PYTHONOPTIMIZE": "2"}
    said = run(commands(service) / "poe", "app", "check", cwd=service.folder, **variables)

    assert said.splitlines()[-1] == "The settings are valid for local."


def test_pytest_rejects_a_python_that_ignores_assertions(service: Service) -> None:
    said = refused(service, str(commands(service) / "pytest"), PYTHONOPTIMIZE="1")

    assert said == "ERROR: Unset PYTHONOPTIMIZE: with it, Python ignores `assert`."


def test_failing_tests_print_each_log_line_once(service: Service) -> None:
    (service.folder / "tests/test_failing.py").write_text(FAILING)
    try:
        with pytest.raises(CommandFailedError) as caught:
            run(commands(service) / "pytest", "tests/test_failing.py", cwd=service.folder)
    finally:
        (service.folder / "tests/test_failing.py").unlink()

    source = 'warning("a line of the log")'
    assert str(caught.value).replace(source, "").count("a line of the log") == 1


def test_poe_migration_migrates_first_and_writes_only_changes(service: Service) -> None:
    versions, poe = service.folder / "migrations/versions", str(commands(service) / "poe")
    before = {*versions.glob("*.py")}
    package = service.folder / "src/app/models/__init__.py"
    original = package.read_text("utf-8")

    assert refused(service, poe, "migration").startswith("Say what changes, such as:")
    assert "there is nothing to write" in service.run("poe", "migration", "nothing")
    (package.parent / "invoice.py").write_text(MODEL)
    line = "from app.models.invoice import Invoice"
    assert refused(service, poe, "migration", "add invoices") == (
        f"src/app/models/invoice.py is not imported: add `{line}` to src/app/models/__init__.py."
    )
    assert {*versions.glob("*.py")} == before
    package.write_text(f"{original}{line}\n")
    service.run("poe", "migration", "add invoices")
    assert "there is nothing to write" in service.run("poe", "migration", "nothing")

    [written] = versions.glob("*_add_invoices_*.py")
    written.unlink()
    (package.parent / "invoice.py").unlink()
    package.write_text(original)
    shutil.rmtree(service.folder / ".data")


def test_poe_python_compares_python_with_the_image(service: Service) -> None:
    said = service.run("poe", "python")

    assert re.fullmatch(
        r"Python 3\.\d+\.\S+ runs here, and 3\.14 in the image and the pipeline"
        r"(\.|: `uv sync --python 3\.14` selects it here\.)\n",
        said,
    )


def test_poe_lint_prints_no_logo(service: Service) -> None:
    assert "╔" not in service.run("poe", "lint")


def test_failing_tests_of_the_project_say_what_to_do(service: Service) -> None:
    item, access = (
        service.folder / name for name in ("src/app/models/item.py", "tests/access/items.py")
    )
    originals = {file: file.read_text("utf-8") for file in (item, access)}
    item.write_text(re.sub(r".*ix_items_owner_id_price_id.*\n", "", originals[item]))
    access.write_text(re.sub(r' +"GET /api/v1/items": .*\n', "", originals[access]))
    try:
        with pytest.raises(CommandFailedError) as caught:
            run(commands(service) / "pytest", "-q", "-k", ADVISED, cwd=service.folder)
    finally:
        for file, text in originals.items():
            file.write_text(text)

    for advice in (
        'Write a revision: uv run poe migration "what changes"',
        "Add an index to the table items that ends with the keys of this order: items.price ASC",
        '"GET /api/v1/items": Access(owner=200),',
    ):
        assert advice in str(caught.value)
