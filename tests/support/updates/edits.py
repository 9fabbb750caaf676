"""Typical edits of owners: a little of everything."""

import re
from pathlib import Path

from tests.support.how_to_steps import insert
from tests.support.processes import commit, run
from tests.support.services import Service
from tests.support.updates.moved_edits import edit_moved_files, new_path, new_text

SERVICE = "src/app/services/user.py"
MODEL = "src/app/models/user.py"
SETTINGS = "src/app/config.py"
OPTIONAL = "AGENTS.md"
DOTENV = """\
# Of this machine.
ENVIRONMENT=local
SECRET_KEY=Zb3kV0sJ9qLm4Xw7Tt2Rc8Yp5Nd1Ge6Uh-Fa_Ko0Ij3Ql9Es4
GREETING=Moin
"""
METHOD = '''

async def count_users(session: AsyncSession) -> int:
    """Return how many accounts there are."""
    return len((await session.scalars(select(User.id))).all())
'''
COLUMN = "    locale: Mapped[str | None] = mapped_column(String(35))\n"
SETTING = '    greeting: str = "Hello"\n'
EXAMPLE = "\n# What visitors are greeted with.\n# GREETING=Hello\n"
PACKAGE = '    "python-slugify>=8,<9",\n'
TOOL = '    "respx>=0.22,<1",\n'
IMAGE = "# Reports are printed in the office's time.\nENV TZ=Europe/Berlin\n"
GITHUB = """
  announce:
    name: Announce
    needs: image
    runs-on: ubuntu-latest
    timeout-minutes: 5
    permissions: {}
    steps:
      - run: echo "It is built."
"""
GITLAB = """
announce:
  needs: [build-image]
  script:
    - echo "It is built."
"""
# New objects in the database.
MARK = re.compile("notes|locale")
# Text that is appended to a file, if the project has it.
APPENDED = {
    SERVICE: METHOD,
    ".env.example": EXAMPLE,
    ".github/workflows/ci.yml": GITHUB,
    ".gitlab-ci.yml": GITLAB,
    "src/app/api/v1/router.py": "api_router.include_router(notes_router)\n",
}
# Until 0.3.0 the models were listed by name, too; an upgrade to 0.4.0 drops that list.
LISTED = ("src/app/models/__init__.py", '    "User",', '    "Note",\n')
# Text that is inserted before a line.
INSERTED = [
    ("pyproject.toml", '    "redis>=', PACKAGE),
    ("pyproject.toml", '    "ruff>=', TOOL),
    ("Dockerfile", "COPY alembic.ini ", IMAGE),
    ("src/app/models/__init__.py", "from app.models.user ", "from app.models.note import Note\n"),
    (
        "src/app/api/v1/router.py",
        "from app.api.v1.endpoints.users import",
        "from app.api.v1.endpoints.notes import router as notes_router\n",
    ),
]


def edit(service: Service, how_to: str) -> str:
    """Do it all in one commit, and return that: a resource as a how-to has it, two revisions."""
    folder = service.folder
    (folder / ".env").write_text(DOTENV)
    (folder / OPTIONAL).unlink()
    insert(folder / MODEL, "    is_superuser: Mapped[bool]", COLUMN)
    add_setting(folder / SETTINGS)
    service.run("poe", "migrate")
    service.run("poe", "migration", "locales of users")
    service.run("poe", "migrate")
    write_resource(folder, how_to)
    is_listed = "__all__" in (folder / LISTED[0]).read_text("utf-8")
    for path, place, text in [*INSERTED, *([LISTED] if is_listed else [])]:
        insert(folder / path, place, text)
    for path, text in APPENDED.items():
        append(folder / path, text)
    edit_moved_files(folder)
    service.run("poe", "format")
    service.run("poe", "migration", "add notes")
    service.run("poe", "migrate")
    commit(folder, "Mine")
    return run("git", "rev-parse", "HEAD", cwd=folder).strip()


def add_setting(path: Path) -> None:
    """Write a setting below all others."""
    text, added = re.subn(r"\n\n    @", f"\n{SETTING}\n    @", path.read_text("utf-8"), count=1)
    assert added
    path.write_text(text, "utf-8")


def append(path: Path, text: str) -> None:
    """Write to the end of a file that may be there."""
    if path.exists():
        path.write_text(path.read_text("utf-8") + text, "utf-8")


def write_resource(folder: Path, how_to: str) -> None:
    """Write the files of a resource, each as a how-to shows it."""
    shown = re.findall(r"`([\w/]+\.py)`:\n\n```python\n(.*?)^```$", how_to, re.M | re.S)
    assert len(shown) > 4
    for path, content in shown:
        (folder / path).write_text(content)


def written(folder: Path, edits: str) -> set[str]:
    """Return each line that the owner's commit added."""
    diff = run("git", "show", "--format=", edits, cwd=folder)
    return {f"{line}\n" for line in re.findall(r"^\+(?!\+\+ )(.*)$", diff, re.M)}


def lost(folder: Path, edits: str) -> list[str]:
    """Return each line of the owner's commit that is no longer there, and what came back."""
    diff = run("git", "diff", "-U0", "--no-renames", f"{edits}~1", edits, cwd=folder)
    missing = [OPTIONAL] * (folder / OPTIONAL).exists()
    for file in re.split(r"^diff --git .*\n", diff, flags=re.M)[1:]:
        path = re.findall(r"^\+\+\+ b/(.*)$", file, re.M)
        if path and path != ["uv.lock"]:
            lines = new_path(folder, path[0]).read_text("utf-8").splitlines()
            added = re.findall(r"^\+(?!\+\+ )(.*)$", file, re.M)
            kept = {*lines, LISTED[2].rstrip("\n")}
            missing += [f"{path[0]}: {line}" for line in added if new_text(line) not in kept]
    return missing + [".env"] * ((folder / ".env").read_text() != DOTENV)
