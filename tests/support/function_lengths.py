"""Limits on the length of functions, in the template's own code and in rendered projects."""

import ast
from itertools import chain
from statistics import median

LONGEST = 30
MEDIAN = 8


def check_functions(texts: dict[str, str]) -> None:
    """Check the lengths of all functions, except in revisions, which are long lists."""
    lengths = {
        path: [*function_lengths(text)]
        for path, text in texts.items()
        if path.endswith(".py") and not path.startswith("migrations/versions/")
    }

    assert {path: each for path, each in lengths.items() if max(each, default=0) > LONGEST} == {}
    assert median(chain.from_iterable(lengths.values())) <= MEDIAN


def function_lengths(text: str) -> list[int]:
    """Return how many lines each function of a module has."""
    return [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
