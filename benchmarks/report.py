"""Tables of the results."""

import statistics
from dataclasses import dataclass, field

from wrk import Load


@dataclass
class Results:
    """The results of one server under one load, by round."""

    loads: list[Load] = field(default_factory=list)
    service_us: list[float] = field(default_factory=list)
    database_us: list[float] = field(default_factory=list)

    def add(self, load: Load, service_us: float, database_us: float) -> None:
        """Add the results of a round."""
        self.loads.append(load)
        self.service_us.append(service_us)
        self.database_us.append(database_us)

    @property
    def cpu_us(self) -> float:
        """CPU of service and database per request, the median of all rounds, in microseconds.

        It is at least 1: few requests may take less than a tick of the clock, which is 10 ms.
        """
        both = zip(self.service_us, self.database_us, strict=True)
        return max(statistics.median(map(sum, both)), 1)

    def median(self, figure: str) -> float:
        """Return the median of a figure over all rounds."""
        return float(statistics.median(getattr(load, figure) for load in self.loads))

    def speed(self, yardstick: "Results") -> float:
        """Return the responses per second, relative to a yardstick: the median of all rounds."""
        pairs = zip(self.loads, yardstick.loads, strict=True)
        return statistics.median(mine.per_second / its.per_second for mine, its in pairs)


@dataclass(frozen=True, slots=True)
class Processes:
    """The start and the memory of all processes of a server; 0 where it was not measured."""

    seconds_to_first_answer: float
    idle_mib: float
    used_mib: float


def report(results: dict[tuple[str, str], Results], connections: int) -> None:
    """Print a table: medians, and ratios to L1."""
    print(f"\n{connections} connections (8 for login), medians; CPU in us a request, L1 = 1.00\n")
    print("| load | who | answers/s | ratio | p50 ms | p99 ms | CPU + database | ratio |")
    print(f"|{' --- |' * 8}")
    for (name, workload), result in sorted(results.items(), key=lambda each: each[0][1]):
        yardstick = results["L1", workload]
        print(
            f"| {workload} | {name} | {result.median('per_second'):,.0f}"
            f" | {result.speed(yardstick):.2f}"
            f" | {result.median('p50'):.1f} | {result.median('p99'):.1f}"
            f" | {statistics.median(result.service_us):.0f}"
            f" + {statistics.median(result.database_us):.0f}"
            f" | {result.cpu_us / yardstick.cpu_us:.2f} |"
        )


def report_blocking(results: dict[str, tuple[Load, Load]]) -> None:
    """Print how much concurrent logins slow down a cheap operation."""
    print("\n/health over 4 connections, alone and while 8 clients log in\n")
    print("| who | p99 ms alone | beside | times | /health a second, beside |")
    print(f"|{' --- |' * 5}")
    for name, (alone, beside) in results.items():
        p99 = f"{alone.p99:.1f} | {beside.p99:.1f} | {beside.p99 / alone.p99:.1f}"
        print(f"| {name} | {p99} | {beside.per_second:,.0f} |")


def report_processes(processes: dict[str, Processes]) -> None:
    """Print the start-up time and the memory."""
    print("\nMemory of all processes in MiB; 0 was not measured\n")
    print("| who | first 200 after s | memory | memory after logins |")
    print(f"|{' --- |' * 4}")
    for name, each in processes.items():
        memory = f"{each.idle_mib:.0f} | {each.used_mib:.0f}"
        print(f"| {name} | {each.seconds_to_first_answer:.2f} | {memory} |")
