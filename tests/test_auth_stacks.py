"""Each choice of authentication libraries accepts tokens and hashes of the other choice."""

import json
from itertools import permutations

import pytest

from tests.support.services import Install, Service
from tests.support.variants import values

# The hash of the password below, as an older application stored it.
BCRYPT = "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW"
PASSWORD = "secret"

# One pytest worker installs both services.
pytestmark = pytest.mark.xdist_group("jose-passlib")

PRELUDE = """
import json, sys
from datetime import UTC, datetime, timedelta
from uuid import UUID
from app.core.auth.password_hash import get_password_hash, needs_rehash, verify_password
from app.core.security import AccessTokens

tokens = AccessTokens.create(
    ["k" * 32], "HS256", issuer="us", audience="us", lifetime=timedelta(minutes=15)
)
now = datetime(2026, 1, 1, tzinfo=UTC)
subject, session = UUID(int=1), UUID(int=2)
"""
WRITE = f"""
token = tokens.create_access_token(subject, session, now)
print(json.dumps([token, get_password_hash({PASSWORD!r})]))
"""
READ = f"""
token, hashed = json.loads(sys.argv[1])
claims = tokens.verify(token, now)
assert (claims.sub, claims.sid) == (subject, session)
for each in [hashed, {BCRYPT!r}]:
    assert verify_password({PASSWORD!r}, each)
    assert not verify_password("another", each)
assert not needs_rehash(hashed)
assert needs_rehash({BCRYPT!r})
"""


@pytest.fixture(scope="session")
def services(install: Install) -> dict[str, Service]:
    """Return a service for each of the answers."""
    return {str(stack): install(auth_stack=stack) for stack in values("auth_stack")}


@pytest.mark.parametrize(("writer", "reader"), [*permutations(values("auth_stack"), 2)])
def test_each_auth_stack_accepts_tokens_and_hashes_of_the_other(
    services: dict[str, Service], writer: str, reader: str
) -> None:
    written = services[writer].run("python", "-c", PRELUDE + WRITE)

    assert len(json.loads(written)) == 2
    services[reader].run("python", "-c", PRELUDE + READ, written)
