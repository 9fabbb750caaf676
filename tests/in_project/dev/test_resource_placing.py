"""The move of finished files into a project: all of them, or none."""

from pathlib import Path

import pytest

from dev.resource.placing import PlacingError, place


def test_a_file_that_has_changed_since_the_copy_is_not_replaced(tmp_path: Path) -> None:
    finished, project = tmp_path / "finished", tmp_path / "project"
    for folder in (finished, project):
        folder.mkdir()
        (folder / "router.py").write_text(folder.name)
    (finished / "note.py").touch()

    with pytest.raises(PlacingError, match=r"router\.py has changed since"):
        place(finished, project, {"note.py": None, "router.py": b"before".hex()})
    (project / "note.py").touch()
    with pytest.raises(PlacingError, match=r"note\.py has changed since"):
        place(finished, project, {"note.py": None, "router.py": b"project".hex()})
    assert (project / "router.py").read_text() == "project"


def test_a_failure_while_files_are_moved_is_undone(tmp_path: Path) -> None:
    finished, project = tmp_path / "finished", tmp_path / "project"
    for folder in (finished, project):
        folder.mkdir()
        (folder / "router.py").write_text(folder.name)
    (finished / "note.py").touch()
    (project / "models.py").touch()
    old = {"router.py": b"project".hex(), "models.py": ""}

    with pytest.raises(FileNotFoundError):
        place(finished, project, {"a/b/note.py": None, **old})
    (finished / "a/b").mkdir(parents=True)
    (finished / "a/b/note.py").touch()
    with pytest.raises(FileNotFoundError):  # there is no finished models.py
        place(finished, project, {"a/b/note.py": None, **old})

    assert {path.name for path in project.iterdir()} == {"router.py", "models.py"}
    assert (project / "router.py").read_text() == "project"
