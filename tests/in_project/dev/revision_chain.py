"""A copy of the project's migrations, to which tests add revisions that have a table each."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

from alembic.script import ScriptDirectory

from app.core.db.revisions import read_config
from tests.in_project.dev.processes import PROJECT

REVISION = '''"""A revision of a test."""

import sqlalchemy as sa
from alembic import op

from app.core.db import online

__all__ = ["online", "op", "sa"]

revision = {name!r}
down_revision = {before!r}


def upgrade() -> None:
{body}


def downgrade() -> None:
    raise NotImplementedError("no way back")
'''
TABLE = """
CREATE TABLE {t} (a integer, b varchar(10) DEFAULT 'x' NOT NULL, owner uuid,
    g integer GENERATED ALWAYS AS (a * 2) STORED, i integer GENERATED ALWAYS AS IDENTITY);
CREATE INDEX {t}_b ON {t} (b);
CREATE TYPE {t}_type AS ENUM ('a');
CREATE DOMAIN {t}_domain AS integer;
CREATE SEQUENCE {t}_sequence;
CREATE SCHEMA {t}_schema;
CREATE VIEW {t}_view AS SELECT 1;
CREATE TABLE {t}_parts (a integer) PARTITION BY LIST (a);
CREATE TABLE {t}_part PARTITION OF {t}_parts FOR VALUES IN (1);
CREATE FUNCTION {t}_function() RETURNS integer LANGUAGE sql AS 'SELECT 1'
"""


@dataclass
class Chain:
    """The copy of the migrations; each revision follows the one that was added before."""

    folder: Path
    head: str | None

    @classmethod
    def copy(cls, folder: Path) -> "Chain":
        """Copy the migrations of this project into a folder."""
        shutil.copy(PROJECT / "alembic.ini", folder)
        shutil.copytree(PROJECT / "migrations", folder / "migrations")
        return cls.of(folder)

    @classmethod
    def of(cls, folder: Path) -> "Chain":
        """Return the revisions in a folder."""
        config = read_config(folder / "alembic.ini")
        return cls(folder, ScriptDirectory.from_config(config).get_current_head())

    def add(self, name: str, body: str) -> str:
        """Add a revision; return its name."""
        text = REVISION.format(name=name, before=self.head, body=indent(body, "    "))
        (self.folder / f"migrations/versions/{name}.py").write_text(text)
        self.head = name
        return name

    def add_tables(self, names: Sequence[str]) -> None:
        """Add a revision that creates a table, and objects beside it, for each name."""
        statements = ";".join(TABLE.format(t=name) for name in names).split(";")
        self.add("tables", "\n".join(f"op.execute({each.strip()!r})" for each in statements))

    def add_cases(self, cases: Mapping[str, str]) -> set[str]:
        """Add a revision for each case, with {t} as the name of its table; return the names."""
        self.add_tables([*cases])
        return {self.add(name, body.replace("{t}", name)) for name, body in cases.items()}
