"""Prints every column, index and constraint of the development database, one a line."""

import asyncio
import os

import asyncpg

QUERY = """
WITH tables AS (
    SELECT oid FROM pg_class WHERE relkind IN ('r', 'p')
    AND relnamespace::regnamespace::text NOT IN ('information_schema', 'pg_catalog', 'pg_toast')
)
SELECT format('%s.%s %s %s %s', tables.oid::regclass, attname,
    format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid))
FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
UNION SELECT format('%s %s', indrelid::regclass, pg_get_indexdef(indexrelid))
FROM tables JOIN pg_index ON indrelid = tables.oid
UNION SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(key.oid))
FROM tables JOIN pg_constraint AS key ON conrelid = tables.oid
"""


async def main() -> None:
    """Print them in their order."""
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    lines = [row[0] for row in await connection.fetch(QUERY)]
    print(*sorted(lines), sep="\n")  # noqa: T201, they are what is asked for
    await connection.close()


asyncio.run(main())
