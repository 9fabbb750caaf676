"""Runs the revisions, one process at a time."""

import asyncio

from alembic import context
from sqlalchemy import URL, Connection, func, select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from app.config import get_settings
from app.models import Base

# Any number will do, as long as it stays: whoever migrates this database asks for this lock.
MIGRATION_LOCK = 7_203_115_409
# A revision that waits for a busy table gives up, rather than queue all traffic behind itself.
CONNECT_ARGS = {"server_settings": {"lock_timeout": "5000"}}


def run_revisions(connection: Connection) -> None:
    """Run what the command asked for."""
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()


async def run_locked(url: URL) -> None:
    """Hold the lock on one connection, and run the revisions on another."""
    engine = create_async_engine(url, poolclass=NullPool, connect_args=CONNECT_ARGS)
    waiting = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with waiting.connect() as lock, engine.connect() as connection:
        await lock.execute(select(func.pg_advisory_lock(MIGRATION_LOCK)))
        await connection.run_sync(run_revisions)


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(run_locked(context.config.attributes.get("url") or get_settings().sqlalchemy_url))
