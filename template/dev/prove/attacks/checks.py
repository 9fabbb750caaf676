"""The decorator of checks, and how checks report problems."""

from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeVar

import pytest

from app.config import Settings
from app.main import create_app
from dev.prove.operations import PROBES, Operation, read_operations
from tests.clients import SECRET_KEY

Test = TypeVar("Test", bound=Callable[..., Any])
ERRORS, SERVER_ERRORS = 400, 500


def _describe() -> dict[str, Any]:
    """Return the description of the API, for which no server is needed."""
    url = "postgresql://none:none@127.0.0.1:1/none"
    values: dict[str, Any] = {"environment": "test", "secret_key": SECRET_KEY, "database_url": url}
    return create_app(Settings(_env_file=None, **values)).openapi()


OPERATIONS = read_operations(_describe())


def check(name: str, applies: Callable[[Operation], bool]) -> Callable[[Test], Test]:
    """Run a test for each operation to which it applies, as the check `name`."""
    subjects = [each for each in OPERATIONS if each.row and each.roles and applies(each)]
    parametrize = pytest.mark.parametrize("operation", subjects, ids=lambda each: each.name)

    def decorate(test: Test) -> Test:
        marked: Test = pytest.mark.check(name)(parametrize(test))
        return marked

    return decorate


def is_resource(operation: Operation) -> bool:
    """Return whether the operation belongs to a resource, and not to the probes."""
    return operation.path not in PROBES


def has_json(operation: Operation) -> bool:
    """Return whether a request has a JSON object as its body, which `tests/access` contains."""
    return bool(operation.members(operation.body)) and "json" in sent_by(operation)


def sent_by(operation: Operation) -> dict[str, Any]:
    """Return the arguments in the operation's row, with names in braces."""
    row = operation.row
    return {**row.body, **row.access.send} if row else {}


def find(operations: Iterable[Operation], method: str, path: str) -> Operation | None:
    """Return the operation with a method and a path that has a row, if there is one."""
    named = (each for each in operations if (each.method, each.path) == (method, path))
    return next((each for each in named if each.row and each.roles), None)


def report(problems: Iterable[str]) -> None:
    """Fail the check if there are problems. Each becomes a finding."""
    if lines := list(dict.fromkeys(" ".join(problem.split()) for problem in problems)):
        pytest.fail("\n".join(lines), pytrace=False)


def cannot(reason: str) -> NoReturn:
    """End the check as uncovered."""
    pytest.skip(reason)
