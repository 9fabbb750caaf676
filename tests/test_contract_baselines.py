"""`poe contract` compares `openapi.json` with the app, and with the baseline in Git."""

import json
import shutil
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from dev.baseline import BaselineError
from dev.contract.comparison import NO_BASELINE, compare
from dev.contract.description import FILE, ContractError, as_text, drift
from tests.support.api_schemas import document

ITEM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "price": {"type": "number", "title": "Price"},
        "title": {"type": "string", "title": "Title", "default": {"title": "a"}},
    },
}
BASE = document({"type": "boolean"}, ITEM, {})
REMOVED = "POST /items: response member price removed"


def without_price() -> dict[str, Any]:
    item = deepcopy(ITEM)
    del item["properties"]["price"]
    return document({"type": "boolean"}, item, {})


@pytest.fixture(autouse=True)
def _outside_of_pipelines(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_DEFAULT_BRANCH"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "gitconfig"
    config.write_text("[user]\nname = Ada\nemail = ada@example.com\n[init]\ndefaultBranch = main\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "a project"
    folder.mkdir()
    return folder


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path, text: str | None = None) -> None:
    """Commit a text as `openapi.json`; make the repository first if there is none."""
    if not (folder / ".git").exists():
        git(folder, "init")
    (folder / FILE).write_text(as_text(BASE) if text is None else text)
    git(folder, "add", "--all")
    git(folder, "commit", "--allow-empty", "--message", "Change the API")


def breaking(folder: Path, revision: str | None = None) -> list[str]:
    return [str(each) for each in compare(folder, without_price(), revision).breaking]


def test_a_branch_is_compared_with_the_merge_base(folder: Path) -> None:
    commit(folder)
    git(folder, "switch", "--create", "feature")
    commit(folder, as_text(without_price()))
    git(folder, "switch", "main")
    commit(folder, "{}")
    git(folder, "switch", "feature")

    assert compare(folder, without_price(), None).base == "the merge base with main"
    assert breaking(folder) == [REMOVED]


def test_the_target_of_a_pull_request_is_the_base(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(folder)
    git(folder, "branch", "release")
    commit(folder, as_text(without_price()))
    git(tmp_path, "clone", str(folder), "clone")

    assert breaking(tmp_path / "clone") == []
    monkeypatch.setenv("GITHUB_BASE_REF", "release")
    assert breaking(tmp_path / "clone") == [REMOVED]


def test_the_base_branch_is_compared_with_the_last_tag(folder: Path) -> None:
    commit(folder)
    git(folder, "tag", "v1.0.0")
    commit(folder, as_text(without_price()))

    assert compare(folder, without_price(), None).base == "the tag v1.0.0"
    assert breaking(folder) == [REMOVED]


def test_without_a_tag_the_base_branch_is_compared_with_its_last_commit(folder: Path) -> None:
    commit(folder)

    assert breaking(folder) == [REMOVED]


def test_a_named_revision_is_the_base(folder: Path) -> None:
    commit(folder)
    commit(folder, as_text(without_price()))

    assert breaking(folder) == []
    assert breaking(folder, "HEAD~1") == [REMOVED]


def test_a_project_below_the_root_of_its_repository_is_compared(folder: Path) -> None:
    project = folder / "services/shop"
    project.mkdir(parents=True)
    (project / FILE).write_text(as_text(BASE))
    commit(folder, "{}")

    assert breaking(project) == [REMOVED]


def test_an_unknown_revision_is_refused(folder: Path) -> None:
    commit(folder)

    with pytest.raises(BaselineError, match=r"^Git knows no revision 'v9' here: fetch it"):
        compare(folder, BASE, "v9")


def test_without_a_repository_nothing_is_compared(folder: Path) -> None:
    assert compare(folder, BASE, None).note == NO_BASELINE


def test_without_a_commit_nothing_is_compared(folder: Path) -> None:
    git(folder, "init")

    assert compare(folder, BASE, None).note == NO_BASELINE


def test_without_git_nothing_is_compared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(folder)
    monkeypatch.setenv("PATH", str(folder))

    assert shutil.which("git") is None
    assert compare(folder, BASE, None).note == NO_BASELINE


def test_without_a_base_branch_and_a_tag_nothing_is_compared(folder: Path) -> None:
    commit(folder)
    git(folder, "branch", "--move", "feature")

    assert compare(folder, BASE, None).note == NO_BASELINE


def test_a_shallow_clone_is_refused_with_the_command_that_completes_it(
    folder: Path, tmp_path: Path
) -> None:
    commit(folder)
    git(folder, "tag", "v1.0.0")
    commit(folder, as_text(without_price()))
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--depth=1", folder.as_uri(), str(clone))

    with pytest.raises(BaselineError, match=r"`git fetch --unshallow --tags`\.$"):
        compare(clone, without_price(), None)

    git(clone, "fetch", "--unshallow", "--tags")
    assert breaking(clone) == [REMOVED]


def test_a_repository_that_git_refuses_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(folder)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    with pytest.raises(BaselineError, match=r"safe\.directory"):
        compare(folder, BASE, None)


def test_a_base_without_the_file_is_compared_with_nothing(folder: Path) -> None:
    commit(folder)
    (folder / FILE).rename(folder / "other.json")
    git(folder, "add", "--all")
    git(folder, "commit", "--message", "Move it")

    note = f"There is no {FILE} in the merge base with main to compare with."
    assert compare(folder, BASE, None).note == note


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\n{}\n", "{}", "[]", "null"])
def test_a_base_with_an_invalid_file_is_compared_with_nothing(folder: Path, text: str) -> None:
    commit(folder, text)

    assert compare(folder, BASE, None).note.startswith(
        f"{FILE} in the merge base with main cannot be compared with: it "
    )


def test_a_base_that_is_no_openapi_is_refused(folder: Path) -> None:
    damaged = deepcopy(BASE)
    damaged["paths"]["/items"]["post"]["responses"] = ["200"]
    commit(folder, json.dumps(damaged))

    with pytest.raises(ContractError, match="is not valid OpenAPI"):
        compare(folder, BASE, None)


@pytest.mark.parametrize(
    ("ended", "allowed"),
    [
        ({"deprecated": True, "x-sunset": "2020-01-01T00:00:00+00:00"}, True),
        ({"deprecated": True, "x-sunset": "2020-01-01T00:00:00Z"}, True),
        ({"deprecated": True, "x-sunset": "9999-01-01T00:00:00+00:00"}, False),
        ({"deprecated": True, "x-sunset": "2020-01-01T00:00:00"}, False),
        ({"deprecated": True, "x-sunset": "soon"}, False),
        ({"deprecated": True}, False),
        ({"x-sunset": "2020-01-01T00:00:00+00:00"}, False),
    ],
)
def test_an_operation_may_change_after_its_sunset(
    folder: Path, ended: dict[str, object], allowed: bool
) -> None:
    old = deepcopy(BASE)
    old["paths"]["/items"]["post"] |= ended
    commit(folder, as_text(old))
    found = compare(folder, without_price(), None)

    assert [str(each) for each in found.allowed] == [REMOVED] * allowed
    assert [str(each) for each in found.breaking] == [REMOVED] * (not allowed)


def test_an_announced_change_is_allowed_until_its_release_is_the_base(folder: Path) -> None:
    entry = "### Removed\n\n- `POST /items`: response member `price` removed\n"
    commit(folder)
    git(folder, "tag", "v1.0.0")
    (folder / "CHANGELOG.md").write_text(f"## 1.1.0\n\n{entry}")
    assert breaking(folder) == []

    commit(folder)
    git(folder, "tag", "v1.1.0")
    assert breaking(folder) == [REMOVED]


def test_a_missing_file_is_an_error(folder: Path) -> None:
    assert drift(folder, BASE) == (
        f"There is no {FILE}: run `uv run poe contract --write`, and commit the file.",
        None,
    )


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\n{}\n", "", "[" * 100_000, "\udc80"])
def test_an_invalid_file_is_an_error_that_names_the_command(folder: Path, text: str) -> None:
    (folder / FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    error, warning = drift(folder, BASE)

    assert error
    assert error.startswith(f"{FILE} is not valid JSON (")
    assert error.endswith("): run `uv run poe contract --write`.")
    assert warning is None


def test_a_file_that_is_not_what_the_app_says_is_an_error_with_the_places(folder: Path) -> None:
    (folder / FILE).write_text(as_text(without_price()))
    error, _ = drift(folder, BASE)

    assert error
    assert error.splitlines() == [
        f"{FILE} is not what the app says: run `uv run poe contract --write`, and commit it.",
        "  paths > /items > post > responses > 200 > content > application/json > schema >"
        " properties > price: missing in the file",
    ]


def test_other_titles_descriptions_or_formats_are_a_warning(folder: Path) -> None:
    described = deepcopy(BASE)
    described["info"]["title"] = "Other"
    described["paths"]["/items"]["post"]["responses"]["200"]["description"] = "Other"

    for text in (as_text(described), json.dumps(BASE)):
        (folder / FILE).write_text(text)
        error, warning = drift(folder, BASE)
        assert error is None
        assert warning
        assert "`uv run poe contract --write`" in warning
    (folder / FILE).write_text(as_text(BASE))
    assert drift(folder, BASE) == (None, None)


def test_members_and_values_that_are_named_title_are_compared(folder: Path) -> None:
    described = deepcopy(BASE)
    responses = described["paths"]["/items"]["post"]["responses"]
    properties = responses["200"]["content"]["application/json"]["schema"]["properties"]
    default = properties["title"]["default"]
    for is_last in (False, True):
        if is_last:
            del properties["title"]
        else:
            default["title"] = "b"
        (folder / FILE).write_text(as_text(described))
        error, _ = drift(folder, BASE)
        assert error
        assert "properties > title" in error


def test_each_member_has_a_line_and_names_are_sorted() -> None:
    text = as_text({"b": {"d": 1, "c": "é"}, "a": []})

    assert text == '{\n  "a": [],\n  "b": {\n    "c": "é",\n    "d": 1\n  }\n}\n'
