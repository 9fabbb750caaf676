"""The sentences of a file: docstrings, comments, messages, names of tests, paragraphs."""

import ast
import re
import tokenize
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import groupby
from typing import NamedTuple, cast

PYTHON = (".py", ".py.jinja")
MARKDOWN = (".md", ".md.jinja")
# Files of other types, in which only the comments are prose.
COMMENTED = (
    ".conf", ".example.jinja", ".ini", ".toml", ".toml.jinja", ".yaml", ".yaml.jinja", ".yml",
    ".yml.jinja", "Dockerfile.jinja",
)  # fmt: skip
TAG = re.compile(r"^\s*\{%.*%\}\s*$", re.MULTILINE)
PRAGMA = re.compile(r"# (?:noqa: [A-Z0-9, ]+(?: - )?|type: ignore\[[\w, -]+\] *|fmt: \w+)")
CODE_BLOCK = re.compile(r"^( *)(```+).*?^\1\2 *$", re.MULTILINE | re.DOTALL)
# Code and quotations, which are not prose of the text.
QUOTED = re.compile(r"``.+?``|`[^`]+`|\"[^\"\n]*\"")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DOCUMENTED = (ast.Module, ast.ClassDef, *FUNCTIONS)
# A message has at least this many words; shorter strings are names and values.
LEAST_WORDS = 4


class Prose(NamedTuple):
    """A text of a file: a paragraph, a comment, or the name of a test as words."""

    line: int
    text: str
    kind: str


def read(path: str, text: str) -> Iterator[Prose]:
    """Yield the prose of a file; nothing for files of other types."""
    if path.endswith(PYTHON):
        yield from _python(TAG.sub("", text))
    elif path.endswith(MARKDOWN):
        yield from _markdown(text)
    elif path.endswith(COMMENTED):
        numbered = (
            (number, line.rpartition("#")[2])
            for number, line in enumerate(text.splitlines(), 1)
            if re.search(r"(^|\s)# ", line)
        )
        yield from _paragraphs(numbered, "comment")


def _python(source: str) -> Iterator[Prose]:
    if "#" in source:
        tokens = tokenize.generate_tokens(StringIO(source).readline)
        comments = (
            (each.start[0], PRAGMA.sub("", each.string).lstrip("# "))
            for each in tokens
            if each.type == tokenize.COMMENT
        )
        yield from _paragraphs(comments, "comment")
    tree = ast.parse(source)
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and (docstring := ast.get_docstring(node)):
            first = cast("ast.Expr", node.body[0])
            docstrings.add(id(first.value))
            yield Prose(first.lineno, _plain(docstring), "docstring")
        if isinstance(node, FUNCTIONS) and node.name.startswith("test_"):
            yield Prose(node.lineno, node.name.removeprefix("test_").replace("_", " "), "test")
    yield from _messages(tree, docstrings)


def _messages(tree: ast.Module, docstrings: set[int]) -> Iterator[Prose]:
    """Yield the strings that are sentences, such as those of errors and of OpenAPI."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = re.findall(r"[^\W\d_]{2,}", node.value)
            if id(node) not in docstrings and len(words) >= LEAST_WORDS:
                yield Prose(node.lineno, _plain(node.value), "message")


def _markdown(text: str) -> Iterator[Prose]:
    prose = CODE_BLOCK.sub(lambda block: re.sub(r"[^\n]", "", block[0]), text)
    lines = (
        (number, line)
        for number, line in enumerate(prose.splitlines(), 1)
        if line.strip() and not line.startswith("    ")
    )
    yield from _paragraphs(lines, "paragraph")


def _paragraphs(lines: Iterable[tuple[int, str]], kind: str) -> Iterator[Prose]:
    """Join consecutive lines."""
    numbered = enumerate(lines)
    for _, group in groupby(numbered, lambda each: each[1][0] - each[0]):
        part = [line for _, line in group]
        yield Prose(part[0][0], _plain(" ".join(text.strip() for _, text in part)), kind)


def _plain(text: str) -> str:
    return QUOTED.sub("X", re.sub(r"\s+", " ", text))
