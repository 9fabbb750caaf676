"""`poe migration` names the models that are not imported."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from alembic.operations.ops import UpgradeOps
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
