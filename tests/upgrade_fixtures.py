"""Releases of a template, and projects that stem from the first of them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from owner import Owner
from processes import commit, run, uv

NEWS = (
    "## [1.1.0] - 2026-12-01\n\n### Added\n\n- Users have a nickname.\n\n## [1.0.0] - 2026-11-30\n"
)
ADVICE = "## 1.1.0\n\n- The alerts moved to `monitoring/rules.yaml`.\n\n"
QUESTION = "\nmotto:\n  type: str\n  help: What is its motto?\n  default: Onwards\n"
# What the second release changes: a file, a text of it, and what that becomes.
CHANGES = (
    (
        "template/src/app/models/user.py",
        "    full_name:",
        "    nickname: Mapped[str | None]\n    full_name:",
    ),
    ("template/pyproject.toml.jinja", '"tenacity>=9.2,', '"tenacity>=9.1,'),
    ("template/pyproject.toml.jinja", 'version = "0.1.0"', 'version = "0.2.0"'),
    ("template/AGENTS.md.jinja", "Read `README.md` first.", "Read `README.md` at first."),
    ("template/renovate.json", "{", "{\n"),
    ("template/scripts/audit.sh", "\n", "\n# Audits.\n"),
    ("template/migrations/versions/initial.py.jinja", '"""The first', '"""The very first'),
    ("CHANGELOG.md", "## [", f"{NEWS}\n## ["),
    ("UPGRADING.md", "## ", f"{ADVICE}## "),
)

Own = Callable[..., Owner]


@pytest.fixture
def releases(template: Path, tmp_path: Path) -> Path:
    """Return a repository with a second release, which changes a text and the first revision."""
    folder = tmp_path / "releases"
    run("git", "clone", "-q", template, folder, cwd=tmp_path)
    for name in ["AGENTS.md.jinja", "CHANGELOG.md", "migrations/versions/initial.py.jinja"]:
        with (folder / "template" / name).open("a") as changed:
            changed.write("\n# Of the second release.\n")
    commit(folder, "Second release")
    run("git", "tag", "v1.1.0", cwd=folder)
    return folder


@pytest.fixture(scope="session")
def two_releases(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with a second release, which changes, moves and removes."""
    folder = tmp_path_factory.mktemp("a template") / "template"
    run("git", "clone", "-q", template, folder, cwd=template)
    for name, before, after in CHANGES:
        file = folder / name
        text = file.read_text()
        assert before in text, name
        file.write_text(text.replace(before, after, 1))
    with (folder / "copier.yml").open("a") as questions:
        questions.write(QUESTION)
    run(
        "git",
        "mv",
        "template/monitoring/alerts.yaml.jinja",
        "template/monitoring/rules.yaml.jinja",
        cwd=folder,
    )
    run("git", "rm", "-q", "template/.editorconfig", cwd=folder)
    commit(folder, "Second release")
    run("git", "tag", "v1.1.0", cwd=folder)
    return folder


@pytest.fixture(scope="session")
def born(two_releases: Path, commands: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project of the first release, with its lock; to copy."""
    folder = tmp_path_factory.mktemp("born") / "project"
    copy = ["copier", "copy", "--defaults", "--quiet", "--vcs-ref", "v1.0.0"]
    run(*copy, two_releases, folder, cwd=two_releases)
    run(uv(), "lock", "--quiet", cwd=folder, PATH=commands)
    run("git", "init", "-q", cwd=folder)
    commit(folder, "First")
    return folder


@pytest.fixture
def own(born: Path, commands: str, tmp_path: Path) -> Own:
    """Give somebody a project of the first release."""

    def owned(name: str = "my project") -> Owner:
        folder = tmp_path / name
        shutil.copytree(born, folder, symlinks=True)
        return Owner(folder, {"PATH": commands})

    return owned


@pytest.fixture
def owner(own: Own) -> Owner:
    """Return the owner of a project of the first release."""
    return own()
