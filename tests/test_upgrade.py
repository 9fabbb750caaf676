"""`poe upgrade`: a release is merged on a branch, and what Git cannot decide a person is asked."""

import re
from pathlib import Path

import yaml

from tests.support.processes import run
from tests.support.project_owner import ANSWERS, BRANCH, PLACE, Owner
from tests.support.variants import ROOT
from upgrade.rendering import OWNED

REVISIONS = "migrations/versions"
NOBODYS = "postgresql://127.0.0.1:9/nobody"
DOTENV = f"ENVIRONMENT=local\nSECRET_KEY={'k3y' * 20}\nPARTNER=x\nDATABASE_URL={NOBODYS}\n"
COMING = (
    "- Users have a nickname.",
    "- The alerts moved to",
    "motto: Onwards",
    "monitoring/alerts.yaml moves to monitoring/rules.yaml",
    ".editorconfig is removed\n",
    "scripts/nightly/ is added, with 2 files\n",
    "AGENTS.md stays deleted",
)


def test_a_release_is_merged_with_the_edits_of_the_owner(owner: Owner) -> None:
    owner.edit("src/app/models/user.py", '"""', '"""Mine. ')
    owner.edit("monitoring/alerts.yaml", "groups:", "groups: # mine")
    owner.edit("scripts/audit.sh", "set -", "\nset -")
    owner.remove("AGENTS.md")
    owner.remove("tests/flags.py")
    # A setting of the owner's own, and a database that no test may touch.
    owner.edit("src/app/config.py", "    debug: bool", "    partner: str\n    debug: bool")
    (owner.folder / ".env").write_text(DOTENV)
    before = owner.state()
    said = owner.upgrade("--no-check", DATABASE_URL=NOBODYS, REDIS_URL=NOBODYS)

    assert owner.state() == before
    assert owner.left_over() == []
    for line in COMING:
        assert line in said
    owner.git("merge", "-q", BRANCH)
    assert "groups: # mine" in (owner.folder / "monitoring/rules.yaml").read_text()
    # A new test of a module that the owner deleted is left out.
    left_out = "tests/test_new_flags.py"
    for gone in ("monitoring/alerts.yaml", ".editorconfig", "AGENTS.md", left_out):
        assert not (owner.folder / gone).exists()
    assert (owner.folder / "scripts/audit.sh").stat().st_mode & 0o111
    check_what_is_recorded(owner)
    # It is taken, so nothing of it is left, and there is nothing to do.
    assert "There is nothing to do." in owner.upgrade()
    assert BRANCH not in owner.branches()


def check_what_is_recorded(owner: Owner) -> None:
    """Check the answers, the lock and the revisions, the first of which is the owner's."""
    answers = (owner.folder / ANSWERS).read_text()
    assert "_commit: v1.1.0" in answers
    assert "motto: Onwards" in answers
    assert '"0.2.0"' in (owner.folder / "uv.lock").read_text()
    initial, written = sorted((owner.folder / REVISIONS).iterdir(), reverse=True)
    assert '"""The first' in initial.read_text()
    assert "_upgrade_to_v1_1_0_of_the_template_" in written.name
    assert '"nickname"' in written.read_text()
    assert '"/api/v1/users"' in (owner.folder / "openapi.json").read_text()
    assert "Describe the API in openapi.json" in owner.git("log", "--format=%s", "-9")


def test_upgrades_skip_the_same_existing_files_as_copier() -> None:
    skipped = yaml.safe_load((ROOT / "copier.yml").read_text())["_skip_if_exists"]

    assert [*OWNED] == skipped


def test_a_preview_changes_nothing(owner: Owner) -> None:
    before = owner.state()
    said = owner.upgrade("--preview")

    assert "src/app/models/user.py changes" in said
    assert owner.state() == before
    assert owner.left_over() == []
    assert BRANCH not in owner.branches()


def test_an_upgrade_continues_after_its_conflicts_are_resolved_and_can_be_aborted(
    owner: Owner,
) -> None:
    owner.edit("AGENTS.md", "Read `README.md` first.", "Read `README.md` soon.")
    owner.edit(".editorconfig", "root", "# Mine\nroot")
    before = owner.state()
    said = owner.upgrade("--no-check", code=1)

    assert ".editorconfig is removed, but you edited it" in said
    assert "AGENTS.md: changed by you and by the template" in said
    assert ".editorconfig: edited by you, removed by the template" in said
    assert owner.state() == before
    assert "is under way in .upgrade" in owner.upgrade(code=1)
    place = owner.folder / PLACE
    assert "\n  .editorconfig: is not resolved" in owner.upgrade("--continue", code=1)
    run("git", "rm", "-q", ".editorconfig", cwd=place)
    run("git", "add", "AGENTS.md", cwd=place)  # with the markers in it
    said = owner.upgrade("--continue", code=1)
    assert re.search(r"\n  AGENTS.md: line [1-9]\d* is a conflict marker\n", said)
    (place / "AGENTS.md").write_text("Settled.\n")
    run("git", "add", "AGENTS.md", cwd=place)
    owner.upgrade("--continue", "--no-check")

    assert owner.state() == before
    assert owner.on_branch("AGENTS.md") == "Settled.\n"
    assert ".editorconfig" not in owner.branch_files(".")
    assert "is not merged" in owner.upgrade(code=1)
    assert "is undone" in owner.upgrade("--abort")
    assert BRANCH not in owner.branches()
    assert "no upgrade to undo" in owner.upgrade("--abort")


def test_an_upgrade_with_failing_checks_can_be_fixed_and_continued(owner: Owner) -> None:
    owner.add("src/app/mine.py", "import os\n")
    said = owner.upgrade(code=1)

    assert "`os` imported but unused" in said
    assert "The checks fail" in said
    (owner.folder / PLACE / "src/app/mine.py").write_text('"""Mine."""\n')
    owner.upgrade("--continue", "--no-check")
    assert owner.on_branch("src/app/mine.py") == '"""Mine."""\n'


def test_a_revision_that_affects_existing_rows_requires_review(owner: Owner) -> None:
    # The app must still be imported: its API is described.
    column = "is_superuser: Mapped[bool] = mapped_column("
    owner.edit("src/app/models/user.py", column, f'{column}"is_admin", ')
    said = owner.upgrade(code=1)

    assert "the new column is_admin has no default for rows that are there" in said
    assert "it drops the column is_superuser of users" in said
    # The person gives the rows a value.
    (written,) = (owner.folder / PLACE / REVISIONS).glob("*_upgrade_to_*.py")
    text = written.read_text()
    written.write_text(text.replace("sa.Boolean()", 'sa.Boolean(), server_default="0"', 1))
    owner.upgrade("--continue", "--no-check")
    assert 'server_default="0"' in owner.on_branch(f"{REVISIONS}/{written.name}")
    assert "drop_column" in owner.on_branch(f"{REVISIONS}/{written.name}")
    assert len(owner.branch_files(REVISIONS)) == 2


def test_several_migration_heads_must_be_merged_before_an_upgrade_continues(owner: Owner) -> None:
    for name in ("one", "two"):
        initial = (owner.folder / REVISIONS / "initial.py").read_text().split("def row")[0]
        revision = initial.replace('"initial"', f'"{name}"').replace("= None", '= "initial"', 1)
        empty = "def upgrade() -> None:\n    pass\n\n\ndef downgrade() -> None:\n    pass\n"
        owner.add(f"{REVISIONS}/{name}.py", revision + empty)
    said = owner.upgrade(code=1)

    (command,) = [part for part in said.split("`") if "merge heads -m" in part]
    own = owner.environment | {"UV_PROJECT_ENVIRONMENT": ".venv"}
    run("sh", "-c", command, cwd=owner.folder / PLACE, **own)
    run("git", "add", REVISIONS, cwd=owner.folder / PLACE)
    owner.upgrade("--continue", "--no-check")
    assert [path for path in owner.branch_files(REVISIONS) if "merge_heads" in path]
    assert [path for path in owner.branch_files(REVISIONS) if "upgrade_to" in path]


def test_a_project_in_a_subfolder_can_be_upgraded(owner: Owner, tmp_path: Path) -> None:
    repository = tmp_path / "many services"
    folder = repository / "services/my api"
    folder.parent.mkdir(parents=True)
    (owner.folder / ".git").rename(tmp_path / "unused")
    owner.folder.rename(folder)
    run("git", "init", "-q", cwd=repository)
    run("git", "add", "-A", cwd=repository)
    run("git", "commit", "-q", "-m", "First", cwd=repository)
    shallow = tmp_path / "a clone"
    clone = ["git", "clone", "-q", "--depth", "1", "-c", "core.autocrlf=true"]
    run(*clone, f"file://{repository}", shallow, cwd=tmp_path)
    (shallow / "another.txt").write_text("Of another project, and nobody's business.\n")
    moved = Owner(shallow / "services/my api", owner.environment)
    before = moved.state()
    said = moved.upgrade("--no-check")

    assert "  scripts/audit.sh changes" in said
    assert moved.state() == before
    moved.git("merge", "-q", BRANCH)
    assert (moved.folder / "monitoring/rules.yaml").exists()
    assert moved.git("ls-files", "-s", "scripts/audit.sh").startswith("100755")
