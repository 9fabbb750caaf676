"""`poe migration` names the models that are not imported, and fills new lists."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from alembic.operations.ops import (
    AddColumnOp,
    DowngradeOps,
    MigrationScript,
    ModifyTableOps,
    UpgradeOps,
)
from sqlalchemy import ARRAY, Column, String
from sqlalchemy.orm import DeclarativeBase

from dev import revision

MODEL = """
from sqlalchemy.orm import Mapped, mapped_column

from tests.in_project.dev.test_revision import Base


class Invoice(Base):
    __tablename__ = "invoices"
    __table_args__ = {"schema": "billing"}

    id: Mapped[int] = mapped_column(primary_key=True)
"""


class Base(DeclarativeBase):
    """The base class of models that only this test has."""


def test_a_model_in_another_schema_that_is_not_imported_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/model_of_invoices.py").write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "src")
    monkeypatch.delitem(sys.modules, "model_of_invoices", raising=False)
    context: Any = SimpleNamespace(opts={"target_metadata": Base.metadata})
    directives: Any = [SimpleNamespace(upgrade_ops=UpgradeOps([]))]

    with pytest.raises(SystemExit, match=r"model_of_invoices\.py is not imported: add"):
        revision._check(context, None, directives)


def test_a_new_list_is_empty_in_existing_rows_and_keeps_its_default() -> None:
    columns: list[Column[Any]] = [
        Column("a", ARRAY(String), nullable=False, comment="Mine"),
        Column("b", ARRAY(String), nullable=True),
        Column("c", String, nullable=False),
    ]
    table = ModifyTableOps("t", [AddColumnOp("t", each) for each in columns])
    context: Any = None
    script = MigrationScript("1", UpgradeOps([table]), DowngradeOps([]))
    revision.fill_lists(context, (), [script])

    changes: Any = table.ops
    [a, b, c] = changes
    assert [bool(each.column.server_default) for each in (a, b, c)] == [True, False, False]
    assert a.column.comment == "Mine"
