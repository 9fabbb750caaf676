"""`poe resource`: its exit codes, its output, and what it leaves in the project."""

import json

from tests.in_project.dev.copied_project import CopiedProject

NEW = {
    "resources.toml",
    "migrations/versions/notes.py",
    "src/app/api/v1/endpoints/notes.py",
    "src/app/models/note.py",
    "src/app/schemas/note.py",
    "src/app/services/note.py",
    "tests/access/notes.py",
    "tests/resources/test_notes.py",
}
CHANGED = {"src/app/api/v1/router.py", "src/app/models/__init__.py"}


def changes(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """Return the paths of the files that were added, changed or removed."""
    return {path for path in before | after if before.get(path) != after.get(path)}


def test_the_files_of_a_resource_are_added_and_both_registries_change(
    copied: CopiedProject,
) -> None:
    before = copied.files()
    done = copied.run()
    found = changes(before, copied.files())

    assert done.returncode == 0
    assert found >= NEW | CHANGED
    assert all("note" in path for path in found - NEW - CHANGED)
    assert all(path in done.stdout for path in found)
    assert "GET http://127.0.0.1:8000/api/v1/notes/{note_id}" in done.stdout
    steps = [line.partition(" ... ")[0] for line in done.stderr.splitlines()]
    assert steps[:2] == ["Writing the code", "Writing the revision"]
    assert len(steps) == 5


def test_the_description_of_the_api_is_written_again_if_there_is_one(
    copied: CopiedProject,
) -> None:
    (copied.folder / "openapi.json").write_text("{}\n")
    done = copied.run()

    assert done.returncode == 0
    assert "Describing the API ... " in done.stderr
    assert "openapi.json" in done.stdout
    described = json.loads(copied.files()["openapi.json"])
    assert "/api/v1/notes/{note_id}" in described["paths"]


def test_two_resources_from_a_file_are_added_with_one_revision(copied: CopiedProject) -> None:
    file = copied.folder / "recipes.toml"
    file.write_text('[tag]\nfields = ["note:ref:note"]\n[note]\nfields = ["text:str:max=9"]\n')
    before = copied.files()
    done = copied.run("--from", "recipes.toml", "--json")
    after = copied.files()
    said = json.loads(done.stdout)

    assert done.returncode == 0
    assert {*said["files"], *said["diffs"]} | {"resources.toml"} == changes(before, after)
    assert said["files"]["src/app/models/tag.py"].encode() == after["src/app/models/tag.py"]
    assert [path for path in said["files"] if "versions" in path] == [
        "migrations/versions/notes, tags.py"
    ]
    assert "+from app.models.note import Note\n" in said["diffs"]["src/app/models/__init__.py"]
    assert len(said["urls"]) == 10
    assert said["seconds"].keys() >= {"Writing the code", "Running the tests"}


def test_a_dry_run_shows_files_and_differences_and_writes_nothing(copied: CopiedProject) -> None:
    before = copied.files()
    done = copied.run("note", "text:str:max=1000", "--dry-run")

    assert done.returncode == 0
    assert copied.files() == before
    assert "note.py" in done.stdout
    assert "\n+api_router.include_router(notes_router)\n" in done.stdout
    assert "The plural of note is notes.\n" in done.stdout
    assert "Writing the revision" not in done.stderr


def test_all_mistakes_are_reported_and_nothing_is_written(copied: CopiedProject) -> None:
    before = copied.files()
    done = copied.run("class", "text:strr", "--json")

    assert done.returncode == 2
    assert len(json.loads(done.stdout)["mistakes"]) == 2
    assert done.stderr.splitlines() == json.loads(done.stdout)["mistakes"]
    assert copied.files() == before


def test_a_registry_of_unknown_shape_is_left_alone(copied: CopiedProject) -> None:
    router = copied.folder / "src/app/api/v1/router.py"
    lines = [line for line in router.read_text().splitlines() if "include_router" not in line]
    router.write_text("\n".join(lines))
    (copied.folder / "src/app/models/__init__.py").write_text('"""Models."""\n')
    before = copied.files()
    done = copied.run()

    assert done.returncode == 3
    assert done.stderr.endswith(
        "src/app/models/__init__.py has no known place for these lines: add\n"
        "    from app.models.note import Note\n"
        "src/app/api/v1/router.py has no known place for these lines: add\n"
        "    from app.api.v1.endpoints.notes import router as notes_router\n"
        "    api_router.include_router(notes_router)\n"
    )
    assert copied.files() == before


def test_lines_that_were_added_by_hand_are_accepted(copied: CopiedProject) -> None:
    router = copied.folder / "src/app/api/v1/router.py"
    text = router.read_text().replace("api_router.include", "for_all(api_router).include")
    text += "from app.api.v1.endpoints.notes import router as notes_router\n"
    router.write_text(f"{text}api_router.include_router(notes_router)\n")
    done = copied.run()

    assert done.returncode == 0
    assert router.read_text().count("notes_router") == 2


def test_the_recipe_of_a_removed_resource_must_be_removed(copied: CopiedProject) -> None:
    (copied.folder / "resources.toml").write_text('[note]\nfields = ["text:str:max=9"]\n')
    done = copied.run()

    assert done.returncode == 1
    assert "resources.toml has a recipe of note: remove it. Nothing was written." in done.stderr


def test_a_damaged_file_of_recipes_is_refused(copied: CopiedProject) -> None:
    (copied.folder / "resources.toml").write_text('note = {fields = ["text:str:max=9"]\n')
    before = copied.files()
    done = copied.run()

    assert done.returncode == 1
    assert "resources.toml: " in done.stderr
    assert done.stderr.endswith("Nothing was written.\n")
    assert copied.files() == before


def test_nothing_is_written_through_a_link_to_a_missing_file(copied: CopiedProject) -> None:
    (copied.folder / "resources.toml").unlink(missing_ok=True)
    (copied.folder / "resources.toml").symlink_to("missing.toml")
    before = copied.files()
    previewed, done = copied.run("note", "text:str", "--dry-run"), copied.run()

    assert (previewed.returncode, done.returncode) == (0, 1)
    assert "resources.toml: No such file or directory. Nothing was changed." in done.stderr
    assert copied.files() == before


def test_a_folder_that_cannot_be_copied_is_named(copied: CopiedProject) -> None:
    (copied.folder / "src/loop").symlink_to(".")
    done = copied.run()

    assert done.returncode == 1
    assert "Cannot copy " in done.stderr
    assert "Too many levels of symbolic links" in done.stderr


def test_failed_tests_are_shown_and_nothing_is_written(copied: CopiedProject) -> None:
    before = copied.files()
    done = copied.run(failure="1 failed, for this reason")

    assert done.returncode == 1
    assert done.stderr.endswith(
        "1 failed, for this reason\n\nThe tests failed. Nothing was written.\n"
    )
    assert copied.files() == before


def test_imports_stay_sorted_and_a_relative_style_is_kept(copied: CopiedProject) -> None:
    models = copied.folder / "src/app/models/__init__.py"
    models.write_text(
        '"""Models."""\r\n\r\nfrom app.core.db.base import Base\r\n\r\n'
        "from . import accounts\r\nfrom .item import Item  # först\r\nfrom .user import User\r\n",
        "utf-8",
        newline="",
    )
    assert copied.run().returncode == 0

    assert models.read_bytes().decode().splitlines(keepends=True)[-3:] == [
        "from .item import Item  # först\r\n",
        "from .note import Note\r\n",
        "from .user import User\r\n",
    ]
