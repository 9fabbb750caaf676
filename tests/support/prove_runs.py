"""Runs of `poe prove` in a project, and the findings and measurements of their reports."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.processes import CommandFailedError
from tests.support.services import Service

SERVICE = "the service"


@dataclass(frozen=True)
class Proof:
    """The results of one section."""

    results: dict[str, Any]
    output: str

    @property
    def failed(self) -> set[tuple[str, str]]:
        """The checks that failed, each with its subject."""
        return self._pairs("failed")

    @property
    def passed(self) -> set[tuple[str, str]]:
        """The checks that passed, each with its subject."""
        return self._pairs("passed")

    def names(self, fault: Mapping[str, Any]) -> bool:
        """Return whether a failed check names a fault by its subject or its detail."""
        return any(
            (each["outcome"], each["check"]) == ("failed", fault["check"])
            and fault.get("subject", each["subject"]) == each["subject"]
            and fault.get("detail", "") in each["detail"]
            for each in self.results["findings"]
        )

    def value(self, subject: str, name: str) -> float:
        """Return a measured value."""
        [value] = [
            each["value"]
            for each in self.results["measurements"]
            if (each["subject"], each["name"]) == (subject, name)
        ]
        return float(value)

    def _pairs(self, outcome: str) -> set[tuple[str, str]]:
        findings = self.results["findings"]
        return {(e["check"], e["subject"]) for e in findings if e["outcome"] == outcome}


def prove(service: Service, section: str, *options: str) -> Proof:
    """Run a section, and return its results, also if a check failed."""
    command = ("poe", "prove", "--only", section, *options)
    try:
        output = service.run(*command)
    except CommandFailedError as error:
        output = str(error)
    return read_proof(service, output)


def read_proof(service: Service, output: str) -> Proof:
    """Return the results of the last run, which had one section."""
    report = json.loads((service.folder / "prove-report.json").read_text("utf-8"))
    [results] = report["sections"]
    return Proof(results, output)
