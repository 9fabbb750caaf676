"""Lists of entity tags in conditional headers."""

import pytest

from app.core.http.preconditions import parse_entity_tags

LISTS: dict[tuple[str, ...], list[str]] = {
    ('"1"',): ['"1"'],
    ("*",): ["*"],
    (" * ",): ["*"],
    ('W/"1"',): ['W/"1"'],
    ('""',): ['""'],
    ('"1", "2"',): ['"1"', '"2"'],
    ('"1","2"',): ['"1"', '"2"'],
    (',, "1" \t,, "2",',): ['"1"', '"2"'],
    ('"1"', 'W/"2", "3"'): ['"1"', 'W/"2"', '"3"'],
    ('"a,b"', '"*"', '"\xff"'): ['"a,b"', '"*"', '"\xff"'],
}
NO_LISTS = (
    *("", " ", ",", "1", '"', '"1', '1"', "'1'", '"1" "2"', '"1""2"', '"1"2"', '"1", 2', '*, "1"'),
    *('"1", *', "**", 'w/"1"', 'W/ "1"', "W/1", '"a b"', '"\t"', '"\x00"', '"\x7f"', '"1";"2"'),
)


@pytest.mark.parametrize(("lines", "tags"), LISTS.items())
def test_a_list_of_entity_tags_is_parsed(lines: tuple[str, ...], tags: list[str]) -> None:
    """HTT-10"""
    assert parse_entity_tags(lines) == tags


def test_a_malformed_list_of_entity_tags_is_rejected() -> None:
    """HTT-10"""
    for odd in (*NO_LISTS, '"' * 32_000, '", ' * 10_000 + '"', "W/" * 16_000):
        with pytest.raises(ValueError, match="must be \\*, or entity tags in double quotes"):
            parse_entity_tags([odd])
