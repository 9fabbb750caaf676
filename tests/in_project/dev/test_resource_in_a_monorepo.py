"""`poe resource` works in a project of a monorepo, with the database of its `.env`."""

import os
import subprocess
import sys
from pathlib import Path

from dev.servers import postgres_server
from tests.databases import execute
from tests.in_project.dev.copied_project import copy_project
from tests.in_project.dev.test_resource import CHANGED


def run(project: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command with the real Python."""
    return subprocess.run(
        [sys.executable, "-m", "dev.resource", *words],
        cwd=project,
        env=os.environ | {"PYTHONPATH": "src"} | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_resource_is_added_to_a_project_in_a_monorepo_with_its_own_database(
    folder: Path,
) -> None:
    """The models must match the migrations before. The tests of the resource run, and pass."""
    project = copy_project(folder / "services/my shop")
    git = ("git", "-C", str(folder), "-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "First")):
        subprocess.run([*git, *command], check=True)
    model = project / "src/app/models/item.py"
    text = model.read_text()
    with postgres_server() as url:
        (project / ".env").write_text(f"ENVIRONMENT=local\nDATABASE_URL={url}\n")
        model.write_text(text.replace("String(100)", "String(101)"))
        refused = run(project, "note", "text:str:max=1000", REDIS_URL="redis://none", LC_ALL="C")
        model.write_text(text)
        done = run(project, "note", "text:str:max=1000", REDIS_URL="redis://none", LC_ALL="C")
        tables = execute(url, "SELECT tablename FROM pg_tables WHERE tablename = 'notes'")

    assert refused.returncode == 1
    assert "already differ in items: write a revision for that first" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert len(tables) == 1
    assert not (project / ".data/resource").exists()
    status = subprocess.run([*git, "status", "--short"], check=True, capture_output=True, text=True)
    paths = [line[3:].strip('"') for line in status.stdout.splitlines()]
    found = {path.removeprefix("services/my shop/") for path in paths}
    assert found >= CHANGED | {"resources.toml"}
    assert all("note" in path for path in found - CHANGED - {"resources.toml"})
