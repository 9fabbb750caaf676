"""The cursors of paginated lists."""

import pytest

from app.core.exceptions import ValidationError
from app.core.lists.cursors import Cursors

CURSORS = Cursors(["a key"])
LAST = b'["tea", 1]'


@pytest.mark.parametrize("last", [b"[]", b"[1]", b"[12]", '["é\u20ac"]'.encode()], ids=range(4))
def test_a_cursor_decodes_to_its_row_and_is_url_safe(last: bytes) -> None:
    cursor = CURSORS.encode(last, "list", 1)

    assert CURSORS.decode(cursor, "list", 1) == last
    assert "a key" not in repr(CURSORS)
    assert cursor.replace("-", "").replace("_", "").replace(".", "").isalnum()


def refused(cursor: str, *bound_to: object, cursors: Cursors = CURSORS) -> bool:
    with pytest.raises(ValidationError) as caught:
        cursors.decode(cursor, *bound_to)
    return bool(caught.value.extensions["errors"][0]["loc"] == ["query", "cursor"])


@pytest.mark.parametrize(
    "cursor", ["", "x", "A" * 22, "A" * 24, "A" * 40, "A" * 41, "A A" * 8, "é" * 40, "\x00", "="]
)
def test_a_malformed_cursor_is_rejected(cursor: str) -> None:
    """VAL-17"""
    assert refused(cursor, "list", 1)


def test_a_modified_cursor_is_rejected() -> None:
    """VAL-17"""
    cursor = CURSORS.encode(LAST, "list", 1)

    for place, sign in enumerate(cursor):
        other = "A" if sign != "A" else "B"
        for changed in (other, f"!{sign}", f"\n{sign}"):
            assert refused(cursor[:place] + changed + cursor[place + 1 :], "list", 1)


def test_a_cursor_is_only_valid_for_its_own_list() -> None:
    """VAL-17"""
    cursor = CURSORS.encode(LAST, "list", 1)

    assert refused(cursor, "list", 2)
    assert refused(cursor, "list")
    assert refused(cursor, "list', '1")
    assert refused(cursor, "list", 1, cursors=Cursors(["another key"]))


def test_a_cursor_signed_with_a_previous_key_is_valid_while_the_key_is_configured() -> None:
    """TOK-19, VAL-17"""
    cursor = CURSORS.encode(LAST)

    both = Cursors(["a new key", "a key"])
    assert both.decode(cursor) == LAST
    assert Cursors(["a new key"]).decode(both.encode(LAST)) == LAST
