"""Versions as entity tags, and conditional requests (RFC 9110 13.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.exceptions import PreconditionFailedError

ENTITY_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
# A tag in a list, with the comma that separates it from the next.
LISTED = re.compile(rf"({ENTITY_TAG})[ \t]*(?:,|$)")
ANY = "*"
# The whole value of a header, for the OpenAPI description.
ENTITY_TAGS = rf"^(?:\{ANY}|{ENTITY_TAG}(?:[ \t]*,[ \t]*{ENTITY_TAG})*)$"


class NotModified(Exception):  # noqa: N818 - not an error
    """The client already has the current version, whose entity tag is `etag`."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


def entity_tag(version: int) -> str:
    """Return the strong entity tag of a version."""
    return f'"{version}"'


def parse_entity_tags(values: Sequence[str]) -> list[str]:
    """Return the tags in all lines of a header, or `*`; raise `ValueError` for malformed text."""
    text = ", ".join(values)
    tags = [ANY] if text.strip() == ANY else LISTED.findall(text)
    if not tags or (tags != [ANY] and LISTED.sub("", text).strip(", \t")):
        raise ValueError(f"must be {ANY}, or entity tags in double quotes, separated by commas")
    return tags


@dataclass(frozen=True, slots=True)
class Preconditions:
    """The request's conditional headers.

    The request is processed only if the current version is in `if_match` and not in
    `if_none_match`; an empty list sets no condition. Before a change, lock the row and then check,
    so that no other request can change the row in between.
    """

    if_match: Sequence[str] = ()
    if_none_match: Sequence[str] = ()
    is_read: bool = False

    def check(self, version: int) -> None:
        """Raise `PreconditionFailedError` if a condition fails.

        For a read, raise `NotModified` instead if `if_none_match` contains the version.
        """
        etag = entity_tag(version)
        # If-Match compares strongly, so a weak tag never matches (RFC 9110 8.8.3.2).
        if self.if_match and not {etag, ANY} & {*self.if_match}:
            raise PreconditionFailedError
        if {etag, f"W/{etag}", ANY} & {*self.if_none_match}:
            raise NotModified(etag) if self.is_read else PreconditionFailedError
