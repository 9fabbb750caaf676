"""Patterns in the OpenAPI description."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI


def without_examples(part: Any) -> Iterator[str]:
    """Yield the patterns of schemas that have no example and are in no schema with examples."""
    if isinstance(part, dict) and "examples" not in part and "default" not in part:
        if isinstance(part.get("pattern"), str):
            yield part["pattern"]
        part = [*part.values()]
    for each in part if isinstance(part, list) else ():
        yield from without_examples(each)


async def test_every_schema_with_a_pattern_has_an_example(app: FastAPI) -> None:
    """Without an example, Swagger UI generates an unreadable text that matches the pattern."""
    described = app.openapi()

    assert [*without_examples([described["components"]["schemas"], described["paths"]])] == []
