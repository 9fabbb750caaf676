"""`poe resource NAME --add` merges an addition with the edits of the owner, or asks."""

import shutil
import tomllib
from pathlib import Path

from tests.in_project.dev.resource_owner import (
    ADD,
    BRANCH,
    EDITED_FIELD,
    LAST_FIELD,
    MODEL,
    PLACE,
    ResourceOwner,
)

SERVICE = "src/app/services/invoice.py"
TESTS = "tests/resources/test_invoices.py"
TEMPLATE = "dev/resource/templates/app/model.py.j2"


def test_an_addition_is_merged_with_the_edits_of_the_owner(owner: ResourceOwner) -> None:
    owner.edit(MODEL, "from decimal import", "from datetime import time\nfrom decimal import")
    owner.edit(MODEL, LAST_FIELD, f"{LAST_FIELD}    due_at: Mapped[time | None]\n")
    owner.edit(SERVICE, "async def create", '"""Mine."""\n\n\nasync def create')
    owner.git("rm", "--quiet", TESTS)
    owner.commit()
    before = owner.state()
    said = owner.resource(*ADD, "rate:int:default=1", "--add-value", "status:void", "status:paid")

    assert owner.state() == before
    assert f"{TESTS} stays deleted" in said
    assert f"git merge {BRANCH}" in said
    owner.git("merge", "--quiet", BRANCH)
    model = (owner.folder / MODEL).read_text()
    assert "from datetime import datetime, time\n" in model
    assert "    due_at: Mapped[time | None]\n" in model
    assert "    paid_at: Mapped[datetime | None]" in model
    assert "status IN ('draft', 'sent', 'void', 'paid')" in model
    assert '"""Mine."""' in (owner.folder / SERVICE).read_text()
    assert not (owner.folder / TESTS).exists()
    check_what_is_recorded(owner)
    # It is taken, so the next addition starts from it, and new resources are written.
    owner.resource("note", "text:str", "--dry-run")
    owner.resource("invoice", "--add", "code:str:max=9:optional", "--sort", "paid_at, code")
    assert 'sort = "paid_at,code"\n' in owner.on_branch("resources.toml")


def check_what_is_recorded(owner: ResourceOwner) -> None:
    """Check the title of the merge, its revision and its recipe."""
    title = "Add paid_at, rate, status void, status paid to invoices"
    assert owner.git("log", "-1", "--format=%s") == f"{title}\n"
    revision = (owner.folder / "migrations/versions/added.py").read_text()
    assert revision == f"# {title[0].lower()}{title[1:]}\n"
    recipe = tomllib.loads((owner.folder / "resources.toml").read_text())["invoice"]
    assert recipe["fields"][-2:] == ["paid_at:datetime:optional", "rate:int:default=1"]
    assert recipe["sort"] == "paid_at"
    assert recipe["filter"] == "amount,status,paid_at,rate"


def test_an_addition_continues_after_its_conflicts_are_resolved(owner: ResourceOwner) -> None:
    owner.edit(MODEL, "from decimal import", "from datetime import time\nfrom decimal import")
    owner.edit(MODEL, LAST_FIELD, EDITED_FIELD)
    before = owner.state()
    said = owner.resource(*ADD, code=1)

    assert f"\n  {MODEL}: changed by you and by the addition, at the same places.\n" in said
    assert "test_invoices.py" not in said
    assert owner.state() == before
    for command in (ADD, ("note", "text:str")):
        assert "is under way in .resource" in owner.resource(*command, code=1)
    assert f"{MODEL}: line " in owner.resource("--continue", code=1)
    file = owner.folder / PLACE / MODEL
    resolve(file)
    assert f"{MODEL}: is not resolved" in owner.resource("--continue", code=1)
    owner.git("add", MODEL, place=PLACE)
    owner.resource("--continue", place=PLACE)

    assert owner.state() == before
    assert EDITED_FIELD in owner.on_branch(MODEL)
    assert "    paid_at: " in owner.on_branch(MODEL)
    for command in (ADD, ("note", "text:str")):
        assert "is not merged: run `git merge" in owner.resource(*command, code=1)
    assert "is undone" in owner.resource("--abort")
    assert owner.is_clean()


def resolve(file: Path) -> None:
    """Resolve the only conflict in a file."""
    lines = file.read_text().replace(LAST_FIELD, "").splitlines(keepends=True)
    markers = {"<" * 7, "=" * 7, ">" * 7}
    assert len([line for line in lines if line[:7] in markers]) == len(markers)
    file.write_text("".join(line for line in lines if line[:7] not in markers))


def test_an_addition_with_conflicts_can_be_undone(owner: ResourceOwner) -> None:
    owner.edit(MODEL, LAST_FIELD, EDITED_FIELD)
    owner.resource(*ADD, code=1)

    assert "is undone" in owner.resource("--abort")
    assert owner.is_clean()
    assert "There is no addition to undo." in owner.resource("--abort")
    assert owner.resource("--continue", code=1) == "There is no addition to continue.\n"


def test_a_preview_names_conflicts_and_changes_nothing(owner: ResourceOwner) -> None:
    owner.edit(MODEL, LAST_FIELD, EDITED_FIELD)
    before = owner.state()
    said = owner.resource(*ADD, "--dry-run")

    assert "\n+    paid_at: Mapped[datetime | None]" in said
    assert f"\n{MODEL} will need you: " in said
    assert "schemas/invoice.py will" not in said
    assert "also changes resources.toml, and openapi.json if there is one, and writes a" in said
    assert owner.state() == before
    assert owner.is_clean()


def test_an_addition_continues_after_its_tests_are_mended(owner: ResourceOwner) -> None:
    said = owner.resource(*ADD, code=1, FAILURE="1 failed")

    assert "\n1 failed\n\nThe tests failed.\n\nYour working tree is unchanged." in said
    (owner.folder / PLACE / TESTS).write_text('"""Mine."""\n')
    owner.resource("--continue")
    assert owner.on_branch(TESTS) == '"""Mine."""\n'
    assert owner.git("log", "--format=%s", f"HEAD..{BRANCH}") == "Add paid_at to invoices\n"


def test_an_addition_uses_the_generator_that_the_project_has_now(owner: ResourceOwner) -> None:
    owner.edit(TEMPLATE, '"""', '"""Newer. ')
    owner.resource(*ADD)

    assert "Newer" not in owner.on_branch(MODEL)
    assert "    paid_at: " in owner.on_branch(MODEL)


def test_an_addition_works_in_a_folder_of_a_repository(generated: Path, tmp_path: Path) -> None:
    owner = ResourceOwner(tmp_path / "service")
    shutil.copytree(generated, owner.folder, ignore=shutil.ignore_patterns(".git"))
    owner.git("init", "--quiet", "..")
    owner.commit()
    owner.edit(MODEL, LAST_FIELD, EDITED_FIELD)

    assert f"\n  {MODEL}: changed by you" in owner.resource(*ADD, code=1)
    resolve(owner.folder / PLACE / "service" / MODEL)
    owner.git("add", "--update", place=PLACE)
    owner.resource("--continue")
    owner.git("merge", "--quiet", BRANCH)
    assert "    paid_at: " in (owner.folder / MODEL).read_text()
    assert (owner.folder / "migrations/versions/added.py").exists()
