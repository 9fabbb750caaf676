"""A plugin of pytest that runs the checks of one operation, which CHOSEN_OPERATION names.

`poe prove` loads it in a project with PYTEST_PLUGINS. Tests without an operation run, too.
"""

import os
from typing import Any

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Remove the tests of all other operations."""
    items[:] = [item for item in items if _name(item) in {None, os.environ["CHOSEN_OPERATION"]}]


def _name(item: pytest.Item) -> str | None:
    callspec: Any = getattr(item, "callspec", None)
    operation = callspec.params.get("operation") if callspec else None
    return None if operation is None else str(getattr(operation, "name", operation))
