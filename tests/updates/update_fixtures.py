"""The releases in one repository, and projects rendered from them."""

import shutil
from functools import cache
from pathlib import Path
from typing import Protocol

import copier
import pytest

import projects
from releases import NEXT, STOP, releases
from tests.support.processes import commit, run
from tests.support.services import Service, Share
from tests.support.variants import ROOT, Answer, Answers


class RenderVersion(Protocol):
    """Renders a version with some answers, once for each set of them; only read it."""

    def __call__(self, tag: str, **answers: Answer) -> Path: ...


class Begin(Protocol):
    """Begins a project of a version, committed, in a shared environment."""

    def __call__(self, tag: str, answers: Answers) -> Service: ...


class NewTables(Protocol):
    """Returns what the database of a new project holds, made once for each set of answers."""

    def __call__(self, **answers: Answer) -> list[str]: ...


@pytest.fixture(scope="session")
def history(download: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository that has a tag for each release, and one for the working tree."""
    folder = tmp_path_factory.mktemp("history")
    run("git", "clone", "-q", ROOT, folder, cwd=folder)
    for release in releases():
        run("git", "tag", "--force", release.tag, release.commit, cwd=folder)
    run("git", "rm", "-qr", ".", cwd=folder)
    shutil.copytree(download, folder, dirs_exist_ok=True)
    run("git", "add", "-A", cwd=folder)
    # Until the stop is released, it is the working tree.
    for tag in [*([] if STOP in {each.version for each in releases()} else [f"v{STOP}"]), NEXT]:
        run("git", "commit", "-q", "--allow-empty", "-m", tag, cwd=folder)
        run("git", "tag", tag, cwd=folder)
    return folder


@pytest.fixture(scope="session")
def render_version(history: Path, tmp_path_factory: pytest.TempPathFactory) -> RenderVersion:
    """Render versions."""

    @cache
    def rendered(tag: str, **answers: Answer) -> Path:
        folder = tmp_path_factory.mktemp("version")
        copier.run_copy(str(history), folder, answers, vcs_ref=tag, defaults=True, quiet=True)
        return folder

    return rendered


@pytest.fixture(scope="session")
def begin(
    render_version: RenderVersion, share: Share, tmp_path_factory: pytest.TempPathFactory
) -> Begin:
    """Begin projects."""

    def begun(tag: str, answers: Answers) -> Service:
        folder = tmp_path_factory.mktemp("owned")
        shutil.copytree(render_version(tag, **answers), folder, dirs_exist_ok=True)
        run("git", "init", "-q", cwd=folder)
        commit(folder, "First")
        return Service(folder, share(answers))

    return begun


@pytest.fixture(scope="session")
def new_tables(begin: Begin) -> NewTables:
    """Migrate projects of the next version."""

    @cache
    def migrated(**answers: Answer) -> list[str]:
        new = begin(NEXT, answers)
        new.run("poe", "migrate")
        return projects.tables(new)

    return migrated
