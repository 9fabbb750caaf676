"""The figures that a release must reach."""

from collections.abc import Iterator
from dataclasses import dataclass

from report import Processes, Results

# CPU of a request, and responses per second, relative to L1: what must be reached, and the stretch.
CPU = {
    ("shipped", "health"): (4.5, 3.5),
    ("shipped", "me"): (2.8, 2.4),
    ("shipped", "list"): (2.7, 2.4),
    ("shipped", "create"): (2.8, 2.5),
    ("off", "health"): (3.2, 2.3),
    ("off", "me"): (2.1, 1.8),
    ("off", "list"): (2.1, 1.9),
    ("off", "create"): (2.4, 2.1),
}
SPEED = {"health": 0.35, "me": 0.50, "list": 0.45, "create": 0.43}
P99_MS = 150
IDLE_MIB, USED_MIB = (190, 160), (295, 200)
FIRST_ANSWER_SECONDS, IMPORT_SECONDS = 1.5, 1.0


@dataclass(frozen=True, slots=True)
class Gate:
    """A measured figure, the bound that it must reach, and the bound that is aimed at."""

    name: str
    figure: float
    must: float
    stretch: float | None = None
    is_minimum: bool = False

    def row(self) -> str:
        """Return a row of the table."""
        bounds = [
            self._verdict(self.must),
            "" if self.stretch is None else self._verdict(self.stretch),
        ]
        return f"| {self.name} | {self.figure:.2f} | {' | '.join(bounds)} |"

    def _verdict(self, bound: float) -> str:
        met = self.figure >= bound if self.is_minimum else self.figure <= bound
        return f"{'>=' if self.is_minimum else '<='} {bound} {'met' if met else 'missed'}"


def report_gates(
    results: dict[tuple[str, str], Results], shipped: Processes, import_seconds: float
) -> None:
    """Print a table of all gates."""
    print("\nGates, which are meant for 64 connections; CPU and speed are relative to L1")
    print("\n| gate | measured | must | stretch |\n| --- | --- | --- | --- |")
    gates = [*_of_loads(results), *_of_processes(shipped, import_seconds)]
    print("\n".join(each.row() for each in gates))


def _of_loads(results: dict[tuple[str, str], Results]) -> Iterator[Gate]:
    for (name, workload), (must, stretch) in CPU.items():
        times = results[name, workload].cpu_us / results["L1", workload].cpu_us
        yield Gate(f"CPU of {workload}, {name}", times, must, stretch)
    for workload, must in SPEED.items():
        speed = results["off", workload].speed(results["L1", workload])
        yield Gate(f"speed of {workload}, off", speed, must, is_minimum=True)
    yield Gate("p99 ms of me, shipped", results["shipped", "me"].median("p99"), P99_MS)


def _of_processes(shipped: Processes, import_seconds: float) -> Iterator[Gate]:
    yield Gate("memory in MiB, shipped", shipped.idle_mib, *IDLE_MIB)
    yield Gate("memory after logins in MiB, shipped", shipped.used_mib, *USED_MIB)
    yield Gate("first 200 after s, shipped", shipped.seconds_to_first_answer, FIRST_ANSWER_SECONDS)
    yield Gate("`import app.main` in s", import_seconds, IMPORT_SECONDS)
