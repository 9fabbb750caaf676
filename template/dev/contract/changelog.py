"""The entries of the project's CHANGELOG.md that announce breaking changes."""

import re
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from dev.contract.changes import Change, Rule

FILE = "CHANGELOG.md"
WIDTH = 100
HEADINGS = ("Removed", "Changed")
UNRELEASED = "## Unreleased"
RELEASE = re.compile(r"^## +\[?v?(\d[\w.+-]*)", re.MULTILINE)
HEADING = re.compile(r"^(#{2,3}) +\[?(\w+)")
ENTRY = re.compile(r"[-*+] ")
GLUE = "\N{NO-BREAK SPACE}"


def last_release(text: str) -> str | None:
    """Return the newest version of a changelog, or `None`."""
    found = RELEASE.search(text)
    return found and found[1]


def unreleased(text: str, released: str | None) -> str:
    """Return the part of a changelog above the entries of a release."""
    ends = [each.start() for each in RELEASE.finditer(text) if each[1] == released]
    return text[: ends[0]] if ends else text


def announcements(text: str) -> Iterator[str]:
    """Yield the entries under "Removed" and "Changed", each in one line."""
    is_wanted, entry = False, ""
    for line in [*text.splitlines(), "## end"]:
        heading = HEADING.match(line)
        if entry and (heading or ENTRY.match(line) or not line.strip()):
            yield entry
            entry = ""
        if heading:
            is_wanted = heading[2] in HEADINGS
        elif is_wanted and ENTRY.match(line):
            entry = line
        elif entry:
            entry += f" {line.strip()}"


def is_announced(change: Change, entries: Iterable[str]) -> bool:
    """Return whether an entry names the operation and the member of a change."""
    subject = f"`{change.place.member}`" if change.place.member else change.place.kind
    return any(f"`{change.operation}`" in entry and subject in entry for entry in entries)


def suggestions(changes: Sequence[Change]) -> dict[str, list[str]]:
    """Return the entries that announce some changes, by their headings."""
    found: dict[str, list[str]] = {}
    for text in dict.fromkeys(change.text for change in changes):
        same = [change for change in changes if change.text == text]
        is_removed = same[0].rule is Rule.OPERATION_REMOVED or same[0].what == "removed"
        operations = ", ".join(f"`{change.operation}`" for change in same)
        found.setdefault(HEADINGS[not is_removed], []).append(_entry(f"- {operations}: {text}"))
    return found


def written(found: dict[str, list[str]]) -> str:
    """Return entries with their headings, as Markdown."""
    parts = [f"### {name}\n\n" + "\n".join(found[name]) for name in HEADINGS if name in found]
    return "\n\n".join(parts)


def added(text: str, changes: Sequence[Change]) -> str:
    """Return a changelog with entries that announce the changes, above its newest release."""
    release = RELEASE.search(text)
    position = release.start() if release else len(text)
    above, below = text[:position].rstrip("\n"), text[position:]
    if not re.search(r"^## ", above, re.MULTILINE):
        above = f"{above or '# Changelog'}\n\n{UNRELEASED}"
    for heading, entries in suggestions(changes).items():
        above = _insert(above, heading, "\n".join(entries))
    return f"{above}\n" + (f"\n{below}" if below else "")


def _insert(text: str, heading: str, entries: str) -> str:
    """Add entries below a heading, after those that it has; add the heading if it is missing."""
    found = re.search(rf"^### +{heading}\b.*\n(?:(?!##).*(?:\n|\Z))*", text, re.MULTILINE)
    if not found:
        return f"{text}\n\n### {heading}\n\n{entries}"
    own, rest = found[0].rstrip("\n"), text[found.end() :]
    gap = "\n" if ENTRY.search(own) else "\n\n"
    return text[: found.start()] + f"{own}{gap}{entries}" + (f"\n\n{rest}" if rest else "")


def _entry(text: str) -> str:
    """Wrap an entry, but not within code."""
    glued = re.sub(r"`[^`]*`", lambda code: code[0].replace(" ", GLUE), text)
    lines = wrap(
        glued, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    return "\n".join(lines).replace(GLUE, " ")
