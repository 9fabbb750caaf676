"""The options of an upgrade."""

from dataclasses import dataclass, field
from pathlib import Path

from dev.upgrade.errors import UsageError


@dataclass(frozen=True)
class Handover:
    """VERSION and FOLDER of a handover: see the module `handover`."""

    version: str
    folder: Path


@dataclass(frozen=True)
class Options:
    """The arguments of the command, parsed and raw."""

    to: str | None = None
    since: str | None = None
    template: str | None = None
    answers: dict[str, str] = field(default_factory=dict)
    preview: bool = False
    check: bool = True
    arguments: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def refuse_unknown(self) -> None:
        """Raise `UsageError` if this version of the command does not know an argument."""
        if self.unknown:
            raise UsageError(f"unrecognized arguments: {' '.join(self.unknown)}")
