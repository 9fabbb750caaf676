"""An upgrade changes nothing that `poe resource` wrote, and additions are possible afterwards."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import copier
import pytest
from _pytest.mark import ParameterSet

from tests.support.processes import commit, run
from tests.support.services import Service, Share
from tests.support.updates import projects
from tests.support.updates.generated_resources import (
    ADDITION,
    EDITS,
    MODEL,
    RECIPES,
    REGISTERED,
    missing,
    own_files,
    write_resources,
)
from tests.support.updates.later import LATER, add_later_state
from tests.support.updates.merge_conflicts import resolve
from tests.support.updates.releases import NEXT, chosen, number, tries_all
from tests.support.variants import Answers

FIRST = "0.5.0"  # which has `poe resource`
# The working tree is a release, too.
ORIGINS = [*(each.tag for each in chosen() if each.number >= number(FIRST)), NEXT]
WITHOUT_EXAMPLE: Answers = {"example": False}
# Where time is short, each way to upgrade is tried with one answer.
WAYS: list[tuple[str, Answers]] = [("upgrade", WITHOUT_EXAMPLE), ("copier", {})]
OTHER_WAYS: list[tuple[str, Answers]] = [("upgrade", {}), ("copier", WITHOUT_EXAMPLE)]


@dataclass(frozen=True)
class Owned:
    """A project with generated resources in a later state of the template."""

    service: Service
    before: dict[str, bytes]
    edits: str
    conflicts: set[str]
    has_example: bool

    @property
    def folder(self) -> Path:
        """Where the project is."""
        return self.service.folder


def cases() -> list[ParameterSet]:
    """Return each origin with each way to upgrade."""
    return [
        pytest.param(
            (tag, way, answers),
            id=f"{tag}-{way}-{'without' if answers else 'with'}-example",
            marks=pytest.mark.xdist_group(f"generated-{tag}-{way}-{answers}"),
        )
        for tag in ORIGINS
        for way, answers in [*WAYS, *(OTHER_WAYS if tries_all() else [])]
    ]


@pytest.fixture(scope="session")
def later(history: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository of all releases, the working tree and a later state."""
    folder = tmp_path_factory.mktemp("later") / "template"
    shutil.copytree(history, folder)
    add_later_state(folder)
    return folder


@pytest.fixture(scope="module", params=cases())
def owned(
    request: pytest.FixtureRequest,
    later: Path,
    share: Share,
    tmp_path_factory: pytest.TempPathFactory,
) -> Owned:
    """Return a project that was upgraded after its owner had generated and edited resources."""
    tag, way, answers = request.param
    service = Service(tmp_path_factory.mktemp("owned"), share({}))
    copier.run_copy(str(later), service.folder, vcs_ref=tag, defaults=True, quiet=True)
    run("git", "init", "-q", cwd=service.folder)
    commit(service.folder, "First")
    write_resources(service)
    edits = run("git", "rev-parse", "HEAD", cwd=service.folder).strip()
    before = own_files(service.folder, edits)
    conflicts = {"upgrade": upgrade, "copier": update}[way](service, answers)
    return Owned(service, before, edits, conflicts, has_example=not answers)


def upgrade(service: Service, answers: Answers) -> set[str]:
    """Upgrade by the project's command, which resolves all conflicts."""
    options = [part for name in answers for part in ("--set", f"{name}=false")]
    service.run("poe", "upgrade", "--no-check", "--to", LATER, *options)
    projects.take(service)
    service.run("poe", "migrate")
    return set()


def update(service: Service, answers: Answers) -> set[str]:
    """Update with Copier alone, and add the lines of the owner to registries with conflicts."""
    conflicts = projects.update(service.folder, answers)
    for path in conflicts:
        resolve(service.folder / path, {*REGISTERED[path]})
    projects.lock(service)
    service.run("poe", "format")
    projects.take_over_the_models(service)
    commit(service.folder, "Update")
    return conflicts


def test_generated_files_and_their_recipes_are_unchanged(owned: Owned) -> None:
    assert {RECIPES, MODEL, "src/app/models/customer.py"} <= {*owned.before}
    assert own_files(owned.folder, owned.edits) == owned.before


def test_registries_keep_the_lines_of_generated_resources(owned: Owned) -> None:
    assert missing(owned.folder, REGISTERED) == []
    # Only Copier asks, and only where the lines beside those of the owner leave.
    assert owned.conflicts <= (set() if owned.has_example else {*REGISTERED})
    for path in REGISTERED:
        text = (owned.folder / path).read_text("utf-8")
        assert "later" in text.partition("\n")[0]
        assert ("item" in text) == owned.has_example


def test_a_project_with_generated_resources_passes_its_checks(owned: Owned) -> None:
    owned.service.run("poe", "lint")
    owned.service.run("poe", "types")
    own = sorted(path for path in owned.before if path.startswith("tests/resources/"))
    assert own
    shared = ("tests/access", "tests/test_migrations.py")

    assert " passed" in owned.service.run("poe", "test", *own, *shared)


def test_an_addition_after_an_upgrade_keeps_the_edits(owned: Owned) -> None:
    # This runs the tests of the resource.
    assert "git merge resource-change" in owned.service.run("poe", "resource", *ADDITION)

    run("git", "merge", "-q", "resource-change", cwd=owned.folder)
    owned.service.run("poe", "migrate")
    assert missing(owned.folder, EDITS) == []
    model = (owned.folder / MODEL).read_text("utf-8")
    assert "    paid_at: Mapped[datetime | None]" in model
    assert "status IN ('draft', 'sent', 'paid', 'void')" in model
    assert f'generator = "{LATER}"' in (owned.folder / RECIPES).read_text("utf-8")
    owned.service.run("poe", "lint")
    owned.service.run("poe", "types")
