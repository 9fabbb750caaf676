"""`poe resource NAME --add` on real servers: the table has rows, and the tests pass."""

from tests.support.processes import commit, run
from tests.support.services import Install

RUN_SQL = """\
import asyncio, os, sys
import asyncpg

async def main():
    connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    print([tuple(row) for statement in sys.argv[1:] for row in await connection.fetch(statement)])
    await connection.close()

asyncio.run(main())
"""
ADD_USER = """
    INSERT INTO users (id, email, normalized_email, hashed_password, is_active, is_superuser)
    VALUES (gen_random_uuid(), 'a@example.com', 'a@example.com', '-', true, false)
"""
ADD_INVOICE = """
    INSERT INTO invoices (id, owner_id, number, amount)
    SELECT gen_random_uuid(), id, '1', 1 FROM users
"""
CHANGE_INVOICE = """
    UPDATE invoices SET status = 'cancelled' RETURNING status, priority, paid_at, tags
"""
RECIPE = (
    *("invoice", "number:str:max=40:unique", "amount:decimal:12.2:ge=0"),
    "status:enum:draft,sent:default=draft",
)
ADD = (
    *("invoice", "--add", "paid_at:datetime:optional", "priority:int:default=3"),
    # Of each type that a table with rows can take:
    *("tags:list:str:optional", "labels:list:str:readonly:optional", "data:json:optional"),
    *("is_late:bool:default=false", "form:enum:paper,pdf:default=pdf", "rate:float:default=1.5"),
    *("total:bigint:readonly:default=0", "tax:decimal:6.2:default=1", "title:str:default=New"),
    *("memo:text:optional", "code:str:optional:unique", "token:uuid:optional"),
    *("mail:email:optional", "site:url:optional", "buyer:ref:user:optional"),
    *("sent_on:date:default=today", "seen_at:datetime:readonly:default=now"),
    *("--add-value", "status:cancelled"),
)


def test_an_addition_suits_a_table_with_rows(install: Install) -> None:
    service = install()
    run("git", "init", "-q", cwd=service.folder)
    service.run("poe", "resource", *RECIPE)
    commit(service.folder, "Add invoices")
    sql = ("python", "-m", "dev", "python", "-c", RUN_SQL)
    service.run(*sql, ADD_USER, ADD_INVOICE)
    said = service.run("poe", "resource", *ADD)

    assert "git merge resource-change" in said
    run("git", "merge", "-q", "resource-change", cwd=service.folder)
    service.run("poe", "migrate")
    assert "[('cancelled', 3, None, [])]" in service.run(*sql, CHANGE_INVOICE)
    service.run("poe", "lint")
