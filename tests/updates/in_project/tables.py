"""Prints every column, index and constraint of the development database, one a line."""

import asyncio
import os

import asyncpg

QUERY = """
SELECT format('%s.%s %s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod),
    attnotnull, pg_get_expr(adbin, adrelid))
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r'
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attnum > 0 AND NOT attisdropped AND NOT starts_with(relnamespace::regnamespace::text, 'pg_c')
AND relnamespace <> 'information_schema'::regnamespace
UNION SELECT format('%s %s', indrelid::regclass, pg_get_indexdef(indexrelid)) FROM pg_index
WHERE indrelid >= 16384
UNION SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid >= 16384
"""


async def main() -> None:
    """Print them in their order."""
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    lines = [row[0] for row in await connection.fetch(QUERY)]
    print(*sorted(lines), sep="\n")  # noqa: T201, they are what is asked for
    await connection.close()


asyncio.run(main())
