"""A project of an owner on its way from one release to the next version."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.documented_commands import MOVE_FILES
from tests.support.processes import CommandFailedError, commit, run
from tests.support.project_owner import PLACE
from tests.support.services import Service
from tests.support.updates import projects
from tests.support.updates.edits import edit, lost, written
from tests.support.updates.expected_conflicts import OLD_CODE
from tests.support.updates.merge_conflicts import marked, resolve, unmerged
from tests.support.updates.projects import Case
from tests.support.updates.releases import LAST_MOVE, STOP, chosen, git, number, tries_all


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
    is_renamed: bool = False

    @property
    def folder(self) -> Path:
        """Where the project is."""
        return self.service.folder

    @property
    def checks(self) -> list[str]:
        """The checks at the end: all of them, or the tests in one case only to save time."""
        return ["check"] if tries_all() else ["lint", "types", *["test"] * self.is_tested]

    @property
    def is_tested(self) -> bool:
        """Whether it is the one case whose tests and proof run where time is short."""
        return (self.case.release, self.case.name) == (chosen()[-1], "full")

    def prove(self) -> set[str]:
        """Run the sections of `poe prove` that need 90 s; return the subjects that passed."""
        # Its environment is its own: those of other tests have no packages of `poe prove`.
        own = self.service.environment | {"UV_PROJECT_ENVIRONMENT": ".venv"}
        options = ("--minutes=1.5", "--only=attacks", "--only=contract", "--only=migrations")
        Service(self.folder, own).run("--group", "prove", "poe", "prove", *options)
        report = json.loads((self.folder / "prove-report.json").read_text("utf-8"))
        findings = [each for section in report["sections"] for each in section["findings"]]
        return {each["subject"] for each in findings if each["outcome"] == "passed"}

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
            self.service.run("poe", "test")
        self.made = projects.use(self.service)
        self.revisions = projects.revisions(self.folder)

    def take_over(self) -> None:
        """Take over the next version as the documentation says."""
        if self.case.way == "copier":
            self._update()
        else:
            for options in projects.legs(self.case.release, directly=self.case.way == "directly"):
                self._upgrade(options)
            self.service.run("poe", "migrate")
            self.lost = lost(self.folder, self.edits)

    def repeat(self) -> None:
        """Try to take it over again, where nothing is left of it to do."""
        if self.case.way == "copier":
            assert projects.update(self.folder) == set()
        else:
            assert "There is nothing to do." in self.service.run("poe", "upgrade")

    def _upgrade(self, options: list[str]) -> None:
        """Upgrade, do what it asks for, and take it."""
        try:
            self.service.run("poe", "upgrade", "--no-check", *options)
        except CommandFailedError as error:
            if "This needs you" not in str(error):
                raise
            place = self.folder / PLACE
            # Its environment is its own, as `poe upgrade` makes it.
            own = self.service.environment | {"UV_PROJECT_ENVIRONMENT": ".venv"}
            self._settle(Service(place, own), unmerged(place))
            run("git", "add", "-A", cwd=place)
            # Upgrade code of before 0.2.2 leaves no copy that could continue in the working tree.
            is_old = self.case.release.version in OLD_CODE
            at = self.service if is_old else Service(place, own)
            at.run("poe", "upgrade", "--continue", "--no-check")
        projects.take(self.service)

    def _update(self) -> None:
        """Move files, update with Copier alone, and settle what is owed."""
        if self.case.release.number < number(LAST_MOVE):
            script = self.folder.with_name(f"{self.folder.name}.sh")
            script.write_text(MOVE_FILES)
            run("bash", script, cwd=self.folder, **self.service.environment)
        conflicts = projects.update(self.folder)
        projects.lock(self.service)
        self._settle(self.service, conflicts)
        self.lost = lost(self.folder, self.edits)
        projects.take_over_the_models(self.service)
        self.service.run("poe", "contract", "--changelog")
        commit(self.folder, "Update")

    def _settle(self, service: Service, conflicts: set[str]) -> None:
        """Resolve conflicts, and rename what moved."""
        self.conflicts |= conflicts
        own = written(self.folder, self.edits)
        for path in conflicts:
            resolve(service.folder / path, own)
        assert marked(service.folder) == []
        said = service.run("poe", "upgrade", "--rewrite-imports")
        if self.case.release.number < number(STOP) and not self.is_renamed:
            self.is_renamed = True
            assert "+from app.core.limits.rate_limiter import LONGEST_LIMIT, Hit" in said
        service.run("poe", "format")
