"""Changes of tables that do not stop the service, and that can run again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from app.core.db.engine import connect, connect_arguments
from tests.clients import SECRET_KEY
from tests.databases import alembic_config, execute, new_database
from tests.in_project.dev.processes import PROJECT
from tests.in_project.dev.revision_chain import Chain

INVALID = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = '{}'"
TRYING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%try_advisory_lock%'"


class Owner:
    """The owner of a database, who runs a revision until it succeeds."""

    def __init__(self, chain: Chain, url: URL) -> None:
        self.chain = chain
        self.url = url
        chain.add_tables(["t"])
        self.config = alembic_config(url, chain.folder / "alembic.ini")
        command.upgrade(self.config, "head")
        execute(url, "INSERT INTO t (a) VALUES (1), (1), (NULL)")

    def upgrade(self) -> None:
        """Run the last revision, even if it ran before."""
        command.stamp(self.config, "tables")
        command.upgrade(self.config, "head")

    def value(self, query: str) -> object:
        """Return the only value of a query."""
        return execute(self.url, query)[0][0]

    def started(self) -> subprocess.Popen[str]:
        """Start a migration in another process."""
        database = self.url.render_as_string(hide_password=False)
        environ = {"ENVIRONMENT": "test", "SECRET_KEY": SECRET_KEY, "DATABASE_URL": database}
        return subprocess.Popen(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=self.chain.folder,
            env=os.environ | environ | {"PYTHONPATH": str(PROJECT / "src")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture
def owner(server_url: str, tmp_path: Path) -> Iterator[Owner]:
    with new_database(server_url) as url:
        yield Owner(Chain.copy(tmp_path), url)


@pytest.mark.parametrize(
    ("body", "flaw", "result"),
    [
        (
            'online.create_index("t_new", "t", ["a"], unique=True)',
            "a = 1",
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_new'::regclass",
        ),
        (
            'online.add_unique("t_new", "t", ["a"])',
            "a = 1",
            "SELECT contype = 'u' FROM pg_constraint WHERE conname = 't_new'",
        ),
        (
            'online.add_check("t_new", "t", "a > 5")',
            "a < 5",
            "SELECT convalidated FROM pg_constraint WHERE conname = 't_new'",
        ),
        (
            'online.add_foreign_key("t_new", "t", "users", ["owner"], ["id"], ondelete="CASCADE")',
            "owner IS NOT NULL",
            "SELECT convalidated AND confdeltype = 'c' FROM pg_constraint WHERE conname = 't_new'",
        ),
        (
            'online.set_not_null("t", "a")',
            "a IS NULL",
            "SELECT attnotnull FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'a'",
        ),
    ],
)
def test_a_change_that_existing_rows_stopped_can_run_again(
    owner: Owner, body: str, flaw: str, result: str
) -> None:
    execute(owner.url, "UPDATE t SET owner = gen_random_uuid() WHERE a = 1")
    owner.chain.add("new", body)

    with pytest.raises(DBAPIError):
        owner.upgrade()
    assert owner.value("SELECT version_num FROM alembic_version") == "tables"
    execute(owner.url, f"DELETE FROM t WHERE {flaw}")  # noqa: S608 - of this test
    for _ in range(2):
        owner.upgrade()
        assert owner.value(result) is True
    assert owner.value(INVALID) == 0
    assert owner.value("SELECT count(*) FROM pg_constraint WHERE conname ~ 'before_not_null'") == 0


def test_an_index_is_dropped_once_or_twice_and_the_timeout_is_kept(owner: Owner) -> None:
    shown = 'op.get_bind().scalar(sa.text("SHOW lock_timeout"))'
    owner.chain.add("new", f'online.drop_index("t_b", "t")\nassert {shown} == "5s"')

    owner.upgrade()
    owner.upgrade()

    assert owner.value("SELECT to_regclass('t_b')") is None


def test_the_changes_can_be_rendered_as_sql(
    owner: Owner, capsys: pytest.CaptureFixture[str]
) -> None:
    owner.chain.add(
        "new", 'online.create_index("t_new", "t", ["a"])\nonline.set_not_null("t", "a")'
    )

    command.upgrade(owner.config, "tables:head", sql=True)

    written = capsys.readouterr().out
    assert "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_new ON t (a)" in written
    assert "ALTER TABLE t VALIDATE CONSTRAINT" in written


async def test_rows_are_written_while_an_index_waits_and_other_processes_wait_for_it(
    owner: Owner,
) -> None:
    """REL-10"""
    owner.chain.add("new", 'online.create_index("t_new", "t", ["a"])')
    earlier = await connect(**connect_arguments(owner.url))
    writer = await connect(**connect_arguments(owner.url))
    processes: list[subprocess.Popen[str]] = []
    try:
        transaction = earlier.transaction()
        await transaction.start()
        await earlier.execute("INSERT INTO t (a) VALUES (3)")
        processes += [owner.started(), owner.started()]
        [first, second] = processes
        while not await writer.fetchval(WAITING.format("virtualxid")):
            assert first.poll() is second.poll() is None
        while not await writer.fetchval(f"{TRYING} AND state = 'idle'"):
            assert first.poll() is second.poll() is None

        await writer.execute("INSERT INTO t (a) VALUES (4)")
        await transaction.rollback()
        outputs = [process.communicate(timeout=50)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
        await earlier.close()
        await writer.close()

    assert [process.returncode for process in processes] == [0, 0], outputs


def test_an_error_of_a_revision_ends_the_migration(owner: Owner) -> None:
    owner.chain.add("new", 'op.execute("ALTER TABLE t ADD COLUMN c integer")\n1 / 0')

    with owner.started() as process:
        output, _ = process.communicate()

    assert process.returncode == 1
    assert "ZeroDivisionError" in output
    assert owner.value("SELECT version_num FROM alembic_version") == "tables"
    assert owner.value("SELECT count(*) FROM pg_attribute WHERE attname = 'c'") == 0


def test_a_revision_that_succeeded_stays_if_a_later_one_fails(owner: Owner) -> None:
    owner.chain.add("new", "pass")
    owner.chain.add("failing", "1 / 0")

    with pytest.raises(ZeroDivisionError):
        command.upgrade(owner.config, "head")

    assert owner.value("SELECT version_num FROM alembic_version") == "new"
