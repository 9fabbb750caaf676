"""The effect of an upgrade's revision on accounts; run as a test of the upgraded project."""

from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import URL, make_url
from tests.databases import alembic_config, execute

from app.core.db.letter_case import normalize_email
from dev.binaries import DEBIAN, OLDEST_POSTGRES, major_version
from dev.postgres import EmbeddedPostgres

BEFORE = "initial"
BUILTIN = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
# Where two spellings are two accounts: in this locale, or in every one.
LOCALES = {
    "embedded-builtin": (BUILTIN, ["straße@example.com", "STRASSE@example.com"]),
    "embedded-libc": ("LOCALE_PROVIDER libc LOCALE 'C'", ["élodie@x.org", "ÉLODIE@x.org"]),
} | {
    # Debian's servers have ICU, which the embedded ones lack.
    str(folder): (
        "LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C'",
        ["ivana@example.com", "IVANA@example.com"],
    )
    for folder in DEBIAN.glob("*/bin")
    if major_version(folder) >= OLDEST_POSTGRES
}
OTHERS = ["Ada@Example.com", "\u0130rem@example.com", *(f"Жанна{n}@example.com" for n in range(9))]
ADD = """
    INSERT INTO users (id, email, hashed_password, is_active, is_superuser)
    SELECT gen_random_uuid(), email, 'x', true, false FROM unnest(ARRAY['{}']) AS email
    RETURNING id, email
"""


@pytest.fixture(params=LOCALES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def database(kind: str, server_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[URL]:
    """A database as the release before left it."""
    if kind.startswith("/"):
        monkeypatch.setenv("POSTGRES_BIN", kind)
        with EmbeddedPostgres() as server:
            yield from made(server.url(), kind)
    else:
        yield from made(server_url, kind)


def made(server_url: str, kind: str) -> Iterator[URL]:
    name, locale = f"test_{uuid4().hex}", LOCALES[kind][0]
    execute(server_url, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING UTF8 {locale}")
    url = make_url(server_url).set(drivername="postgresql+asyncpg", database=name)
    command.upgrade(alembic_config(url), BEFORE)
    yield url
    execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def add(url: URL, *emails: str) -> list[str]:
    """Add accounts as the release before does, and return their ids."""
    return [str(row["id"]) for row in execute(url, ADD.format("', '".join(emails)))]


def contents(url: URL) -> list[list[asyncpg.Record]]:
    """Return what a revision could change."""
    return [
        execute(url, query)
        for query in (
            "SELECT * FROM users ORDER BY id",
            "SELECT * FROM alembic_version",
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
            "SELECT collname FROM pg_collation WHERE collnamespace = 'public'::regnamespace",
        )
    ]


def test_accounts_with_the_same_normalized_address_stop_the_revision_and_are_listed(
    database: URL, kind: str
) -> None:
    """ENU-05"""
    add(database, *OTHERS)
    shared = add(database, *LOCALES[kind][1])
    before = contents(database)

    with pytest.raises(CommandError, match="differ in upper and lower case alone") as caught:
        command.upgrade(alembic_config(database), "head")

    assert str(caught.value).endswith(f": {', '.join(sorted(shared))}")
    assert "@" not in str(caught.value)
    assert contents(database) == before


def test_existing_addresses_and_those_added_by_the_old_release_are_normalized(
    database: URL,
) -> None:
    """ENU-05"""
    add(database, *OTHERS, *(f"ÉLODIE{number}@example.com" for number in range(1200)))
    before = contents(database)

    command.upgrade(alembic_config(database), "head")

    rows = execute(database, "SELECT * FROM users")
    assert len(rows) == len(OTHERS) + 1200
    assert all(row["normalized_email"] == normalize_email(row["email"]) for row in rows)
    command.check(alembic_config(database))
    # The release before still runs.
    [added] = add(database, "Zoe@Example.com")
    changed = "UPDATE users SET email = 'ZOE@example.org' WHERE id = '{}' RETURNING *"
    [row] = execute(database, changed.format(added))
    assert row["normalized_email"] == "zoe@example.org"
    with pytest.raises(asyncpg.NotNullViolationError):
        add(database, "ZOÉ@example.com")
    execute(database, "DELETE FROM users WHERE email = 'ZOE@example.org'")

    command.downgrade(alembic_config(database), BEFORE)
    assert contents(database) == before
    command.upgrade(alembic_config(database), "head")
