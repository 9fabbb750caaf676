"""The code of the how-to about changes without downtime."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import typer
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Column, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from typer.testing import CliRunner

from app.config import Settings
from app.resources import create_database
from dev.revisions.checking import check
from tests.conftest import MakeSettings
from tests.databases import alembic_config, execute, new_database
from tests.in_project.dev.processes import PROJECT
from tests.in_project.dev.revision_chain import Chain

HOW_TO = PROJECT / "docs/service/how-to/change-a-table-without-downtime.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", HOW_TO.read_text("utf-8"), re.M | re.S)
REVISIONS = [*dict.fromkeys(dedent(each) for each in BLOCKS if each.startswith("    "))]
[MODULE] = [each for each in BLOCKS if each.startswith('"""')]
[COMMAND] = [each for each in BLOCKS if each.startswith("@main.command()")]
[MODEL] = [each for each in BLOCKS if each.startswith("class ")]
TABLE = (
    'op.execute("CREATE TABLE customers '
    '(id serial PRIMARY KEY, phone varchar(40) NOT NULL, fax text)")'
)


@dataclass
class Database:
    """A database on which the revisions of the how-to run one after the other."""

    url: URL
    config: Config

    def upgrade(self, words: str) -> None:
        """Run the revisions up to the one that contains some words."""
        [number] = [number for number, body in enumerate(REVISIONS) if words in body]
        command.upgrade(self.config, f"r{number}")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return [tuple(row) for row in execute(self.url, query)]


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    chain = Chain.copy(tmp_path)
    chain.add("customers", TABLE)
    for number, body in enumerate(REVISIONS):
        chain.add(f"r{number}", body)
    return chain


@pytest.fixture
def database(chain: Chain, server_url: str) -> Iterator[Database]:
    with new_database(server_url) as url:
        yield Database(url, alembic_config(url, chain.folder / "alembic.ini"))


def test_the_revisions_pass_the_check(
    chain: Chain, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(chain.folder)

    findings = check(server_url, {f"r{number}" for number in range(len(REVISIONS))})

    assert [str(each) for each in findings if not each.is_excused] == []
    assert [each.rule for each in findings] == [
        *("ban-drop-column", "ban-drop-function", "ban-drop-column")
    ]


def test_both_names_have_the_same_value_while_a_column_is_renamed(database: Database) -> None:
    both = "SELECT phone, telephone FROM customers ORDER BY id"
    database.upgrade("CREATE TRIGGER")
    execute(database.url, "INSERT INTO customers (phone, country) VALUES ('1', 'DE')")
    execute(database.url, "INSERT INTO customers (telephone, country) VALUES ('2', 'DE')")
    assert database.rows(both) == [("1", "1"), ("2", "2")]

    execute(database.url, "UPDATE customers SET phone = '3' WHERE id = 1")
    execute(database.url, "UPDATE customers SET telephone = '4' WHERE id = 2")
    assert database.rows(both) == [("3", "3"), ("4", "4")]

    database.upgrade("DROP TRIGGER")
    assert database.rows("SELECT telephone FROM customers ORDER BY id") == [("3",), ("4",)]


def test_the_command_fills_all_rows_in_batches(
    database: Database, make_settings: MakeSettings
) -> None:
    database.upgrade('"country", sa.String')
    many = "INSERT INTO customers (phone) SELECT n FROM generate_series(1, 2500) AS n"
    execute(database.url, many)
    settings = make_settings(database_url=database.url.render_as_string(hide_password=False))
    backfill: Any = type("backfill", (), {})()
    exec(MODULE, vars(backfill))  # noqa: S102 - the code of the how-to
    main = typer.Typer()
    names = {
        **{"main": main, "typer": typer, "asyncio": asyncio, "Settings": Settings},
        **{"get_settings": lambda: settings, "create_database": create_database},
        "backfill": backfill,
    }
    exec(COMMAND, names)  # noqa: S102 - the code of the how-to

    outputs = [CliRunner().invoke(main).output for _ in range(2)]

    assert outputs == ["2500 customers were filled.\n", "0 customers were filled.\n"]
    database.upgrade('set_not_null("customers", "country")')


def test_a_column_leaves_the_class_and_stays_in_the_table() -> None:
    class Record(DeclarativeBase):
        """The base of this test."""

        id: Mapped[int] = mapped_column(primary_key=True)

    names: dict[str, Any] = {
        **{"Record": Record, "Column": Column, "String": String},
        **{"Mapped": Mapped, "mapped_column": mapped_column},
    }
    exec(MODEL, names)  # noqa: S102 - the code of the how-to

    model = names["Customer"]
    assert {*model.__table__.columns.keys()} == {"id", "phone", "fax"}
    assert {*model.__mapper__.attrs.keys()} == {"id", "phone"}
