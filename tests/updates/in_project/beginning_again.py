"""A revision that is no transaction; run as a test of the project whose revision says so."""

from pathlib import Path

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import URL
from tests.databases import alembic_config, execute
from tests.test_normalized_emails import LOCALES, OTHERS, add, database

__all__ = ["database"]
BEGIN_AGAIN = Path(__file__).with_name("begin_again.sql")
DELETE = "DELETE FROM users WHERE id = '{}'"


@pytest.fixture
def kind() -> str:
    return "embedded-builtin"


def test_a_stopped_revision_can_be_restarted(database: URL, kind: str) -> None:
    """ENU-05"""
    add(database, *OTHERS)
    shared = add(database, *LOCALES[kind][1])
    with pytest.raises(CommandError, match="differ in upper and lower case alone"):
        command.upgrade(alembic_config(database), "head")

    for statement in BEGIN_AGAIN.read_text().split(";\n")[:-1]:
        execute(database, statement)
    execute(database, DELETE.format(shared[0]))
    command.upgrade(alembic_config(database), "head")

    command.check(alembic_config(database))
