"""The page on security: its requirements, their tests, its files and its permissions."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.files import texts
from tests.support.services import Render
from tests.support.variants import ROOT

pytestmark = pytest.mark.renders

ID = r"\b[A-Z]{3}-\d\d\b"


@pytest.fixture
def project(render: Render) -> Path:
    """Return a project whose page on security has every row."""
    return render(kubernetes=True)


@pytest.fixture
def page(project: Path) -> str:
    """Return the page on security."""
    return (project / "docs/service/security.md").read_text("utf-8")


@pytest.fixture
def holds(page: str) -> str:
    """Return the tables of the fulfilled requirements."""
    return page.split("## Requirement by requirement")[1].split("## Not yet", maxsplit=1)[0]


@pytest.fixture
def not_yet(page: str) -> str:
    """Return the table of the requirements that are not fulfilled yet."""
    return page.split("## Not yet")[1]


def rows(table: str) -> list[list[str]]:
    """Return the cells of all tables in a part of the page."""
    return [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]


def ids(table: str) -> list[str]:
    """Return the ids of all requirements in the rows of a table."""
    return [each for row in rows(table) for each in re.findall(ID, row[0])]


def docstrings(folder: Path) -> Iterator[str]:
    """Yield the docstring of every test below a folder."""
    for path in folder.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield ast.get_docstring(node) or ""


def test_every_fulfilled_requirement_has_a_test(holds: str) -> None:
    tests = [*docstrings(ROOT / "tests"), *docstrings(ROOT / "template/tests")]
    cited = {each for text in tests for each in re.findall(ID, text)}

    assert [each for each in ids(holds) if each not in cited] == []


def test_every_requirement_has_exactly_one_row(holds: str, not_yet: str) -> None:
    known = ids(holds) + ids(not_yet)

    assert len(known) > 150
    assert [each for each in known if known.count(each) > 1] == []


def test_every_cited_requirement_is_on_the_page(download: Path, holds: str, not_yet: str) -> None:
    known = {*ids(holds), *ids(not_yet)}
    families = "|".join(sorted({each[:3] for each in known}))
    python = {path: text for path, text in texts(download).items() if ".py" in path}

    cited = {each: path for path in python for each in families_in(families, python[path])}
    assert {each: path for each, path in cited.items() if each not in known} == {}


def families_in(families: str, text: str) -> list[str]:
    """Return the ids in a text that belong to one of the families."""
    return re.findall(rf"\b(?:{families})-\d+\b", text)


def test_files_named_on_the_security_page_exist(project: Path, page: str) -> None:
    named = re.findall(r"`([\w./-]+(?:\.\w+|/)|Dockerfile)`", page)

    assert len(named) > 100
    source = project / "src/app"
    places = (project, source, source / "api/v1/endpoints", ROOT)
    assert [name for name in named if not any((place / name).exists() for place in places)] == []


def statuses(table: ast.expr) -> dict[str, tuple[int, ...]]:
    """Return the statuses in a table of `tests/access`, with the defaults for omitted columns."""
    assert isinstance(table, ast.Dict)
    read = {}
    for operation, row in zip(table.keys, table.values, strict=True):
        assert isinstance(operation, ast.Constant)
        if isinstance(row, ast.Tuple):
            read[str(operation.value)] = ast.literal_eval(row)
            continue
        assert isinstance(row, ast.Call)
        named = {each.arg: each.value for each in row.keywords if each.arg != "send"}
        columns = {"anonymous": 401, "stranger": 404}
        columns |= {str(name): ast.literal_eval(value) for name, value in named.items()}
        others = (columns.get(name, columns["stranger"]) for name in ("owner", "administrator"))
        read[str(operation.value)] = (columns["anonymous"], columns["stranger"], *others)
    return read


def test_the_permissions_on_the_security_page_match_the_access_tables(page: str) -> None:
    told = {
        operation.strip("`"): tuple(map(int, statuses))
        for operation, *statuses in rows(page)
        if re.match("`[A-Z]+ /", operation)
    }

    walked: dict[str, tuple[int, ...]] = {}
    for path in (ROOT / "template/tests/access").glob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ACCESS":
                walked |= statuses(node.value)
    assert len(walked) > 20
    assert told == walked
