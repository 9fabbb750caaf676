"""Requests that `tests/access` describes, with the rows that they need."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from httpx import AsyncClient, Response

from app.database import Database
from app.models.user import User
from dev.prove.attacks.checks import ERRORS, SERVER_ERRORS, cannot
from dev.prove.operations import Operation
from tests.access import Row
from tests.access.test_access import add_rows, fill_path
from tests.clients import StoppedClock

TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Prepared:
    """A request whose rows exist, and the clients of all roles."""

    operation: Operation
    callers: Mapping[str, AsyncClient]
    names: dict[str, object]
    url: str
    sent: dict[str, Any]

    @property
    def actor(self) -> str:
        """The role that sends the request: the owner, or else the role with the fewest rights."""
        roles = self.operation.roles
        return "owner" if "owner" in roles else roles[0]

    @property
    def body(self) -> dict[str, Any]:
        """The JSON object of the request."""
        return dict(self.sent.get("json", {}))

    async def send(self, role: str | None = None, **changed: Any) -> Response:
        """Send the request with changed arguments, by default as the actor."""
        client = self.callers[role or self.actor]
        arguments = {**self.sent, **changed}
        url = arguments.pop("url", self.url)
        return await client.request(self.operation.method, url, **arguments)

    async def send_json(self, body: object, **changed: Any) -> Response:
        """Send the request with another JSON body."""
        return await self.send(json=body, **changed)

    async def must_succeed(self) -> Response:
        """Send the request; end the check as uncovered if the service refuses it."""
        response = await self.send()
        if response.status_code >= ERRORS:
            cannot(f"the request in tests/access is answered with {response.status_code}")
        return response


async def prepare(
    operation: Operation,
    owner: User,
    callers: Mapping[str, AsyncClient],
    database: Database,
    clock: StoppedClock,
    names: dict[str, object],
) -> Prepared:
    """Add the rows that the operation's row in `tests/access` needs, and fill in its names.

    If `names` is not empty, the rows exist already.
    """
    row = operation.row
    assert isinstance(row, Row)
    if not names:
        names |= await add_rows(row, owner, callers["owner"], database, clock)  # type: ignore[arg-type]
    url = await fill_path(row, names, callers["owner"])
    return Prepared(operation, callers, names, url, row.sent(names))


def unexpected(response: Response) -> str | None:
    """Return the problem of a response that is a server error, or an error without details."""
    status = response.status_code
    if status >= SERVER_ERRORS:
        return f"is answered with {status}"
    kind = response.headers.get("content-type", "")
    if status >= ERRORS and not kind.startswith("application/problem+json"):
        return f"is answered with {status} as {kind or 'no media type'} instead of problem details"
    return None
