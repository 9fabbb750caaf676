"""L1, the lower bound: Starlette, asyncpg and msgspec, with the SQL and tables of the service."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import asyncpg
import jwt
import msgspec
from anyio import CapacityLimiter, to_thread
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.core.db.ids import uuid7

KEY = os.environ["SECRET_KEY"]
SLUG = os.environ["TOKEN_ISSUER"]
HASHER = Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1)
CALLER = (
    "SELECT u.id, u.email, u.full_name, u.is_active, u.is_superuser, u.created_at FROM users u"
    " JOIN sessions s ON s.user_id = u.id"
    " WHERE u.id = $1 AND u.is_active AND s.id = $2 AND s.expires_at > $3"
)
COLUMNS = "id, name, price, quantity, tags, created_at, updated_at, version"
LIST = f"SELECT {COLUMNS} FROM items WHERE owner_id = $1 ORDER BY created_at DESC, id DESC LIMIT 51"  # noqa: S608
CREATE = (
    f"INSERT INTO items (id, owner_id, name, price, quantity, tags) VALUES ($1, $2, $3, $4, $5, $6)"  # noqa: S608
    f" RETURNING {COLUMNS}"
)
ACCOUNT = "SELECT id, hashed_password FROM users WHERE normalized_email = lower($1) AND is_active"
SIGN_IN = (
    "INSERT INTO sessions (id, user_id, family_hash, token_hash, created_at, last_used_at,"
    " expires_at, absolute_expires_at) VALUES ($1, $2, $3, $4, $5, $5, $6, $6)"
)


class NewItem(msgspec.Struct, forbid_unknown_fields=True):
    """A new item."""

    name: str
    price: Decimal
    quantity: int
    tags: list[str]


decode_item = msgspec.json.Decoder(NewItem).decode


def answer(content: object, status: int = 200) -> Response:
    """Answer with JSON."""
    return Response(msgspec.json.encode(content), status, media_type="application/json")


async def caller_of(request: Request) -> asyncpg.Record:
    """Verify the token, and read its user and session."""
    token = request.headers["authorization"][7:]
    claims = jwt.decode(token, KEY, ["HS256"], audience=SLUG, issuer=SLUG)
    who = UUID(claims["sub"]), UUID(claims["sid"]), datetime.now(UTC)
    return await request.app.state.pool.fetchrow(CALLER, *who)


async def health(_request: Request) -> Response:
    """Respond without any work."""
    return answer({"status": "healthy"})


async def me(request: Request) -> Response:
    """Return the caller."""
    return answer(dict(await caller_of(request)))


async def list_items(request: Request) -> Response:
    """List fifty items."""
    owner = await caller_of(request)
    rows = await request.app.state.pool.fetch(LIST, owner["id"])
    return answer({"items": [dict(row) for row in rows[:50]], "next_cursor": "more"})


async def create_item(request: Request) -> Response:
    """Add an item, in a transaction."""
    owner = await caller_of(request)
    new = decode_item(await request.body())
    async with request.app.state.pool.acquire() as connection, connection.transaction():
        values = uuid7(), owner["id"], new.name, new.price, new.quantity, new.tags
        row = await connection.fetchrow(CREATE, *values)
    return answer(dict(row), 201)


async def sign_in(request: Request) -> Response:
    """Verify a password in a worker thread, and open a session."""
    form = parse_qs((await request.body()).decode())
    pool, now = request.app.state.pool, datetime.now(UTC)
    user = await pool.fetchrow(ACCOUNT, form["username"][0])
    stored, slots = user["hashed_password"], request.app.state.slots
    if not await to_thread.run_sync(HASHER.verify, form["password"][0], stored, limiter=slots):
        return answer({"error": "invalid_grant"}, 400)
    session, secret = uuid7(), uuid4().bytes
    until = now + timedelta(days=14)
    await pool.execute(SIGN_IN, session, user["id"], secret, secret, now, until)
    claims = {"sub": str(user["id"]), "sid": str(session), "iss": SLUG, "aud": SLUG}
    return answer({"access_token": jwt.encode(claims, KEY), "refresh_token": secret.hex()})


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncGenerator[None]:
    """Open a pool of the same size as the service."""
    app.state.slots = CapacityLimiter(2)
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10) as pool:
        app.state.pool = pool
        yield


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/api/v1/users/me", me),
        Route("/api/v1/items", list_items, methods=["GET"]),
        Route("/api/v1/items", create_item, methods=["POST"]),
        Route("/api/v1/auth/token", sign_in, methods=["POST"]),
    ],
    lifespan=lifespan,
)
