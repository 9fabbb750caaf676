"""The budgets in `prove.toml`, which the owner keeps and `poe prove --accept` writes."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dev.errors import ServerError

FILE = "prove.toml"
LIMIT = 1.25
HEADER = """\
# The budgets of `poe prove`. An operation fails if it needs more than `limit` times its accepted
# value. CPU time is counted in requests of the yardstick, so that it fits every machine.
# `uv run --group prove poe prove --only load --accept` replaces the accepted values.
"""
ACCEPT = "uv run --group prove poe prove --only load --accept"


@dataclass(frozen=True)
class Budgets:
    """The accepted values of each operation, and the factor by which they may grow."""

    limit: float = LIMIT
    cpu: Mapping[str, float] = field(default_factory=dict)
    statements: Mapping[str, float] = field(default_factory=dict)

    def cpu_budget(self, operation: str) -> float | None:
        """Return the highest CPU time that passes, in requests of the yardstick."""
        accepted = self.cpu.get(operation)
        return None if accepted is None else accepted * self.limit


def read_budgets(project: Path) -> Budgets:
    """Return the budgets of a project; raise `ServerError` if its file is not valid."""
    path = project / FILE
    if not path.exists():
        return Budgets()
    try:
        found = tomllib.loads(path.read_text("utf-8"))["load"]
        return Budgets(
            float(found.get("limit", LIMIT)),
            _numbers(found.get("cpu", {})),
            _numbers(found.get("statements", {})),
        )
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise ServerError(
            f"{FILE} is not valid ({error}): correct it, or delete it and run `{ACCEPT}`."
        ) from error


def write_budgets(project: Path, budgets: Budgets) -> None:
    """Write the accepted values of all operations."""
    lines = [HEADER, "[load]", f"limit = {budgets.limit}"]
    for name, values in (("cpu", budgets.cpu), ("statements", budgets.statements)):
        lines += ["", f"[load.{name}]"]
        lines += [f"{json.dumps(key)} = {value:g}" for key, value in sorted(values.items())]
    (project / FILE).write_text("\n".join(lines) + "\n", "utf-8")


def _numbers(table: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in table.items()}
