"""Lines about a running section, on the terminal or in the log of a pipeline."""

import sys
import time
from threading import Event, Thread
from types import TracebackType
from typing import Self

from dev.prove.findings import Finding, Outcome, Result

SECONDS_ON_TERMINAL = 1
SECONDS_IN_LOG = 15


class Progress:
    """Prints each failed check at once, and from time to time the number of checks so far."""

    def __init__(self, section: str) -> None:
        self._section = section
        self._began = time.monotonic()
        self._checks = 0
        self._ended = Event()
        self._overwrites = sys.stdout.isatty()
        self._thread = Thread(target=self._tell, daemon=True)

    def __enter__(self) -> Self:
        print(f"{self._section}: started", flush=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._clear()

    def show(self, result: Result) -> None:
        """Count a result, and print it if it is a failed check."""
        if isinstance(result, Finding):
            self._checks += 1
            if result.outcome is Outcome.FAILED:
                self._clear()
                print(result.line, flush=True)

    @property
    def seconds(self) -> float:
        """The time since the section began."""
        return time.monotonic() - self._began

    def _tell(self) -> None:
        pause = SECONDS_ON_TERMINAL if self._overwrites else SECONDS_IN_LOG
        while not self._ended.wait(pause):
            line = f"{self._section}: {self._checks} checks in {self.seconds:.0f} s ..."
            print(f"\r{line}" if self._overwrites else line, end=self._end, flush=True)

    @property
    def _end(self) -> str:
        return "" if self._overwrites else "\n"

    def _clear(self) -> None:
        if self._overwrites:
            print("\r\033[K", end="", flush=True)
