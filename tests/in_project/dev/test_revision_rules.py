"""Every rule that is kept finds a revision that breaks it, and accepts one that is safe."""

from collections.abc import Callable
from contextlib import chdir
from functools import cache
from pathlib import Path

import pytest

from dev.revisions.checking import check
from dev.revisions.findings import Finding
from dev.revisions.recording import Statement
from dev.revisions.rules import KEPT
from dev.revisions.squawk import violations
from tests.in_project.dev.revision_chain import Chain

FindingsOf = Callable[[str], tuple[list[Finding], list[Finding]]]
# Each run of a revision loads all files, so few revisions are checked at once.
BATCH = 6
ALONE = "with op.get_context().autocommit_block():\n    "
OTHER_COLUMN = 'op.add_column("{t}", sa.Column("z", sa.Integer()))'


def sql(statement: str) -> str:
    return f"op.execute({statement!r})"


def excused(code: str) -> str:
    return f"# safe: no release uses it\n{code}"


def dropped(kind: str, cascade: str = "") -> tuple[str, str]:
    drop = sql(f"DROP {kind} {{t}}_{kind.lower()}{cascade}")
    return drop, excused(drop)


# The body of a revision that breaks the rule, and of one that reaches the same or a related goal.
CASES = {
    "require-concurrent-index-creation": (
        'op.create_index("{t}_a", "{t}", ["a"])',
        'online.create_index("{t}_a", "{t}", ["a"])',
    ),
    "require-concurrent-index-deletion": (
        'op.drop_index("{t}_b")',
        'online.drop_index("{t}_b", "{t}")',
    ),
    "require-concurrent-reindex": (
        sql("REINDEX TABLE {t}"),
        ALONE + sql("REINDEX TABLE CONCURRENTLY {t}"),
    ),
    "require-concurrent-partition-detach": (
        sql("ALTER TABLE {t}_parts DETACH PARTITION {t}_part"),
        "# safe: an interrupted run is continued by hand\n"
        + ALONE
        + sql("ALTER TABLE {t}_parts DETACH PARTITION {t}_part CONCURRENTLY"),
    ),
    "constraint-missing-not-valid": (
        'op.create_check_constraint("{t}_c", "{t}", "a > 0")',
        'online.add_check("{t}_c", "{t}", "a > 0")',
    ),
    "adding-foreign-key-constraint": (
        'op.create_foreign_key("{t}_f", "{t}", "users", ["owner"], ["id"])',
        'online.add_foreign_key("{t}_f", "{t}", "users", ["owner"], ["id"], ondelete="CASCADE")',
    ),
    "disallowed-unique-constraint": (
        'op.create_unique_constraint("{t}_u", "{t}", ["a"])',
        'online.add_unique("{t}_u", "{t}", ["a"])',
    ),
    "adding-not-nullable-field": (
        'op.alter_column("{t}", "a", nullable=False)',
        'online.set_not_null("{t}", "a")',
    ),
    "adding-serial-primary-key-field": (
        sql("ALTER TABLE {t} ADD PRIMARY KEY (a)"),
        OTHER_COLUMN,
    ),
    "adding-field-with-default": (
        'op.add_column("{t}", sa.Column("z", sa.Float(), server_default=sa.func.random()))',
        'op.add_column("{t}", sa.Column("z", sa.Float(), server_default="1", nullable=False))',
    ),
    "changing-column-type": (
        'op.alter_column("{t}", "owner", type_=sa.Text())',
        'op.alter_column("{t}", "b", type_=sa.String(20))',
    ),
    "ban-alter-domain-with-add-constraint": (
        sql("ALTER DOMAIN {t}_domain ADD CONSTRAINT positive CHECK (value > 0)"),
        excused(sql("ALTER DOMAIN {t}_domain ADD CONSTRAINT positive CHECK (value > 0)")),
    ),
    "adding-required-field": (
        'op.add_column("{t}", sa.Column("z", sa.Integer(), nullable=False))',
        'op.add_column("{t}", sa.Column("z", sa.Integer(), server_default="1", nullable=False))',
    ),
    "ban-drop-default": (
        'op.alter_column("{t}", "b", server_default=None)',
        'op.alter_column("{t}", "b", server_default="y")',
    ),
    "ban-drop-not-null": ('op.alter_column("{t}", "b", nullable=True)', OTHER_COLUMN),
    "renaming-column": ('op.alter_column("{t}", "a", new_column_name="z")', OTHER_COLUMN),
    "renaming-table": (
        'op.rename_table("{t}", "{t}_z")',
        'op.create_table("{t}_z", sa.Column("a", sa.Integer()))',
    ),
    "renaming-object": (
        sql("ALTER TYPE {t}_type RENAME VALUE 'a' TO 'b'"),
        ALONE + sql("ALTER TYPE {t}_type ADD VALUE IF NOT EXISTS 'b'"),
    ),
    "ban-set-schema": (
        sql("ALTER TABLE {t} SET SCHEMA {t}_schema"),
        sql("CREATE TABLE {t}_schema.{t} (a integer)"),
    ),
    "ban-drop-column": (
        'op.drop_column("{t}", "owner")',
        'op.drop_column("{t}", "owner")  # safe: the last release does not read it',
    ),
    "ban-drop-table": (
        'op.drop_table("{t}_part")',
        'op.create_table("{t}_z", sa.Column("a", sa.Integer()))\nop.drop_table("{t}_z")',
    ),
    "ban-drop-generated-expression": (
        sql("ALTER TABLE {t} ALTER COLUMN g DROP EXPRESSION"),
        OTHER_COLUMN,
    ),
    "ban-alter-identity": (sql("ALTER TABLE {t} ALTER COLUMN i DROP IDENTITY"), OTHER_COLUMN),
    "ban-drop-view": dropped("VIEW"),
    "ban-drop-function": dropped("FUNCTION"),
    "ban-drop-type": dropped("TYPE"),
    "ban-drop-sequence": dropped("SEQUENCE"),
    "ban-drop-domain": dropped("DOMAIN"),
    "ban-drop-schema": dropped("SCHEMA", " CASCADE"),
    "ban-drop-extension": (
        sql("DROP EXTENSION IF EXISTS none"),
        excused(sql("DROP EXTENSION IF EXISTS none")),
    ),
    "ban-drop-database": (
        ALONE + sql("DROP DATABASE IF EXISTS {t}"),
        sql("SELECT 1"),
    ),
    "ban-truncate-cascade": (sql("TRUNCATE {t} CASCADE"), sql("TRUNCATE {t}")),
    "transaction-nesting": (
        sql("COMMIT"),
        "with op.get_context().autocommit_block():\n    pass",
    ),
}


@pytest.fixture(scope="module")
def findings_of(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> FindingsOf:
    """Return a function that checks the two revisions of a rule, together with some others."""

    @cache
    def checked(batch: int) -> list[Finding]:
        folder = tmp_path_factory.mktemp("rules")
        numbers = [number for number in range(len(CASES)) if number // BATCH == batch]
        cases = [*CASES.values()]
        bad = {f"bad_{number}": cases[number][0] for number in numbers}
        good = {f"good_{number}": cases[number][1] for number in numbers}
        new = Chain.copy(folder).add_cases(bad | good)
        with chdir(folder):
            return check(server_url, new)

    def of_rule(rule: str) -> tuple[list[Finding], list[Finding]]:
        number = [*CASES].index(rule)
        found = checked(number // BATCH)
        bad, good = (
            [each for each in found if Path(each.file).stem == f"{kind}_{number}"]
            for kind in ("bad", "good")
        )
        return bad, good

    return of_rule


def test_every_rule_that_is_kept_has_a_case() -> None:
    assert {*CASES} == {*KEPT} - {"syntax-error"}


def test_a_statement_that_squawk_cannot_read_is_a_finding() -> None:
    statement = Statement("SELECT 1 NO SUCH SYNTAX", line=1, transaction=None)

    assert {(found.sql, rule) for found, rule in violations([statement])} == {
        (statement.sql, "syntax-error")
    }


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_finds_an_unsafe_revision_and_accepts_a_safe_one(
    findings_of: FindingsOf, rule: str
) -> None:
    bad, good = findings_of(rule)

    assert [(each.rule, each.is_excused) for each in bad] == [(rule, False)]
    assert [each for each in good if not each.is_excused] == []
