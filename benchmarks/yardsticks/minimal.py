"""L2, a typical first version: FastAPI and SQLAlchemy's ORM, and nothing else."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

import jwt
from anyio import to_thread
from fastapi import Depends, FastAPI, Form, Request
from fastapi.security import OAuth2PasswordBearer
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from app.models.accounts.login_session import UserSession
from app.models.item import Item
from app.models.user import User
from app.schemas.item import ItemCreate, ItemPage, ItemResponse
from app.schemas.user import UserResponse

KEY = os.environ["SECRET_KEY"]
SLUG = os.environ["TOKEN_ISSUER"]
HASHER = Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1)
URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Open the engine, with a pool of the same size as the service."""
    engine = create_async_engine(URL, pool_size=10, max_overflow=0)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_db(request: Request) -> AsyncGenerator[AsyncSession]:
    """Yield a session that the endpoint commits."""
    async with request.app.state.sessions() as session:
        yield session


DbSession = Annotated[AsyncSession, Depends(get_db)]
Token = Annotated[str, Depends(OAuth2PasswordBearer("/api/v1/auth/token"))]


async def get_current_user(token: Token, session: DbSession) -> User:
    """Return the user of a token with an active session."""
    claims = jwt.decode(token, KEY, ["HS256"], audience=SLUG, issuer=SLUG)
    found = await session.scalars(
        select(User)
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            User.id == UUID(claims["sub"]),
            User.is_active,
            UserSession.id == UUID(claims["sid"]),
            UserSession.expires_at > datetime.now(UTC),
        )
    )
    return found.one()


CurrentUser = Annotated[User, Depends(get_current_user)]


@app.get("/health")
async def health() -> dict[str, str]:
    """Respond without any work."""
    return {"status": "healthy"}


@app.get("/api/v1/users/me", response_model=UserResponse)
async def read_current_user(current_user: CurrentUser) -> User:
    """Return the caller."""
    return current_user


@app.get("/api/v1/items", response_model=ItemPage)
async def list_items(current_user: CurrentUser, session: DbSession) -> dict[str, object]:
    """List fifty items."""
    own = select(Item).where(Item.owner_id == current_user.id)
    rows = (
        await session.scalars(own.order_by(Item.created_at.desc(), Item.id.desc()).limit(51))
    ).all()
    return {"items": rows[:50], "next_cursor": "more"}


@app.post("/api/v1/items", status_code=201, response_model=ItemResponse)
async def create_item(data: ItemCreate, current_user: CurrentUser, session: DbSession) -> Item:
    """Add an item."""
    item = Item(owner_id=current_user.id, **data.model_dump())
    session.add(item)
    await session.commit()
    await session.refresh(item)
    return item


@app.post("/api/v1/auth/token")
async def create_token(
    username: Annotated[str, Form()], password: Annotated[str, Form()], session: DbSession
) -> dict[str, str]:
    """Verify a password in a worker thread, and open a session."""
    found = await session.scalars(select(User).where(User.normalized_email == username.lower()))
    user, now, secret = found.one(), datetime.now(UTC), uuid4()
    await to_thread.run_sync(HASHER.verify, password, user.hashed_password)
    until = now + timedelta(days=14)
    opened = UserSession(
        user_id=user.id,
        family_hash=secret.bytes,
        token_hash=secret.bytes,
        created_at=now,
        last_used_at=now,
        expires_at=until,
        absolute_expires_at=until,
    )
    session.add(opened)
    await session.commit()
    claims = {"sub": str(user.id), "sid": str(opened.id), "iss": SLUG, "aud": SLUG}
    return {"access_token": jwt.encode(claims, KEY), "refresh_token": secret.hex}
