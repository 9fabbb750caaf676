"""Inserts statements into a module as whole lines, and proves that nothing else changed.

Modules are bytes, because their encoding and line endings must stay as they are.
"""

import ast


def end_line(tree: ast.Module, node: ast.stmt) -> int:
    """Return the last line of a statement, and of the statements that share this line with it."""
    line = node.end_lineno or 0
    for each in tree.body:
        if each.lineno <= line:
            line = max(line, each.end_lineno or 0)
    return line


def with_line(source: bytes, line: int, text: str) -> bytes:
    """Insert a text after a line, with the line endings of the source."""
    lines = source.splitlines(keepends=True)
    end = _ending(lines)
    encoded = text.encode().replace(b"\n", end)
    before, after = b"".join(lines[:line]), b"".join(lines[line:])
    if before.endswith((b"\r", b"\n")):
        return before + encoded + end + after
    return before + end + encoded


def is_harmless(old: bytes, new: bytes, added: list[str]) -> bool:
    """Return whether a file differs from an old one only in added statements and blank lines."""
    try:
        statements = [ast.dump(each) for each in ast.parse(new).body]
        for text in added:
            statements.remove(ast.dump(ast.parse(text).body[0]))
        before = [ast.dump(each) for each in ast.parse(old).body]
    except (SyntaxError, ValueError):
        return False
    extra = _extra_lines(_lines(old), _lines(new))
    known = {line for text in added for line in text.encode().split(b"\n")}
    return statements == before and extra is not None and {*extra} <= known | {b""}


def _lines(source: bytes) -> list[bytes]:
    """Return the lines with their endings; the last line gets one, if it has none."""
    lines = source.splitlines(keepends=True)
    if lines and not lines[-1].endswith((b"\r", b"\n")):
        lines[-1] += _ending(lines)
    return lines


def _extra_lines(old: list[bytes], new: list[bytes]) -> list[bytes] | None:
    """Return the lines that are only in `new`, or `None` if a line of `old` is missing there."""
    extra: list[bytes] = []
    rest = iter(new)
    for line in old:
        for each in rest:
            if each == line:
                break
            extra.append(each.rstrip(b"\r\n"))
        else:
            return None
    return extra + [each.rstrip(b"\r\n") for each in rest]


def _ending(lines: list[bytes]) -> bytes:
    """Return the line ending of a file, which is that of its first line."""
    return lines[0][len(lines[0].rstrip(b"\r\n")) :] or b"\n"
