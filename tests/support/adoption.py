"""Performs the steps of the how-to about adoption on a project."""

import re
import shutil
from pathlib import Path

from tests.support.documented_commands import ADOPTING
from tests.support.how_to_steps import insert
from tests.support.variants import ROOT

# Files that the page describes in words, and the parts of the second router that it omits.
BY_HAND = ROOT / "tests/adopted"


def move_by_hand(project: Path) -> None:
    """Perform the steps that the page gives as code and in words."""
    shutil.copytree(BY_HAND, project, dirs_exist_ok=True)
    text = (ROOT / ADOPTING).read_text("utf-8")
    written = re.findall(r"`([\w/]+\.py)`[^`]*:\n\n```python\n(.*?)^```$", text, re.M | re.S)
    assert len(written) == 7
    for path, content in written:
        (project / path).write_text(content)
    insert_lines(project)
    for revision in project.glob("migrations/versions/*_*.py"):
        first, rest = revision.read_text().split("\n", 1)
        revision.write_text(f"{first}.\n{rest}")


def insert_lines(project: Path) -> None:
    """Insert the lines that the page requires in existing files."""
    models = project / "src/app/models/__init__.py"
    line = "from app.models.book import Author, Book, Member\n"
    insert(models, "from app.models.user", line)
    main = project / "src/app/main.py"
    line = "from app.api.v0.router import old_router\n"
    insert(main, "from app.api.v1.router import", line)
    line = "    app.include_router(old_router)\n"
    insert(main, 'app.include_router(api_router, prefix="/api/v1")\n', line, after=True)
    line = '    shop_name: str = "Mara\'s"\n'
    insert(project / "src/app/config.py", "    app_name: str = project.NAME\n", line, after=True)
    with (project / ".env.example").open("a") as example:
        example.write("\n# Whose shop it is.\n# SHOP_NAME=Mara's\n")
    initial = project / "migrations/versions/initial.py"
    parent = "down_revision: str | Sequence[str] | None = "
    assert f"{parent}None\n" in initial.read_text()
    initial.write_text(initial.read_text().replace(f"{parent}None", f'{parent}"names"'))
