"""Versions as entity tags, and the conditions that callers set on them (RFC 9110 13.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.exceptions import PreconditionFailedError

ENTITY_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
# One of a list, with what divides it from the next: nothing between two of them, commas apart.
LISTED = re.compile(rf"({ENTITY_TAG})[ \t]*(?:,|$)")
ANY = "*"


class NotModified(Exception):  # noqa: N818 - nothing is wrong
    """The caller has the version `etag` already."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


def entity_tag(version: int) -> str:
    """Return the strong entity tag of a version."""
    return f'"{version}"'


def parse_entity_tags(values: Sequence[str]) -> list[str]:
    """Return the tags in a header, however many lines it has, or `*`; `ValueError` if it is odd."""
    text = ", ".join(values)
    tags = [ANY] if text.strip() == ANY else LISTED.findall(text)
    if not tags or (tags != [ANY] and LISTED.sub("", text).strip(", \t")):
        raise ValueError(f"must be {ANY}, or entity tags in double quotes with commas between")
    return tags


@dataclass(frozen=True, slots=True)
class Preconditions:
    """On which versions something is wanted: `if_match` at all, `if_none_match` not; none is any.

    Whoever changes something checks when it is locked, so nobody changes it in between.
    """

    if_match: Sequence[str] = ()
    if_none_match: Sequence[str] = ()
    is_read: bool = False

    def check(self, version: int) -> None:
        """Raise `PreconditionFailedError`, or `NotModified` for a read, if a condition fails."""
        etag = entity_tag(version)
        # A weak tag equals none here (RFC 9110 8.8.3.2): it may stand for what differs.
        if self.if_match and not {etag, ANY} & {*self.if_match}:
            raise PreconditionFailedError
        if {etag, f"W/{etag}", ANY} & {*self.if_none_match}:
            raise NotModified(etag) if self.is_read else PreconditionFailedError
