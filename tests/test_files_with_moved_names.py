"""Names of modules that moved are listed and rewritten in files of every kind."""

from pathlib import Path

import pytest

from dev.upgrade.git import Git
from upgrade.stale import rewrite_imports, stale_files


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with names that moved in files of every kind."""
    line = b"# app.core.audit\n"
    folder = tmp_path / "a project"
    for name in ("a.py", "ci.yml", "Dockerfile", "conf.ini", "it is.sh", "docs/history.md"):
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_bytes(line)
    (folder / "latin.py").write_bytes("# é app.core.audit\r\n".encode("latin-1"))
    (folder / "broken.py").write_bytes(b"(\n" + line)
    (folder / "data.bin").write_bytes(b"\0" + line)
    (folder / "tool.sh").write_bytes(line)
    (folder / "tool.sh").chmod(0o755)
    (tmp_path / "outside.py").write_bytes(line)
    (folder / "link.py").symlink_to(tmp_path / "outside.py")
    (folder / ".venv").mkdir()
    (folder / ".venv/library.py").write_bytes(line)
    return folder


CHECKED = [
    "Dockerfile",
    "a.py",
    "broken.py",
    "ci.yml",
    "conf.ini",
    "it is.sh",
    "latin.py",
    "tool.sh",
]


def test_old_names_are_listed_and_rewritten_in_code_and_configuration(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (project / ".gitignore").write_text(".venv\n")
    Git(project)("init", "-q")
    before = {path: path.read_bytes() for path in project.rglob("*.*") if path.is_file()}

    listed = [line for file in stale_files(project) for line in file.lines]
    assert [line.split(":")[0] for line in listed] == CHECKED
    assert "a.py:1: app.core.audit moved to app.core.observability.audit_log" in listed
    assert rewrite_imports(project) == 0
    said = capfd.readouterr().out
    assert "-# app.core.audit\n+# app.core.observability.audit_log\n" in said
    assert "Rewrote 8 names in 8 files." in said
    assert [*stale_files(project)] == []
    assert (project / "tool.sh").stat().st_mode & 0o777 == 0o755
    assert (project / "latin.py").read_bytes() == (
        "# é app.core.observability.audit_log\r\n".encode("latin-1")
    )
    for name in ("docs/history.md", "data.bin", "link.py", ".venv/library.py"):
        assert (project / name).read_bytes() == before[project / name]
    assert not [*project.rglob(".rewriting-*")]


def test_a_file_in_the_old_folder_of_a_moved_package_is_listed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("core/http/middleware/__init__.py", "core/middleware/mine.py", "jobs/mine.py"):
        (tmp_path / "src/app" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src/app" / name).touch()
    Git(tmp_path)("init", "-q")

    # Without the package at its new place, as where an answer leaves it out, the folder is new.
    assert rewrite_imports(tmp_path) == 0
    assert capfd.readouterr().out == (
        "No file here names a module that moved: nothing was changed.\n"
        "src/app/core/middleware/mine.py: its package moved,"
        " so move it to src/app/core/http/middleware/mine.py\n"
    )
