"""Identifiers."""

import time
from uuid import RFC_4122

import pytest

from app.core.ids import uuid7


def test_an_id_is_a_uuid_of_version_7() -> None:
    ids = {uuid7() for _ in range(1000)}

    assert len(ids) == 1000
    assert {(each.version, each.variant) for each in ids} == {(7, RFC_4122)}


def test_ids_sort_by_the_millisecond_they_were_made_in(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [0, 1, 999, 1_700_000_000_000, 1_700_000_000_001, 2**48 - 1]

    ids = []
    for moment in moments:
        monkeypatch.setattr(time, "time_ns", lambda moment=moment: moment * 1_000_000)
        ids.append(uuid7())

    assert [each.int >> 80 for each in ids] == moments
    assert sorted(ids, key=str) == ids
