"""Sentences and texts in generated source, in lines of at most 100 characters."""

import json
import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 100
Reasons = Sequence[tuple[str, str]]  # the names of errors, and their reasons


def listed(parts: Sequence[str], last: str = "and") -> str:
    """Return parts as in `a`, `a and b`, or `a, b and c`."""
    ends = [", ".join(parts[:-1]), *parts[-1:]]
    return f" {last} ".join(filter(None, ends))


def wrapped(text: str, indent: int, before: int = 0) -> str:
    """Return the source of a text with `before` characters before it.

    If it does not fit into one line, it has several lines from column `indent` on.
    """
    width = WIDTH - indent - len('""')
    if before and before + len(text) > WIDTH - len('"",'):
        return f"({wrapped(text, indent)})"
    pieces = textwrap.wrap(text, width, break_on_hyphens=False, drop_whitespace=False)
    return "\n".join(json.dumps(piece, ensure_ascii=False) for piece in pieces)


def quoted(texts: Iterable[str]) -> str:
    """Return the source of texts as arguments."""
    return ", ".join(json.dumps(text, ensure_ascii=False) for text in texts)


def comment(text: str, indent: int = 0) -> str:
    """Return a comment, which begins at column `indent`."""
    lines = textwrap.wrap(text, WIDTH - indent - len("# "), break_on_hyphens=False)
    return f"\n{' ' * indent}".join(f"# {line}" for line in lines)


def docstring(summary: str, errors: Reasons) -> str:
    """Return the docstring of a function that raises errors."""
    reasons = [f"`{name}` {reason}" for name, reason in errors]
    line = f'"""{summary}; raise {"".join(reasons)}."""' if reasons else f'"""{summary}."""'
    if len(reasons) <= 1 and len(line) <= WIDTH - 4:
        return line
    raised = ", and ".join(filter(None, [", ".join(reasons[:-1]), reasons[-1]]))
    text = textwrap.fill(f"Raise {raised}.", WIDTH - 4, break_on_hyphens=False)
    paragraph = textwrap.indent(text, "    ").lstrip()
    return f'"""{summary}.\n\n    {paragraph}\n    """'


def responses(base: str, errors: Reasons) -> str:
    """Return the argument `responses` of an endpoint, or an empty string."""
    own = ", ".join(
        f'HTTPStatus.{status}: {{"description": {wrapped(text, 28)}}}' for status, text in errors
    )
    parts = " | ".join(filter(None, [base, own and f"{{{own}}}"]))
    return parts and f"responses={parts}"
