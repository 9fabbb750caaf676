"""`poe upgrade` takes what others wrote for text: answers, addresses, names and changelogs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import commit, run
from tests.support.project_owner import ANSWERS, BRANCH, PLACE, Owner

SECRET = "pa55word"
HARMFUL = 'x"""; open("harm", "w").write(""); """y'


def test_code_in_an_answer_is_never_executed(owner: Owner) -> None:
    owner.edit(
        "src/app/models/user.py", "    full_name:", "    age: Mapped[int | None]\n    full_name:"
    )
    said = owner.upgrade("--set", f"description={HARMFUL}", "--no-check")

    assert "Change description." in said
    assert [path for path in owner.branch_files("migrations") if "_change_description" in path]
    assert "open(" not in owner.git("log", "--format=%B", BRANCH)
    assert not [*owner.folder.rglob("harm")]


def test_a_password_in_a_template_address_is_never_shown(owner: Owner) -> None:
    address = f"https://ada:{SECRET}@127.0.0.1:9/template.git?token={SECRET}"
    before = owner.state()
    said = owner.upgrade("--template", address, code=1)
    assert "contains a password: store it in a credential helper" in said
    assert "https://***@127.0.0.1:9/template.git" in said
    assert SECRET not in said
    for other in (f"https://ada:{SECRET}/@127.0.0.1:9/t", f"https://127.0.0.1:9/t?t={SECRET}"):
        said = owner.upgrade("--template", other, code=1)
        assert "cannot be fetched" in said
        assert SECRET not in said
    assert owner.state() == before


def test_a_recorded_address_with_a_password_is_rejected(owner: Owner, two_releases: Path) -> None:
    owner.edit(ANSWERS, str(two_releases), f"https://ada:{SECRET}@127.0.0.1:9/template.git")
    said = owner.upgrade(code=1)

    assert "contains a password" in said
    assert SECRET not in said
    owner.upgrade("--template", str(two_releases), "--preview")


def test_escape_sequences_and_unprintable_characters_in_a_changelog_are_replaced(
    owner: Owner, two_releases: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    run("git", "clone", "-q", two_releases, other, cwd=tmp_path)
    news = other / "CHANGELOG.md"
    news.write_text(news.read_text().replace("a nickname.", "\x1b]0;mine\x07 a nickname — 名."))
    commit(other, "News")
    run("git", "tag", "-f", "v1.1.0", cwd=other)
    said = owner.upgrade("--template", str(other), "--preview", PYTHONIOENCODING="ascii")

    assert "- Users have ?]0;mine? a nickname ? ?." in said


def test_an_upgrade_does_not_overwrite_an_ignored_file(owner: Owner) -> None:
    rules = owner.folder / "monitoring/rules.yaml"
    (owner.folder / ".git/info/exclude").write_text("rules.yaml\n")
    rules.write_text("Mine.\n")
    for options in (["--preview"], []):
        said = owner.upgrade(*options, code=1)
        assert said.endswith("Git ignores: move them first.\n  monitoring/rules.yaml\n")
    assert not (owner.folder / PLACE).exists()
    assert rules.read_text() == "Mine.\n"


def test_an_env_file_that_is_not_valid_utf_8_is_copied(owner: Owner) -> None:
    (owner.folder / ".env").write_bytes(b"PARTNER=caf\xe9\nREDIS_URL=x\n")
    owner.edit("AGENTS.md", "Read `README.md` first.", "Read `README.md` soon.")
    owner.upgrade(code=1)

    assert (owner.folder / PLACE / ".env").read_bytes() == b"PARTNER=caf\xe9\n\n"


def test_an_answers_file_that_is_not_valid_utf_8_is_reported_as_damaged(owner: Owner) -> None:
    file = owner.folder / ANSWERS
    file.write_bytes(file.read_bytes() + b"# caf\xe9\n")
    commit(owner.folder, "Damage it")

    assert f"{ANSWERS} is damaged: restore it" in owner.upgrade(code=1)


@pytest.mark.parametrize("address", ["~nouser/x", "x" * 300])
def test_an_invalid_template_address_causes_no_traceback(owner: Owner, address: str) -> None:
    assert "Traceback" not in owner.upgrade("--template", address, code=1)


def test_a_closed_output_pipe_causes_no_traceback(owner: Owner) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "dev.upgrade", "--preview"]
    environment = os.environ | owner.environment
    done = subprocess.run(
        command,
        cwd=owner.folder,
        env=environment,
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)

    assert (done.returncode, done.stderr) == (1, b"")
