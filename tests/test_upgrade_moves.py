"""`poe upgrade` follows the files that a release moves, and renames modules in an owner's files."""

import re
import runpy
from pathlib import Path

import pytest

from tests.support.processes import commit, run
from tests.support.project_owner import ANSWERS, PLACE, Owner
from tests.support.variants import ROOT

MOVES = runpy.run_path(str(ROOT / "upgrade/moves.py"))
DOCUMENT = (ROOT / "UPGRADING.md").read_text("utf-8")
COMMAND = "uv run poe upgrade --rewrite-imports"
AUDIT = "from app.core.audit import record  # mine\n"
RENAMED = "from app.core.observability.audit_log import record  # mine\n"
# Where the first of two releases had what the second one moves.
MOVED = {
    "src/app/core/http/middleware": "src/app/core/middleware",
    "src/app/core/limits/rate_limiter.py": "src/app/core/rate_limit.py",
    "src/app/core/http/cors.py": "src/app/core/cors.py",
    "src/app/core/auth/common_passwords.txt": "src/app/core/common_passwords.txt",
    "tests/accounts/test_token.py": "tests/api/test_token.py",
}


@pytest.fixture
def moving(template: Path, tmp_path: Path) -> Path:
    """Return a repository with two releases, the second of which moves files."""
    folder = tmp_path / "moving"
    run("git", "clone", "-q", template, folder, cwd=tmp_path)
    for now, before in MOVED.items():
        (folder / "template" / before).parent.mkdir(parents=True, exist_ok=True)
        run("git", "mv", f"template/{now}", f"template/{before}", cwd=folder)
    init = folder / "template/src/app/core/middleware/__init__.py"
    init.write_text('"""Around every request."""\n\nORDER = 1\n')
    commit(folder, "Before")
    run("git", "tag", "v1.1.0", cwd=folder)
    run("git", "revert", "--no-edit", "HEAD", cwd=folder)
    run("git", "tag", "v1.2.0", cwd=folder)
    return folder


@pytest.fixture
def mover(moving: Path, commands: str, tmp_path: Path) -> Owner:
    """Return the owner of a project of the first release, in a folder of a repository."""
    folder = tmp_path / "services/my api"
    copy = ["copier", "copy", "--defaults", "--quiet", "--vcs-ref", "v1.1.0"]
    run(*copy, moving, folder, cwd=moving)
    run("git", "init", "-q", cwd=tmp_path / "services")
    commit(tmp_path / "services", "First")
    return Owner(folder, {"PATH": commands})


def test_edits_follow_files_that_a_release_moves(mover: Owner) -> None:
    mover.edit(
        "src/app/core/rate_limit.py", "class Hit", "class Hit:  # mine\n    x = 1\n\n\nclass Hit"
    )
    mover.add("src/app/core/middleware/__init__.py", "\nMINE = 2\n")
    (mover.folder / "src/app/core/middleware/mine").mkdir()
    mover.add("src/app/core/middleware/mine/office.py", AUDIT)
    mover.add("src/app/core/common_passwords.txt", "mine\n")
    mover.add("tests/api/test_mine.py", '"""Mine."""\n')
    mover.remove("src/app/core/cors.py")
    said = mover.upgrade("--preview")
    assert "\n  src/app/core/middleware moves to src/app/core/http/middleware\n" in said
    assert "\n  src/app/core/rate_limit.py moves to src/app/core/limits/rate_limiter.py\n" in said
    said = mover.upgrade("--no-check", code=1)

    # Changes of both sides at the same place are a conflict, under the new path.
    assert "http/middleware/__init__.py: changed by you and by the template" in said
    assert "/mine/office.py moves to src/app/core/http/middleware/mine/office.py" in said
    place = mover.folder / PLACE / "my api/src/app/core"
    assert "    x = 1\n" in (place / "limits/rate_limiter.py").read_text()
    assert (place / "http/middleware/mine/office.py").read_text() == AUDIT
    assert (place / "auth/common_passwords.txt").read_text().endswith("\nmine\n")
    assert (place / "../../../tests/api/test_mine.py").exists()
    for gone in ("rate_limit.py", "middleware", "cors.py", "http/cors.py"):
        assert not (place / gone).exists(), gone


def test_moved_names_are_listed_and_rewritten_in_the_upgrades_working_tree(owner: Owner) -> None:
    owner.add("src/app/mine.py", f'"""Mine."""\n\n{AUDIT}')
    before = owner.state()
    said = owner.upgrade("--no-check", code=1)

    line = "src/app/mine.py:3: app.core.audit moved to app.core.observability.audit_log"
    assert f"\n  {line}\n" in said
    assert f"`{COMMAND}`" in said
    # Before, while a file is not committed, and after.
    place = Owner(owner.folder / PLACE, owner.environment)
    (place.folder / "src/app/mine.py").write_text(f'"""Mine."""\n\n{AUDIT}\nKEPT = 1\n')
    said = place.upgrade("--rewrite-imports")
    assert f"-{AUDIT}+{RENAMED}" in said
    assert "Rewrote 1 name in 1 file." in said
    assert "nothing was changed" in place.upgrade("--rewrite-imports")
    owner.upgrade("--continue", "--no-check")

    assert owner.on_branch("src/app/mine.py") == f'"""Mine."""\n\n{RENAMED}\nKEPT = 1\n'
    assert owner.state() == before


def test_moved_names_are_rewritten_without_an_upgrade(owner: Owner) -> None:
    (owner.folder / "src/app/mine.py").write_text(AUDIT)

    assert f"+{RENAMED}" in owner.upgrade("--rewrite-imports")
    assert (owner.folder / "src/app/mine.py").read_text() == RENAMED
    assert owner.left_over() == []


def test_moved_names_are_not_rewritten_in_the_project_during_an_upgrade(owner: Owner) -> None:
    (owner.folder / PLACE).mkdir()
    said = owner.upgrade("--rewrite-imports", code=1)
    assert said == ".upgrade is not from an upgrade: rename it.\n"
    (owner.folder / PLACE).rmdir()
    owner.edit("AGENTS.md", "Read `README.md` first.", "Read `README.md` soon.")
    owner.upgrade("--no-check", code=1)
    said = owner.upgrade("--rewrite-imports", code=1)
    assert said == "An upgrade is under way in .upgrade: run this command there.\n"


def test_the_newest_release_rewrites_moved_names_if_the_recorded_version_is_unknown(
    owner: Owner, two_releases: Path
) -> None:
    """The project stems from changes that were not committed, of a template that moved."""
    owner.edit(ANSWERS, "_commit: v1.0.0", "_commit: v1.0.0-3-gabcdef0")
    owner.edit(ANSWERS, str(two_releases), "gone")
    (owner.folder / "src/app/mine.py").write_text(AUDIT)

    assert "`--template ADDRESS`" in owner.upgrade("--rewrite-imports", code=1)
    assert f"+{RENAMED}" in owner.upgrade("--rewrite-imports", "--template", str(two_releases))


@pytest.mark.parametrize("text", ["", "- no answers\n"])
def test_rewriting_moved_names_requires_the_answers_file(owner: Owner, text: str) -> None:
    (owner.folder / ANSWERS).write_text(text)

    said = owner.upgrade("--rewrite-imports", code=1)
    assert said == f"{ANSWERS} is missing or damaged: restore it.\n"


@pytest.mark.parametrize("option", ["--continue", "--abort", "--preview", "--to=1.0.0"])
def test_rewrite_imports_cannot_be_combined_with_other_options(owner: Owner, option: str) -> None:
    assert "take no other arguments" in owner.upgrade("--rewrite-imports", option, code=2)


def test_the_documented_moves_match_those_of_the_upgrade_code() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|$", DOCUMENT, re.M)

    assert dict(rows) == MOVES["MODULES"] | MOVES["NAMES"] | MOVES["PACKAGES"] | MOVES["FILES"]
    assert len(rows) == len(dict(rows))


def test_an_update_by_copier_warns_about_moved_files(releases: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    copy = ["copier", "copy", "--defaults", "--quiet", "--vcs-ref", "v1.0.0"]
    run(*copy, releases, project, cwd=tmp_path)
    run("git", "init", "-q", cwd=project)
    commit(project, "First")
    said = run("copier", "update", "--defaults", cwd=project)

    assert "Files moved in 0.3.0 and 0.4.0, and Copier does not follow them" in said
    assert "_commit: v1.1.0" in (project / ANSWERS).read_text()
