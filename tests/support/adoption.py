"""Performs the steps of the how-to about adoption on a project."""

import re
import shutil
from pathlib import Path

from tests.support.documented_commands import ADOPTING
from tests.support.how_to_steps import insert
from tests.support.variants import ROOT

# Files that the page describes in words, and the parts of the second router that it omits.
BY_HAND = ROOT / "tests/adopted"
PARENT = "down_revision: str | Sequence[str] | None = "


def move_by_hand(project: Path) -> None:
    """Perform the steps that the page gives as code and in words."""
    shutil.copytree(BY_HAND, project, dirs_exist_ok=True)
    before, _, after = page()
    assert write_code(before + after, project) == 7
    insert_lines(project)
    for revision in project.glob("migrations/versions/*_*.py"):
        first, rest = revision.read_text().split("\n", 1)
        revision.write_text(f"{first}.\n{rest}")


def page() -> tuple[str, str, str]:
    """Return the page in three parts: before the section about SQLModel, the section, and after."""
    text = (ROOT / ADOPTING).read_text("utf-8")
    before, rest = text.split("### SQLModel\n")
    section, heading, after = rest.partition("\n## ")
    return before, section, heading + after


def write_code(text: str, project: Path) -> int:
    """Write each block of code to the file that the text names; return the number of files."""
    written = re.findall(r"`([\w/]+\.py)`[^`]*:\n\n```python\n(.*?)^```$", text, re.M | re.S)
    for path, content in written:
        (project / path).write_text(content)
    return len(written)


def connect_revisions(versions: Path, newest: str) -> None:
    """Put the revision that names constraints, and then the template's, after the newest one."""
    _, _, text = page()
    (names,) = re.findall(r"```python\n(\"\"\"Rename a table.*?)^```$", text, re.M | re.S)
    names = re.sub(r"    op\.rename_table\(\"users.*\n", "", names)
    names = names.replace('    op.rename_table("members", "users")', "    pass")
    names = names.replace(f'{PARENT}"b7e4f0a91c2d"', f'{PARENT}"{newest}"')
    (versions / "names.py").write_text(names)
    put_after_names(versions)


def put_after_names(versions: Path) -> None:
    """Make the template's first revision follow the one that names constraints."""
    initial = versions / "initial.py"
    assert f"{PARENT}None\n" in initial.read_text()
    initial.write_text(initial.read_text().replace(f"{PARENT}None", f'{PARENT}"names"'))


def serve_old_routes(project: Path, module: str, models: str) -> None:
    """Import the moved models, and include the router of a module at the old paths."""
    insert(project / "src/app/models/__init__.py", "from app.models.user", models)
    main = project / "src/app/main.py"
    line = f"from app.api.v0.{module} import old_router\n"
    insert(main, "from app.api.v1.router import", line)
    line = "    app.include_router(old_router)\n"
    insert(main, 'app.include_router(api_router, prefix="/api/v1")\n', line, after=True)


def insert_lines(project: Path) -> None:
    """Insert the lines that the page requires in existing files."""
    serve_old_routes(project, "router", "from app.models.book import Author, Book, Member\n")
    line = '    shop_name: str = "Mara\'s"\n'
    insert(project / "src/app/config.py", "    app_name: str = project.NAME\n", line, after=True)
    with (project / ".env.example").open("a") as example:
        example.write("\n# Whose shop it is.\n# SHOP_NAME=Mara's\n")
    put_after_names(project / "migrations/versions")
