"""The releases that updates are tried from are all that there were."""

from itertools import pairwise

import pytest

from tests.support.updates.releases import (
    Release,
    choose,
    find_commits,
    git,
    listed,
    releases,
    version_in,
)
from tests.support.variants import ROOT

pytestmark = pytest.mark.renders

NINE = [Release(f"0.{minor}.0", "") for minor in range(1, 10)]


def test_every_version_of_the_changelog_is_found_in_the_history() -> None:
    versions = listed((ROOT / "CHANGELOG.md").read_text("utf-8"))
    # The one that is being prepared is the working tree.
    prepared = version_in((ROOT / "pyproject.toml").read_text("utf-8"))

    assert versions
    assert {*versions} - {release.version for release in releases()} <= {prepared} - {
        *find_commits()
    }


def test_each_release_is_an_ancestor_of_the_next_release() -> None:
    commits = [release.commit for release in releases()]

    assert len(commits) >= 2
    for earlier, later in pairwise(commits):
        git("merge-base", "--is-ancestor", earlier, later)


def test_a_default_run_covers_the_oldest_the_previous_and_another_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("UPDATES", raising=False)

    oldest, another, previous = choose(NINE)

    assert (oldest, previous) == (NINE[0], NINE[-1])
    assert another in NINE[1:-1]
    assert [oldest, another, previous] == choose(NINE)


def test_all_releases_are_tested_if_updates_is_set_to_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPDATES", "all")

    assert choose(NINE) == NINE
