"""A project of an owner on its way from one release to the next version."""

from dataclasses import dataclass, field
from pathlib import Path

import owed
import projects
from edits import edit, lost
from merges import marked
from projects import Case
from releases import chosen, git, tries_all
from tests.support.processes import commit
from tests.support.services import Service


@dataclass
class Journey:
    """An edited project, with what was seen on the way."""

    case: Case
    service: Service
    edits: str = ""
    made: list[str] = field(default_factory=list)
    revisions: dict[str, bytes] = field(default_factory=dict)
    conflicts: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where the project is."""
        return self.service.folder

    @property
    def checks(self) -> list[str]:
        """What is to pass at the end: all; where time is short the tests in one case only."""
        if tries_all():
            return ["check"]
        is_tested = (self.case.release, self.case.name) == (chosen()[-1], "full")
        return ["lint", "types", *["test"] * is_tested]

    def prepare(self) -> None:
        """Edit the project until its own checks pass, and use it."""
        commit = self.case.release.commit
        tracked = git("ls-tree", "-r", "--name-only", commit).splitlines()
        [path] = [each for each in tracked if each.endswith("/how-to/add-a-resource.md")]
        how_to = git("show", f"{commit}:{path}")
        self.edits = edit(self.service, how_to)
        if tries_all():
            self.service.run("poe", "lint")
            self.service.run("poe", "types")
            if self.case.release.is_promised:
                self.service.run("poe", "test")
        self.made = projects.use(self.service)
        self.revisions = projects.revisions(self.folder)

    def take_over(self) -> None:
        """Take over the next version as the documentation says."""
        if self.case.by_copier:
            self._update()
        else:
            projects.upgrade(self.service)
            self.service.run("poe", "migrate")
            self.lost = lost(self.folder, self.edits)

    def repeat(self) -> None:
        """Try to take it over again, where nothing is left of it to do."""
        if self.case.by_copier:
            assert projects.update(self.folder) == set()
        else:
            assert "There is nothing to do." in self.service.run("poe", "upgrade")

    def _update(self) -> None:
        """Update with Copier alone, and settle what is owed."""
        version = self.case.release.version
        self.conflicts = projects.update(self.folder)
        for path, resolve in owed.CONFLICTS.get(version, {}).items():
            resolve(self.folder / path)
        assert marked(self.folder) == []
        projects.lock(self.service)
        self.service.run("poe", "format")
        self.lost = lost(self.folder, self.edits)
        if step := owed.STEPS.get(version):
            step(self.folder)
        projects.take_over_the_models(self.service)
        commit(self.folder, "Update")
