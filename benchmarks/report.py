"""Tables of the results."""

import statistics
from dataclasses import dataclass, field

from wrk import Load

# At 64 connections, relative to L1: the minimum of responses per second, the maximum of CPU.
GOALS = {"health": (0.30, 3.6), "me": (0.38, 2.9), "list": (0.40, 2.6), "create": (0.42, 2.5)}


@dataclass
class Results:
    """The results of one server under one load, by round."""

    loads: list[Load] = field(default_factory=list)
    service_us: list[float] = field(default_factory=list)
    database_us: list[float] = field(default_factory=list)

    @property
    def cpu_us(self) -> float:
        """CPU of service and database per request, the median of all rounds, in microseconds."""
        return statistics.median(map(sum, zip(self.service_us, self.database_us, strict=True)))

    def median(self, figure: str) -> float:
        """Return the median of a figure over all rounds."""
        return float(statistics.median(getattr(load, figure) for load in self.loads))


def report(results: dict[tuple[str, str], Results], connections: int) -> None:
    """Print a table: medians, and ratios to L1."""
    print(f"\n{connections} connections (8 for login), medians; CPU in us a request, L1 = 1.00\n")
    print("| load | who | answers/s | ratio | p50 ms | p99 ms | CPU + database | ratio | goals |")
    print(f"|{' --- |' * 9}")
    for (name, workload), result in results.items():
        floor = results["L1", workload]
        pairs = zip(result.loads, floor.loads, strict=True)
        speed = statistics.median(mine.per_second / best.per_second for mine, best in pairs)
        cost = result.cpu_us / floor.cpu_us
        has_goals = name == "service" and connections == 64 and workload in GOALS
        print(
            f"| {workload} | {name} | {result.median('per_second'):,.0f} | {speed:.2f}"
            f" | {result.median('p50'):.1f} | {result.median('p99'):.1f}"
            f" | {statistics.median(result.service_us):.0f}"
            f" + {statistics.median(result.database_us):.0f} | {cost:.2f}"
            f" | {_verdicts(speed, cost, *GOALS[workload]) if has_goals else ''} |"
        )


def _verdicts(speed: float, cost: float, least: float, most: float) -> str:
    fast = f">= {least} {'met' if speed >= least else 'missed'}"
    return f"{fast}, <= {most} {'met' if cost <= most else 'missed'}"
