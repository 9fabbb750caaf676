"""The service works with the restricted database role that its how-to creates."""

import asyncio
import re
from pathlib import Path

import asyncpg
import pytest
from httpx import ASGITransport, AsyncClient
from sqlalchemy import URL, make_url

from app.config import Settings
from app.main import create_app
from dev.servers import postgres_server
from tests.clients import SECRET_KEY
from tests.databases import execute, migrate

PAGE = Path(__file__).parents[3] / "docs/service/how-to/separate-database-roles.md"
HOW_TO = PAGE.read_text("utf-8")
SERVER, DEFAULTS, EXISTING = re.findall(r"^```sql\n(.*?)^```$", HOW_TO, re.M | re.S)
ACCOUNT = {"email": "ada@example.com", "password": "correct horse battery"}
FORBIDDEN = [
    "ALTER TABLE users ADD COLUMN spare int",
    "CREATE SCHEMA spare",
    "CREATE TABLE spare (id int)",
    "CREATE TEMPORARY TABLE spare (id int)",
    "DROP TABLE users",
    "TRUNCATE users CASCADE",
]


async def statuses(url: URL) -> list[int]:
    """Register, log in, change the name and log out with this database; return the statuses."""
    settings = Settings(
        _env_file=None,
        environment="test",
        database_url=url.render_as_string(hide_password=False),
        secret_key=SECRET_KEY,
    )
    app = create_app(settings)
    transport = ASGITransport(app)
    lifespan = app.router.lifespan_context(app)
    async with lifespan, AsyncClient(transport=transport, base_url="http://test") as client:
        registered = await client.post("/api/v1/users", json=ACCOUNT)
        form = {"username": ACCOUNT["email"], "password": ACCOUNT["password"]}
        token = await client.post("/api/v1/auth/token", data=form)
        bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
        renamed = await client.patch("/api/v1/users/me", json={"full_name": "Ada"}, headers=bearer)
        left = await client.post("/api/v1/auth/logout", headers=bearer)
    return [each.status_code for each in (registered, token, renamed, left)]


def run(url: URL, block: str) -> None:
    """Run the statements of a block one by one, because some cannot run in a transaction."""
    for statement in block.strip().split(";\n"):
        execute(url, statement)


@pytest.mark.parametrize("tables", ["created later", "created before"])
def test_the_role_of_the_service_can_only_read_and_write_rows(tables: str) -> None:
    """CFG-06"""
    with postgres_server() as server:
        run(make_url(server), SERVER)
        here = make_url(server).set(drivername="postgresql+asyncpg", database="my_service")
        owner = here.set(username="my_service_migration", password="first password")
        service = here.set(username="my_service", password="second password")
        if tables == "created later":
            run(owner, DEFAULTS)
        migrate(owner)
        if tables == "created before":
            run(owner, EXISTING)

        assert asyncio.run(statuses(service)) == [201, 200, 200, 204]
        for statement in FORBIDDEN:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                execute(service, statement)
