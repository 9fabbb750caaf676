"""The statements that the gate records, and the revisions that it runs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dev.revisions.checking import check
from dev.revisions.errors import RevisionError
from tests.in_project.dev.revision_chain import Chain

Rules = Callable[[dict[str, str]], list[tuple[str, int, str]]]
CREATED = """\
op.create_table("new", sa.Column("a", sa.Integer()), sa.Column("owner", sa.Uuid()))
op.create_index("new_a", "new", ["a"])
op.create_check_constraint("positive", "new", "a > 0")
op.create_unique_constraint("once", "new", ["a"])
op.create_foreign_key("owned", "new", "users", ["owner"], ["id"])
op.alter_column("new", "a", type_=sa.BigInteger(), nullable=False)
op.alter_column("new", "a", new_column_name="b")
op.drop_index("new_a")
op.drop_table("new")
op.execute('CREATE UNLOGGED TABLE IF NOT EXISTS public."New 2" (a integer)')
op.create_index("ix", "New 2", ["a"])
"""
HALF = """\
op.add_column("half", sa.Column("z", sa.Integer()))
online.create_index("half_z", "half", ["z"])
"""
SAME_TRANSACTION = """\
op.create_check_constraint(op.f("positive"), "same", "a > 0", postgresql_not_valid=True)
op.execute("ALTER TABLE same VALIDATE CONSTRAINT positive")
"""
READING = """\
connection = op.get_bind()
for row in connection.execute(sa.text("SELECT id, email FROM users")).all():
    connection.execute(sa.text("UPDATE users SET email = :email"), {"email": row.email})
op.add_column("reading", sa.Column("n", sa.Integer(), server_default="1", nullable=False))
"""


@pytest.fixture
def chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chain:
    monkeypatch.chdir(tmp_path)
    return Chain.copy(tmp_path)


@pytest.fixture
def rules(chain: Chain, server_url: str) -> Rules:
    """Add a revision for each case; return the file, the line and the rule of each finding."""

    def run(cases: dict[str, str]) -> list[tuple[str, int, str]]:
        found = check(server_url, chain.add_cases(cases))
        return [(Path(each.file).stem, each.line - 14, each.rule) for each in found]

    return run


def test_revisions_in_one_run_have_their_own_findings(rules: Rules) -> None:
    comment = '# a comment\nop.execute("-- squawk-ignore ban-drop-column\\nALTER TABLE {t} DROP b")'

    assert rules(
        {
            "created": CREATED,
            "half": HALF,
            "same": SAME_TRANSACTION,
            "reading": READING,
            "ignored": comment,
        }
    ) == [
        ("half", 1, "not-repeatable"),
        ("same", 2, "constraint-missing-not-valid"),
        ("ignored", 2, "ban-drop-column"),
    ]


def test_only_new_revisions_are_checked(chain: Chain, server_url: str) -> None:
    chain.add_cases({"old": 'op.drop_column("old", "b")'})
    new = chain.add("latest", "pass")

    assert check(server_url, {new}) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('op.drop_table("missing")', 'x.py fails: table "missing" does not exist'),
        ('raise RuntimeError("no\\nway")', "x.py fails: no"),
        ("raise KeyError", "x.py fails: KeyError"),
    ],
)
def test_a_revision_that_fails_is_named(
    chain: Chain, server_url: str, body: str, message: str
) -> None:
    new = chain.add("x", body)

    with pytest.raises(RevisionError) as caught:
        check(server_url, {new})
    assert str(caught.value) == f"migrations/versions/{message}"


def test_a_revision_that_cannot_be_read_is_named(chain: Chain, server_url: str) -> None:
    chain.add("x", "][")

    with pytest.raises(RevisionError, match=r"^The revisions cannot be read: .*x\.py"):
        check(server_url, {"x"})


def test_a_server_that_is_down_is_named(chain: Chain) -> None:
    with pytest.raises(RevisionError, match=r"^The database for the revisions cannot be used: "):
        check("postgresql://postgres:x@127.0.0.1:1/postgres", {"x"})
