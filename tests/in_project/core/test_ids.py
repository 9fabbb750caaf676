"""Identifiers."""

import time
from uuid import RFC_4122

import pytest

from app.core.db.ids import uuid7


def test_an_id_is_a_uuid_of_version_7() -> None:
    ids = {uuid7() for _ in range(1000)}

    assert len(ids) == 1000
    assert {(each.version, each.variant) for each in ids} == {(7, RFC_4122)}


def test_ids_sort_by_creation_time(monkeypatch: pytest.MonkeyPatch) -> None:
    a_moment = 1_700_000_000_000
    moments = [0, 1, 999, a_moment, a_moment + 1, 2**48 - 1]
    parts = [0, 250, 999_750]

    ids = []
    for nanoseconds in (moment * 1_000_000 + part for moment in moments for part in parts):
        monkeypatch.setattr(time, "time_ns", lambda now=nanoseconds: now)
        ids.append(uuid7())

    assert [each.int >> 80 for each in ids[:: len(parts)]] == moments
    assert sorted(ids, key=str) == ids
