"""Statements that prepare a database of a started service."""

import asyncio

import asyncpg


def execute(url: str, *statements: str) -> None:
    """Run statements one after the other, each outside of a transaction."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
