"""Sentences and texts in generated source, in lines of at most 100 characters."""

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence

WIDTH = 100


def sentence(text: str) -> str:
    """Return a text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def listed(parts: Sequence[str], last: str = "and") -> str:
    """Return parts as in `a`, `a and b`, or `a, b and c`."""
    ends = [", ".join(parts[:-1]), *parts[-1:]]
    return f" {last} ".join(filter(None, ends))


def quoted(texts: Iterable[str]) -> str:
    """Return the source of texts as arguments."""
    return ", ".join(json.dumps(text, ensure_ascii=False) for text in texts)


def wrapped(text: str, indent: int, before: int = 0) -> str:
    """Return the source of a text with `before` characters before it.

    If it does not fit into one line, it has several lines from column `indent` on.
    """
    width = WIDTH - indent - len('""')
    if before and before + len(text) > WIDTH - len('"",'):
        return f"({wrapped(text, indent)})"
    pieces = textwrap.wrap(text, width, break_on_hyphens=False, drop_whitespace=False)
    return "\n".join(map(quoted, zip(pieces, strict=True)))


def comment(text: str, indent: int = 0) -> str:
    """Return a comment, which begins at column `indent`."""
    lines = textwrap.wrap(text, WIDTH - indent - len("# "), break_on_hyphens=False)
    return f"\n{' ' * indent}".join(f"# {line}" for line in lines)


def docstring(text: str) -> str:
    """Return the docstring of a function, with its indent.

    The first line of the text is the summary. Each other line is an error with its reason.
    """
    summary, *errors = filter(None, map(str.strip, text.splitlines()))
    line = f'"""{summary}; raise {"".join(errors)}."""' if errors else f'"""{summary}."""'
    if len(errors) <= 1 and len(line) <= WIDTH - 4:
        return f"    {line}\n"
    raised = ", and ".join(filter(None, [", ".join(errors[:-1]), errors[-1]]))
    lines = textwrap.wrap(f"Raise {raised}.", WIDTH - 4, break_on_hyphens=False)
    return "\n    ".join([f'    """{summary}.\n', *lines, '"""\n'])


def responses(base: str, errors: Mapping[str, str]) -> str:
    """Return the responses of an endpoint: those in `base`, and errors with their texts."""
    own = ", ".join(
        f'HTTPStatus.{status}: {{"description": {wrapped(sentence(text), 28)}}}'
        for status, text in errors.items()
        if text
    )
    parts = " | ".join(filter(None, [base, own and f"{{{own}}}"]))
    return parts and f"responses={parts}"
