"""The sections of `poe prove`.

Each section is a module with `run(plan)`, which yields results as they come. A section stops all
that it started when its generator is closed.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from dev.prove.findings import Result

NO_TIME = "no time is left: choose more with --minutes"


@dataclass(frozen=True)
class Plan:
    """The limits of a section: its time in seconds, and whether it writes budgets."""

    seconds: float
    accept: bool = False


@dataclass(frozen=True)
class Section:
    """A section: its function, its share of the time, and the packages that it needs."""

    module: str
    share: float
    packages: tuple[str, ...] = ()
    function: str = "run"

    def run(self, plan: Plan) -> Generator[Result]:
        """Run the section. Its module is imported only now, because it needs the packages."""
        run = getattr(import_module(self.module), self.function)
        return cast("Callable[[Plan], Generator[Result]]", run)(plan)


SECTIONS: Mapping[str, Section] = {
    "attacks": Section("dev.prove.attacks.section", 5, ("psutil", "schemathesis")),
    "contract": Section("dev.prove.gates", 0, function="run_contract"),
    "migrations": Section("dev.prove.gates", 0, function="run_migrations"),
    "faults": Section("dev.prove.faults.section", 3, ("psutil",)),
    "load": Section("dev.prove.load.section", 2, ("psutil",)),
}


def plan_of(name: str, chosen: tuple[str, ...], seconds: float, *, accept: bool) -> Plan:
    """Return the plan of a section.

    It and the chosen sections after it divide the seconds that are left by their shares.
    """
    total = sum(SECTIONS[each].share for each in chosen[chosen.index(name) :])
    return Plan(seconds * SECTIONS[name].share / total if total else 0, accept)
