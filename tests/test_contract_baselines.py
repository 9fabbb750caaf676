"""`poe contract` finds the baseline in Git."""

import shutil
from copy import deepcopy
from pathlib import Path

import pytest

from dev.baseline import BaselineError
from dev.contract.comparison import NO_BASELINE, compare
from dev.contract.description import FILE, ContractError, as_text
from tests.support.api_projects import BASE, REMOVED, commit, git, without_price


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


def test_a_named_revision_is_the_base_if_git_knows_it(folder: Path) -> None:
    commit(folder)
    commit(folder, as_text(without_price()))

    assert breaking(folder) == []
    assert breaking(folder, "HEAD~1") == [REMOVED]
    with pytest.raises(BaselineError, match=r"^Git knows no revision 'v9' here: fetch it"):
        compare(folder, BASE, "v9")


def test_a_project_below_the_root_of_its_repository_is_compared(folder: Path) -> None:
    project = folder / "services/shop"
    project.mkdir(parents=True)
    (project / FILE).write_text(as_text(BASE))
    commit(folder, "{}")

    assert breaking(project) == [REMOVED]


def test_without_a_repository_or_a_commit_nothing_is_compared(folder: Path) -> None:
    assert compare(folder, BASE, None).note == NO_BASELINE
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
    git(folder, "mv", FILE, "other.json")
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
    commit(folder, '{"paths": {"/items": {"post": {"responses": []}}}}')

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
