"""The result of the gate, as lines and as Markdown."""

from collections.abc import Iterator

from dev.contract import changelog
from dev.contract.comparison import Comparison

RECORD = "uv run poe contract --changelog"


def as_lines(found: Comparison) -> Iterator[str]:
    """Yield a line for each breaking change, and what to do about them."""
    if found.note:
        yield found.note
        return
    for change in found.allowed:
        yield f"allowed: {change}"
    for change in found.breaking:
        yield f"breaking: {change}"
    number = len(found.breaking)
    if not number:
        yield (
            f"There are no other breaking changes since {found.base}."
            if found.allowed
            else (f"There are no breaking changes since {found.base}.")
        )
        return
    yield (
        f"\n{number} breaking change{'s'[: number > 1]} since {found.base}. Undo them, or announce"
        f" them: `{RECORD}` adds these\nlines to {changelog.FILE}, above the last release:\n"
    )
    yield changelog.written(changelog.suggestions(found.breaking))


def as_markdown(found: Comparison, error: str | None) -> Iterator[str]:
    """Yield the paragraphs of a comment on a pull request."""
    yield "## Changes of the API"
    if error:
        yield error.replace("\n  ", "\n- ").replace("\n- ", "\n\n- ", 1)
    if found.note:
        yield found.note
        return
    if not found.breaking and not found.allowed:
        yield f"There are no breaking changes since {found.base}."
    for title, changes in (("Breaking", found.breaking), ("Announced", found.allowed)):
        if changes:
            lines = [f"- `{change.operation}`: {change.text}" for change in changes]
            yield f"### {title}\n\n" + "\n".join(lines)
    if found.added:
        yield "### New operations\n\n" + "\n".join(f"- `{name}`" for name in found.added)
    if found.breaking:
        yield f"Undo the breaking changes, or announce them: `{RECORD}`"
