"""Compares PostgreSQL's enum types with the models, as part of Alembic's autogenerate.

Without this module, Alembic creates a type only together with a table, never drops a type, and does
not compare the values.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, Literal

from alembic.autogenerate import comparators, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrateOperation, UpgradeOps
from alembic.util import DispatchPriority
from sqlalchemy import ARRAY, Enum, Row, inspect
from sqlalchemy.dialects.postgresql.base import PGInspector
from sqlalchemy.types import TypeDecorator, TypeEngine

Uses = list[Row[Any]]

# The columns of each enum type, and their defaults.
USES = """
SELECT enum.typname AS enum, attrelid::regclass::text AS table, relname, attname AS column,
    CASE atttypid WHEN enum.oid THEN '' ELSE '[]' END AS brackets,
    pg_get_expr(adbin, adrelid) AS default
FROM pg_type enum
JOIN pg_attribute ON atttypid IN (enum.oid, enum.typarray) AND NOT attisdropped
JOIN pg_class ON pg_class.oid = attrelid AND relkind IN ('r', 'p') AND NOT relispartition
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE typtype = 'e' AND typnamespace = current_schema()::regnamespace
ORDER BY attrelid, attnum
"""
ADD_VALUE = " ADD VALUE IF NOT EXISTS "


class ChangeEnum(MigrateOperation):
    """Runs statements on an enum type; `undo` reverts them."""

    def __init__(self, statements: Iterable[str], undo: Iterable[str]) -> None:
        self.statements = tuple(statements)
        self.undo = tuple(undo)

    def reverse(self) -> "ChangeEnum":
        """Return the operation that undoes this one."""
        return ChangeEnum(self.undo, self.statements)

    def to_diff_tuple(self) -> tuple[str, ...]:
        """Return the description that `alembic check` prints."""
        return ("change_enum", *self.statements)


@comparators.dispatch_for("autogenerate", priority=DispatchPriority.LAST)
def compare_enums(context: AutogenContext, operations: UpgradeOps) -> None:
    """Add operations on enum types: new types and values first, and dropped types last."""
    connection = context.connection
    assert connection  # noqa: S101 - autogenerate always has a connection
    quote = connection.dialect.identifier_preparer.quote
    inspector: PGInspector = inspect(connection)  # type: ignore[assignment] # of PostgreSQL
    existing = {enum["name"]: enum["labels"] for enum in inspector.get_enums()}
    declared = _read_declared(context)
    uses = _read_uses(context)
    added: list[MigrateOperation] = []
    for name, values in declared.items():
        if name not in existing:
            added.append(ChangeEnum([_create(quote(name), values)], [f"DROP TYPE {quote(name)}"]))
        elif existing[name] != values:
            change = _change(name, existing[name], values, uses.get(name, []), quote)
            added.insert(0, change)  # the operation that commits must be the first
    models = {table.name for table in context.sorted_tables}
    dropped = [
        ChangeEnum([f"DROP TYPE {quote(name)}"], [_create(quote(name), existing[name])])
        for name, columns in uses.items()
        if name not in declared and {column.relname for column in columns} <= models
    ]
    operations.ops[:] = [*added, *operations.ops, *dropped]


@renderers.dispatch_for(ChangeEnum)
def render_change(_context: AutogenContext, operation: ChangeEnum) -> list[str]:
    """Return the lines that the operation adds to a revision.

    PostgreSQL cannot use a new value before its commit, not even in a later revision of the run.
    """
    calls = [f"op.execute({_text(statement)})" for statement in operation.statements]
    if ADD_VALUE in operation.statements[0]:
        return ["\n        ".join(["with op.get_context().autocommit_block():", *calls])]
    return calls


def render_item(kind: str, item: object, context: AutogenContext) -> str | Literal[False]:
    """Render a native enum without the creation of its type, which is an operation of its own."""
    item = item.impl_instance if isinstance(item, TypeDecorator) else item
    if kind != "type" or not isinstance(item, Enum) or not item.native_enum or item.schema:
        return False
    context.imports.add("from sqlalchemy.dialects import postgresql")
    values = ", ".join(map(repr, item.enums))
    return f"postgresql.ENUM({values}, name={str(item.name)!r}, create_type=False)"


def _native_enum(kind: TypeEngine[Any]) -> Enum | None:
    """Return the native enum type of a column or of the items of an array."""
    if isinstance(kind, TypeDecorator):
        return _native_enum(kind.impl_instance)
    if isinstance(kind, ARRAY):
        return _native_enum(kind.item_type)
    return kind if isinstance(kind, Enum) and kind.native_enum and not kind.schema else None


def _read_declared(context: AutogenContext) -> dict[str, list[str]]:
    """Return the values of each enum type of the models."""
    columns = [column for table in context.sorted_tables for column in table.columns]
    enums = [enum for column in columns if (enum := _native_enum(column.type))]
    return {str(enum.name): list(enum.enums) for enum in enums}


def _read_uses(context: AutogenContext) -> dict[str, Uses]:
    """Return the columns of each enum type in the database."""
    uses: dict[str, Uses] = {}
    assert context.connection  # noqa: S101 - autogenerate always has a connection
    for use in context.connection.exec_driver_sql(USES):
        uses.setdefault(use.enum, []).append(use)
    return uses


def _change(
    name: str, old: list[str], new: list[str], uses: Uses, quote: Callable[[str], str]
) -> ChangeEnum:
    undo = _replace(name, old, uses, quote)
    if [value for value in new if value in old] != old:
        return ChangeEnum(_replace(name, new, uses, quote), undo)
    places = [f"AFTER {_literal(value)}" for value in new]
    places.insert(0, f"BEFORE {_literal(old[0])}" if old else "")
    return ChangeEnum(
        [
            f"ALTER TYPE {quote(name)}{ADD_VALUE}{_literal(value)} {place}".rstrip()
            for value, place in zip(new, places, strict=False)
            if value not in old
        ],
        undo,
    )


def _replace(name: str, values: list[str], uses: Uses, quote: Callable[[str], str]) -> list[str]:
    """Return statements that replace the type, because PostgreSQL cannot remove or move values."""
    enum, old = quote(name), quote(f"{name}_old")
    statements = [f"ALTER TYPE {enum} RENAME TO {old}", _create(enum, values)]
    for use in uses:
        column = f"ALTER COLUMN {quote(use.column)}"
        cast = f"{quote(use.column)}::text{use.brackets}::{enum}{use.brackets}"
        changes = [f"{column} TYPE {enum}{use.brackets} USING {cast}"]
        if use.default:
            changes.insert(0, f"{column} DROP DEFAULT")
            changes.append(f"{column} SET DEFAULT {use.default}")
        statements.append(_lines(f"ALTER TABLE {use.table}", changes))
    return [*statements, f"DROP TYPE {old}"]


def _create(enum: str, values: list[str]) -> str:
    return _lines(f"CREATE TYPE {enum} AS ENUM (", map(_literal, values)) + "\n    )"


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _lines(head: str, items: Iterable[str]) -> str:
    return f"{head}\n        " + ",\n        ".join(items)


def _text(statement: str) -> str:
    """Return a statement as a Python literal; escape colons that would begin a parameter."""
    statement = re.sub(r"(?<![:\w\\]):(\w+)(?![:\w])", r"\\:\1", statement)
    if "\n" not in statement:
        return repr(statement)
    return '"""' + statement.replace("\\", "\\\\").replace('"', '\\"') + '"""'
