"""The breaking changes since a baseline, and those that are allowed."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from dev.baseline import Baseline, find_baseline
from dev.contract import changelog
from dev.contract.changes import Change
from dev.contract.description import FILE, ContractError
from dev.contract.document import Document, DocumentError
from dev.contract.operations import breaking_changes, operations_of

NO_BASELINE = (
    "There is nothing to compare the API with: commit it with Git, or name a revision with"
    " `uv run poe contract --base REV`."
)


@dataclass(frozen=True)
class Comparison:
    """The breaking changes since a baseline. `note` says why there was no comparison, if so."""

    base: str = ""
    note: str = ""
    breaking: list[Change] = field(default_factory=list)
    allowed: list[Change] = field(default_factory=list)
    added: list[str] = field(default_factory=list)


def compare(folder: Path, description: dict[str, object], revision: str | None) -> Comparison:
    """Compare the API with `openapi.json` of a revision, or else of the baseline.

    Raise `BaselineError` if the revision is missing, and `ContractError` if its file or the
    description is not valid OpenAPI.
    """
    baseline = find_baseline(folder, revision)
    if baseline is None:
        return Comparison(note=NO_BASELINE)
    text = baseline.text(FILE)
    if text is None:
        return Comparison(note=f"There is no {FILE} in {baseline.description} to compare with.")
    try:
        base = Document.parse(text)
    except DocumentError as error:
        note = (
            f"{FILE} in {baseline.description} cannot be compared with: {error}. Name another"
            " revision with `--base REV`."
        )
        return Comparison(note=note)
    try:
        return _compared(folder, baseline, base, Document(description))
    except (DocumentError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ContractError(
            f"{FILE} in {baseline.description} is not valid OpenAPI ({error}): name another"
            " revision with `--base REV`."
        ) from error


def _compared(folder: Path, baseline: Baseline, base: Document, new: Document) -> Comparison:
    old, now = operations_of(base), operations_of(new)
    file = folder / changelog.FILE
    text = file.read_text("utf-8", "replace") if file.is_file() else ""
    released = changelog.last_release(baseline.text(changelog.FILE) or "")
    entries = [*changelog.announcements(changelog.unreleased(text, released))]
    ended = {each.name for each in old.values() if _has_ended(each.described)}
    found = Comparison(baseline.description)
    for change in breaking_changes(base, new):
        is_allowed = change.operation in ended or changelog.is_announced(change, entries)
        (found.allowed if is_allowed else found.breaking).append(change)
    found.added.extend(each.name for key, each in now.items() if key not in old)
    return found


def _has_ended(operation: object) -> bool:
    """Return whether an operation was deprecated, and its sunset has passed (RFC 8594)."""
    if not isinstance(operation, dict) or not operation.get("deprecated"):
        return False
    try:
        sunset = datetime.fromisoformat(str(operation.get("x-sunset")))
    except ValueError:
        return False
    return sunset.tzinfo is not None and sunset < datetime.now(UTC)
