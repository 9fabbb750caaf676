"""Cursors."""

from uuid import UUID

import pytest

from app.core.exceptions import ValidationError
from app.core.ids import uuid7
from app.core.pagination import decode_cursor, encode_cursor


@pytest.mark.parametrize("last", [UUID(int=0), UUID(int=2**128 - 1), uuid7()], ids=range(3))
def test_a_cursor_leads_back_to_its_row_and_fits_into_a_url(last: UUID) -> None:
    cursor = encode_cursor(last)

    assert decode_cursor(cursor) == last
    assert len(cursor) == 22
    assert cursor.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "cursor", ["", "x", "A" * 21, "A" * 23, "A" * 22 + "!", "A A" * 8, "é" * 22, "\x00", "="]
)
def test_any_other_text_is_refused_by_name(cursor: str) -> None:
    """VAL-17"""
    with pytest.raises(ValidationError) as caught:
        decode_cursor(cursor)

    assert caught.value.extensions["errors"][0]["loc"] == ["query", "cursor"]
