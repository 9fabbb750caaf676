"""Permissions: `test_access.py` checks the API against the tables in the modules of this package.

Each row of a table contains the status of one operation for each kind of caller:

    ACCESS = {
        "GET /api/v1/invoices": Access(stranger=200),
        "POST /api/v1/invoices": Access(owner=201, send={"json": {"customer": "{customer_id}"}}),
        "GET /api/v1/invoices/{invoice_id}": Access(owner=200),
    }

By default, an anonymous caller gets 401, and a stranger (a user who does not own the resource) gets
404. A row without a status for `owner` or `administrator` uses the stranger's status for that role.

Names in braces are replaced with the values that the table's `add_rows` returns:

    async def add_rows(given: Given) -> dict[str, object]:
        customer = Customer(owner_id=given.owner.id, name="Ada")
        given.session.add(customer)
        await given.session.flush()
        return {"customer_id": customer.id}

A row in another table replaces the row for the same operation in `accounts.py`. New releases add
rows to `accounts.py`.

`{user_id}` and `{session_id}` are replaced with the ids of the owner and of the owner's session. If
`add_rows` returns no value for a name in a path, the owner sends POST to the path before the name.
The name is then replaced with the `id` in the response.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import ModuleType
from typing import Any, NoReturn

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from app.models.user import User

ROLES = ("anonymous", "stranger", "owner", "administrator")
NAME = re.compile(r"\{(\w+)\}")
REPLACEABLE = "tests/access/accounts.py"


@dataclass(frozen=True, kw_only=True)
class Access:
    """The status of an operation for each kind of caller, and the content of the request.

    `send` holds arguments of httpx's `request`: `json`, `params`, `headers`, `data`, `files`.
    """

    anonymous: int = 401
    stranger: int = 404
    owner: int | None = None
    administrator: int | None = None
    send: Mapping[str, Any] = field(default_factory=dict)

    def status(self, role: str) -> int:
        """Return the status for a role, by default that of the stranger."""
        named: int | None = getattr(self, role, None)
        return self.stranger if named is None else named


@dataclass(frozen=True)
class Given:
    """The arguments of a table's `add_rows`. Only operations of that table see the added rows."""

    owner: User
    session: AsyncSession
    client: AsyncClient  # logged in as the owner
    now: datetime


async def add_no_rows(_given: Given) -> dict[str, object]:
    """Add no rows: the default for a table without `add_rows`."""
    return {}


@dataclass(frozen=True)
class Row:
    """A row of a table, with the file and the `add_rows` of the table."""

    operation: str
    table: str
    access: Access
    body: Mapping[str, Any]
    add_rows: Callable[[Given], Awaitable[Mapping[str, object]]]

    @property
    def method(self) -> str:
        return self.operation.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.operation.partition(" ")[2]

    def sent(self, names: Mapping[str, object]) -> dict[str, Any]:
        """Return the arguments of the request, with values for the names in braces."""
        return {**self.body, **self._filled(self.access.send, names)}

    def fail(self, reason: str) -> NoReturn:
        """Fail the test with a one-line message that names the row."""
        pytest.fail(f"`{self.operation}` in {self.table} {reason}.", pytrace=False)

    def _filled(self, part: Any, names: Mapping[str, object]) -> Any:
        if isinstance(part, Mapping):
            return {key: self._filled(value, names) for key, value in part.items()}
        if isinstance(part, list | tuple):
            return type(part)(self._filled(value, names) for value in part)
        if not isinstance(part, str):
            return part
        if (whole := NAME.fullmatch(part)) and isinstance(self._value(whole, names), int):
            return self._value(whole, names)  # an integer stays an integer
        return NAME.sub(lambda name: str(self._value(name, names)), part)

    def _value(self, name: re.Match[str], names: Mapping[str, object]) -> object:
        if name[1] not in names:
            self.fail(f"sends {name[0]}, and `add_rows` of the table returns no such name")
        return names[name[1]]


def read_tables(tables: Iterable[ModuleType]) -> dict[str, Row]:
    """Return the rows of all tables, by operation."""
    tables = sorted(tables, key=lambda table: _file(table) != REPLACEABLE)
    rows = dict[str, Row]()
    # Tables written for release 0.2 have the request bodies in the constant `BODIES`.
    bodies = {key: body for table in tables for key, body in getattr(table, "BODIES", {}).items()}
    for table in tables:
        file = _file(table)
        add_rows = getattr(table, "add_rows", add_no_rows)
        for operation, columns in getattr(table, "ACCESS", {}).items():
            access = _read(columns)
            row = Row(operation, file, access or Access(), bodies.get(operation, {}), add_rows)
            if access is None:
                row.fail("must be an `Access(...)`")
            if operation in rows and rows[operation].table != REPLACEABLE:
                row.fail(f"also has a row in {rows[operation].table}: keep one of them")
            rows[operation] = row
    return rows


def _file(table: ModuleType) -> str:
    return f"{table.__name__.replace('.', '/')}.py"


def _read(columns: object) -> Access | None:
    if isinstance(columns, tuple) and len(columns) == len(ROLES):  # supported until 1.0
        return Access(**dict(zip(ROLES, columns, strict=True)))
    return columns if isinstance(columns, Access) else None
