"""`poe upgrade` goes on with the code of the version that it goes to, broken or mended."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import run
from tests.support.project_owner import ANSWERS, BRANCH, PLACE, Owner

CODE = "template/dev/upgrade"
RUN, FINISH = "upgrade/run.py", "upgrade/finish.py"
SWITCH = '"--preview": "show'
NEW_SWITCH = f'"--explain": "explain it", {SWITCH}'
DOCUMENTED = "`uv run poe upgrade --abort` removes what it made, and `--to VERSION` goes to"
# A file of a release, what is in it, and what that becomes.
Edit = tuple[str, str, str]
Release = Callable[..., None]


@pytest.fixture
def releases(two_releases: Path, owner: Owner, tmp_path: Path) -> Path:
    """Return a repository of its own with two releases, from which the owner's project stems."""
    folder = tmp_path / "releases"
    run("git", "clone", "-q", two_releases, folder, cwd=tmp_path)
    owner.edit(ANSWERS, str(two_releases), str(folder))
    return folder


@pytest.fixture
def release(releases: Path) -> Release:
    """Make a release that changes files of the template."""

    def released(version: str, *edits: Edit) -> None:
        for name, before, after in edits:
            file = releases / name
            text = file.read_text()
            assert before in text, name
            file.write_text(text.replace(before, after, 1) if before else after)
        run("git", "add", "-A", cwd=releases)
        run("git", "commit", "-q", "--allow-empty", "-m", version, cwd=releases)
        run("git", "tag", version, cwd=releases)

    return released


def names(releases: Path, **versions: str) -> None:
    """Call the two releases otherwise."""
    for old, new in versions.items():
        run("git", "tag", new, f"v{old.lstrip('_').replace('_', '.')}", cwd=releases)
    run("git", "tag", "-d", "v1.0.0", "v1.1.0", cwd=releases)


def test_the_code_of_the_target_does_the_upgrade(owner: Owner, release: Release) -> None:
    release("v1.2.0", (RUN, "contains the upgrade.", "contains the upgrade, by v1.2.0."))
    owner.edit("dev/upgrade/options.py", "class Options:", "class Options:\n    own: int = 0")
    owner.edit("AGENTS.md", "Read `README.md` first.", "Read `README.md` soon.")
    # Modules of the project are found by its environment alone.
    said = owner.upgrade("--no-check", code=1, PYTHONPATH=str(owner.folder))
    assert "AGENTS.md: changed by you and by the template" in said
    run("git", "add", "AGENTS.md", cwd=owner.folder / PLACE)
    assert "\n  AGENTS.md" in owner.upgrade("--continue", code=1)
    (owner.folder / PLACE / "AGENTS.md").write_text("Settled.\n")
    said = owner.upgrade("--continue", "--no-check")

    assert "contains the upgrade, by v1.2.0." in said
    assert owner.on_branch("AGENTS.md") == "Settled.\n"
    assert owner.left_over() == []


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ((RUN, "import conflicts, stale", "import"), "upgrade/run.py:10, SyntaxError: "),
        ((f"{CODE}/begin.py", "from pathlib", "import gone #"), "No module named 'gone'"),
        ((RUN, "    coming = ", "    raise KeyError(7)\n    coming = "), "KeyError: 7"),
        ((f"{CODE}/__main__.py", "\n    main()", "\n    pass"), "it ended without a result"),
    ],
    ids=["syntax", "import", "exception", "no result"],
)
def test_broken_upgrade_code_of_the_target_causes_a_one_line_error(
    owner: Owner, release: Release, edit: Edit, reason: str
) -> None:
    release("v1.2.0", edit)
    before = owner.state()
    said = owner.upgrade(code=1)

    (sentence,) = [line for line in said.splitlines() if "v1.2.0 is broken" in line]
    assert sentence.startswith("The upgrade code of v1.2.0 is broken (")
    assert reason in sentence
    assert DOCUMENTED in sentence
    assert "Traceback" not in said
    assert owner.state() == before
    assert owner.left_over() == []
    assert BRANCH not in owner.branches()


def test_upgrade_code_that_fails_after_the_merge_can_be_fixed_by_the_next_release(
    owner: Owner, release: Release
) -> None:
    broken = "    raise KeyError(7)\n    branch.commit("
    release("v1.2.0", (FINISH, "    branch.commit(", broken))
    before = owner.state()
    for options in ([], ["--continue"]):
        said = owner.upgrade(*options, code=1)
        assert "v1.2.0 is broken (upgrade/finish.py:" in said.splitlines()[-1]
        assert "Traceback" not in said
    assert owner.state() == before
    release("v1.3.0", (FINISH, broken, "    branch.commit("))
    assert "is under way in .upgrade" in owner.upgrade(code=1)
    owner.upgrade("--abort")
    assert owner.left_over() == []
    owner.upgrade("--no-check")

    assert "_commit: v1.3.0" in owner.on_branch(ANSWERS)
    assert owner.state() == before


@pytest.mark.parametrize("option", ["--continue", "--abort"])
def test_the_upgrade_code_of_the_target_can_continue_and_abort_an_upgrade(
    owner: Owner, release: Release, option: str
) -> None:
    """The person works in `.upgrade`, and runs the command of the target there."""
    release("v1.2.0", (RUN, "contains the upgrade.", "contains the upgrade, by v1.2.0."))
    owner.edit("AGENTS.md", "Read `README.md` first.", "Read `README.md` soon.")
    owner.upgrade("--no-check", code=1)
    place = Owner(owner.folder / PLACE, owner.environment)
    assert "is under way in .upgrade" in place.upgrade(code=1)
    (place.folder / "AGENTS.md").write_text("Settled.\n")
    place.git("add", "AGENTS.md")
    place.upgrade(option, *(["--no-check"] if option == "--continue" else []))

    assert owner.left_over() == []
    assert (BRANCH in owner.branches()) is (option == "--continue")


def test_arguments_that_only_the_target_knows_are_accepted(owner: Owner, release: Release) -> None:
    release("v1.2.0", (f"{CODE}/__main__.py", SWITCH, NEW_SWITCH))
    assert "Nothing was changed" in owner.upgrade("--explain", "--preview")
    assert "unrecognized arguments: --fast" in owner.upgrade("--fast", "--preview", code=2)
    owner.edit(ANSWERS, "_commit: v1.0.0", "_commit: v1.2.0")

    assert "There is nothing to do." in owner.upgrade("--explain")
    for option in ("--continue", "--abort"):
        said = owner.upgrade("--explain", option, code=2)
        assert "unrecognized arguments: --explain" in said


@pytest.mark.parametrize("folder", ["upgrade", CODE])
def test_other_upgrade_code_is_used_if_the_release_has_none(
    owner: Owner, releases: Path, release: Release, folder: str
) -> None:
    run("git", "rm", "-qr", folder, cwd=releases)
    release("v1.2.0")

    assert "Upgrade to v1.2.0 of the template." in owner.upgrade("--preview")
    assert "unrecognized arguments: --fast" in owner.upgrade("--fast", code=2)


def test_a_template_without_upgrade_code_is_rejected(owner: Owner, tmp_path: Path) -> None:
    run("git", "init", "-q", tmp_path / "fork", cwd=tmp_path)
    run("git", "commit", "-q", "--allow-empty", "-m", "Empty", cwd=tmp_path / "fork")

    said = owner.upgrade("--template", str(tmp_path / "fork"), code=1)
    assert said.endswith("has no upgrade code: use `uvx copier update` instead.\n")
    assert owner.left_over() == []


def test_an_upgrade_across_a_release_that_moves_files_stops_at_that_release(
    owner: Owner, releases: Path, release: Release
) -> None:
    names(releases, _1_0_0="v0.2.2", _1_1_0="v0.3.0")
    release("v0.4.0")
    owner.edit(ANSWERS, "_commit: v1.0.0", "_commit: v0.2.2")
    said = owner.upgrade("--preview")
    assert "The way to v0.4.0 leads through v0.3.0, so this upgrade goes to v0.3.0" in said
    assert "and then run `uv run poe upgrade` again." in said
    assert "Upgrade to v0.3.0 of the template." in said
    assert "Upgrade to v0.4.0 of the template." in owner.upgrade("--to", "0.4.0", "--preview")
    owner.edit(ANSWERS, "_commit: v0.2.2", "_commit: v0.3.0")

    said = owner.upgrade("--preview")
    assert "leads through" not in said
    assert "Upgrade to v0.4.0 of the template." in said


def test_a_later_release_can_add_an_intermediate_stop(owner: Owner, release: Release) -> None:
    release("v1.2.0")
    release("v1.3.0", ("upgrade/target.py", 'STOPS = ("0.3.0",)', 'STOPS = ("1.1.0", "1.2.0")'))
    said = owner.upgrade("--preview")

    assert "The way to v1.3.0 leads through v1.1.0" in said
    assert said.count("leads through") == 1
    assert "Upgrade to v1.1.0 of the template." in said
    assert owner.left_over() == []
