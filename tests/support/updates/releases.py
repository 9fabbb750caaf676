"""Which releases there are: the versions of CHANGELOG.md, each where pyproject.toml received it."""

import os
import re
import tomllib
from dataclasses import dataclass
from functools import cache

from tests.support.processes import run
from tests.support.variants import ROOT

# The tag of the working tree, including uncommitted work.
NEXT = "v999.0.0"
# The sources of a project; if none of them changed, there is nothing to update.
RENDERED = ("copier.yml", "includes", "template")
PROMISED = (0, 1, 0)
# From here on an upgrade leads to the next version; from before, to 0.2.2 first.
SUPPORTED = (0, 2, 0)
# Where an upgrade from before stops: see `STOPS` of `upgrade/target.py`.
STOP = "0.3.0"
# The last release that moves files: before an update with Copier to it, a script moves them.
LAST_MOVE = "0.4.0"
# The last release whose projects contain the tests of the platform.
LAST_PLATFORM_TESTS = "0.3.0"
SHALLOW = (
    "This clone is shallow, and updates are tested from earlier releases: git fetch --unshallow"
)


@dataclass(frozen=True)
class Release:
    """A version that projects may have been rendered with."""

    version: str
    commit: str

    @property
    def tag(self) -> str:
        """The tag that the release has, or will have, where it is published."""
        return f"v{self.version}"

    @property
    def number(self) -> tuple[int, ...]:
        """The sort key of the release."""
        return number(self.version)

    @property
    def is_promised(self) -> bool:
        """Whether its questions and validators are frozen."""
        return self.number >= PROMISED

    @property
    def is_supported(self) -> bool:
        """Whether a project of it can go to the next version."""
        return self.number >= SUPPORTED


def number(version: str) -> tuple[int, ...]:
    """Return what a version is sorted by."""
    return tuple(map(int, version.split(".")))


def git(*command: str) -> str:
    """Ask Git about this repository, whichever user owns the folder."""
    return run("git", "-c", "safe.directory=*", *command, cwd=ROOT)


def listed(changelog: str) -> list[str]:
    """Return the versions that a changelog lists, the newest first."""
    return re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.M)


def version_at(commit: str) -> str:
    """Return the version that pyproject.toml had."""
    return version_in(git("show", f"{commit}:pyproject.toml"))


def version_in(pyproject: str) -> str:
    """Return the version of the template."""
    return str(tomllib.loads(pyproject)["project"]["version"])


def find_commits() -> dict[str, str]:
    """Return where each version came to this branch, which is what the release workflow tags."""
    if git("rev-parse", "--is-shallow-repository").strip() == "true":
        raise RuntimeError(SHALLOW)
    log = ("log", "--first-parent", "--reverse", "--format=%H", "-G^version = ")
    commits = git(*log, "--", "pyproject.toml").split()
    return {version_at(commit): commit for commit in reversed(commits)}


def tries_all() -> bool:
    """Return whether nothing is left out to save time, as in `nox -s updates`."""
    return os.environ.get("UPDATES") == "all"


def is_earlier(release: Release) -> bool:
    """Return whether a rendered file has changed since."""
    return git("diff", "--name-only", release.commit, "--", *RENDERED) != ""


def choose(releases: list[Release]) -> list[Release]:
    """Return the oldest, the previous and one in between, or all where `UPDATES=all`.

    Which one it is, the last commit decides: every worker finds the same, it can be tried again,
    and the next commit tries another.
    """
    if tries_all() or len(releases) < 4:
        return releases
    oldest, *others, previous = releases
    turn = int(git("rev-parse", "HEAD"), 16) % len(others)
    return [oldest, others[turn], previous]


@cache
def releases() -> list[Release]:
    """Return the releases, the oldest first."""
    commits = find_commits()
    versions = listed((ROOT / "CHANGELOG.md").read_text("utf-8"))
    return [Release(each, commits[each]) for each in reversed(versions) if each in commits]


@cache
def chosen() -> list[Release]:
    """Return the releases from which updates are tried."""
    return choose([each for each in releases() if each.is_supported and is_earlier(each)])
