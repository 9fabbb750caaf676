"""0.2.2: upper and lower case no longer depend on the locale of the database."""

import sqlalchemy as sa
from alembic import op
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import AddColumnOp, AlterColumnOp, ModifyTableOps, UpgradeOps
from alembic.util import CommandError

from app.core.db.letter_case import normalize_email
from dev.upgrade.steps import Call

TABLE, COLUMN = "users", "normalized_email"


def add(context: AutogenContext, operations: UpgradeOps) -> None:
    """Add operations to create a missing collation and fill a new column with addresses."""
    connection = context.connection
    assert connection  # noqa: S101 - Alembic cannot compare without a connection
    if connection.scalar(sa.text("SELECT to_regcollation('app_utf8')")) is None:
        operations.ops.insert(0, Call(create_collation, undo=drop_collation))
    for table in operations.ops:
        if isinstance(table, ModifyTableOps) and table.table_name == TABLE:
            for operation in [each for each in table.ops if isinstance(each, AddColumnOp)]:
                if operation.column.name == COLUMN and not operation.column.nullable:
                    _normalize(table, operation)


def _normalize(table: ModifyTableOps, operation: AddColumnOp) -> None:
    """Fill the column before it becomes NOT NULL."""
    place = table.ops.index(operation)
    type_ = operation.column.type
    table.ops[place : place + 1] = [
        AddColumnOp(TABLE, sa.Column(COLUMN, type_, nullable=True), schema=table.schema),
        Call(
            normalize_emails,
            undo=drop_trigger,
            helpers=(normalize_email, normalize_other_emails, refuse_shared_emails),
            imports=("import unicodedata", "from alembic.util import CommandError"),
        ),
        AlterColumnOp(
            TABLE,
            COLUMN,
            schema=table.schema,
            existing_type=type_,
            existing_nullable=True,
            modify_nullable=False,
        ),
    ]


def create_collation() -> None:
    """Create the collation with the first of these definitions that the server supports."""
    op.execute("""
        DO $do$
        DECLARE
            definition text;
        BEGIN
            FOREACH definition IN ARRAY ARRAY[
                $$provider = builtin, locale = 'C.UTF-8'$$,  -- PostgreSQL 17 and later
                $$provider = libc, locale = 'C.UTF-8'$$,
                $$provider = icu, locale = 'und'$$
            ] LOOP
                BEGIN
                    EXECUTE 'CREATE COLLATION app_utf8 (' || definition || ')';
                    RETURN;
                EXCEPTION WHEN OTHERS THEN
                    NULL;  -- the server has no such collation, or not for this encoding
                END;
            END LOOP;
            CREATE COLLATION app_utf8 (provider = libc, locale = 'C');  -- of ASCII alone
        END
        $do$
    """)


def drop_collation() -> None:
    """Drop the collation."""
    op.execute("DROP COLLATION app_utf8")


def normalize_emails() -> None:
    """Fill the new column; raise `CommandError` if accounts share an address.

    The database normalizes ASCII addresses. A trigger normalizes those that the previous version
    of the service writes while both versions run.
    """
    op.execute("""
        CREATE FUNCTION normalize_ascii_email() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.normalized_email := lower(NEW.email COLLATE "C");
            RETURN NEW;
        END
        $$
    """)
    op.execute("""
        CREATE TRIGGER normalize_ascii_email BEFORE INSERT OR UPDATE OF email ON users
        FOR EACH ROW WHEN (NEW.email !~ '[^[:ascii:]]') EXECUTE FUNCTION normalize_ascii_email()
    """)
    op.execute("""
        UPDATE users SET normalized_email = lower(email COLLATE "C")
        WHERE email !~ '[^[:ascii:]]'
    """)
    if not op.get_context().as_sql:
        normalize_other_emails(op.get_bind())
        refuse_shared_emails(op.get_bind())


def normalize_other_emails(connection: sa.Connection) -> None:
    """Normalize addresses with non-ASCII characters, in batches."""
    read = sa.text("""
        SELECT id, email FROM users
        WHERE normalized_email IS NULL AND id > :last ORDER BY id LIMIT 1000
    """)
    write = sa.text("UPDATE users SET normalized_email = :normalized WHERE id = :id")
    last = "00000000-0000-0000-0000-000000000000"
    while rows := connection.execute(read, {"last": last}).all():
        values = [{"id": row.id, "normalized": normalize_email(row.email)} for row in rows]
        connection.execute(write, values)
        last = rows[-1].id


def refuse_shared_emails(connection: sa.Connection) -> None:
    """Raise `CommandError` with the ids of accounts that share an address."""
    query = sa.text("""
        SELECT string_agg(id::text, ', ' ORDER BY id) FROM users
        GROUP BY normalized_email HAVING count(*) > 1 ORDER BY 1 LIMIT 20
    """)
    if shared := connection.scalars(query).all():
        raise CommandError(
            "Some accounts have e-mail addresses that differ in upper and lower case alone."
            " Nothing has been changed. In each of these groups, change the address of all"
            f" accounts but one, or delete them, and migrate again: {'; '.join(shared)}"
        )


def drop_trigger() -> None:
    """Drop the trigger for the previous version of the service."""
    op.execute("DROP TRIGGER normalize_ascii_email ON users")
    op.execute("DROP FUNCTION normalize_ascii_email()")
