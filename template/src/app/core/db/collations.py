"""Checks the encoding and the collations of the database."""

from sqlalchemy import bindparam, collate, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db.letter_case import COLLATION

STATE = text(f"""
    SELECT
        getdatabaseencoding() AS encoding,
        to_regcollation('{COLLATION}') IS NOT NULL AS has_collation,
        datcollversion <> pg_database_collation_actual_version(oid) AS is_outdated,
        (
            SELECT bool_or(collversion <> pg_collation_actual_version(oid))
            FROM pg_collation WHERE oid = to_regcollation('{COLLATION}')
        ) AS collation_is_outdated
    FROM pg_database WHERE datname = current_database()
""")  # noqa: S608 - a constant
LOWER = select(func.lower(collate(bindparam("letter"), COLLATION)))


async def find_collation_faults(session: AsyncSession) -> list[str]:
    """Return a message for each problem: what is wrong with the database and how to fix it."""
    state = (await session.execute(STATE)).one()
    if state.encoding != "UTF8":
        return [
            f"The encoding of the database is {state.encoding}, which lacks characters. Create a"
            " database with ENCODING 'UTF8' and move the data there."
        ]
    if not state.has_collation:
        return [f"The collation {COLLATION} is missing. Run `app migrate`."]
    faults = []
    if (await session.execute(LOWER, {"letter": "É"})).scalar_one() != "é":
        faults.append(
            f"The collation {COLLATION} ignores the case of ASCII letters only, so É and é are"
            " different letters in searches and sorting. Move the data to PostgreSQL 17 or"
            " later, or to a server with ICU."
        )
    if state.is_outdated or state.collation_is_outdated:
        faults.append(
            "The collations of the operating system have changed since the indexes were built, so"
            " queries may miss rows. Run REINDEX DATABASE, then ALTER DATABASE ... REFRESH"
            f" COLLATION VERSION and ALTER COLLATION {COLLATION} REFRESH VERSION."
        )
    return faults
