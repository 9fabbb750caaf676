"""Depth: a page must cost the same behind thousands of rows as at the start of its list."""

import time
from collections.abc import Iterator

from dev.prove.client import Client
from dev.prove.findings import Finding, Measurement, Outcome, Result
from dev.prove.load.comparing import HIGHEST_RATIO, durations, sending, smallest_ratio
from dev.prove.load.listed import CURSOR, Listed
from dev.prove.operations import Operation

CHECK = "depth"
NEXT = "next_cursor"
ROWS_BEFORE = 20_000
USUAL_LIMIT = 100


def has_cursors(operation: Operation) -> bool:
    """Return whether the pages of a list are connected by cursors."""
    return CURSOR in operation.parameters("query") and NEXT in operation.members(operation.answer)


def prove_depth(client: Client, listed: Listed) -> Iterator[Result]:
    """Compare a page behind many rows with the first page of the list, in one order."""
    subject, began = listed.operation.name, time.monotonic()
    words = f" with ?{listed.words}" if listed.words else ""
    deep = _behind(client, listed)
    if deep is None:
        reason = f"not measured: the cursors end before {ROWS_BEFORE:,} rows{words}"
        yield Finding("load", CHECK, subject, Outcome.UNCOVERED, reason)
        return
    ratio = smallest_ratio(lambda: _ratio(client, listed, deep))
    yield Measurement("load", subject, f"{CHECK}{words}", ratio, "times", HIGHEST_RATIO)
    outcome, detail = Outcome.PASSED, words.strip()
    if ratio > HIGHEST_RATIO:
        outcome = Outcome.FAILED
        detail = f"a page behind {ROWS_BEFORE:,} rows takes {ratio:.1f} times as long as the first"
        detail += words
    yield Finding("load", CHECK, subject, outcome, detail, time.monotonic() - began)


def _behind(client: Client, listed: Listed) -> Listed | None:
    """Follow the cursors, and return the page behind many rows, or `None` if they end before."""
    limit = listed.operation.parameters("query").get("limit", {}).get("maximum", USUAL_LIMIT)
    long = page = listed.with_query("limit", limit)
    cursor = None
    for _ in range(ROWS_BEFORE // limit):
        document = client.send(page.request).document
        cursor = document.get(NEXT) if isinstance(document, dict) else None
        if not cursor:
            return None
        page = long.with_query(CURSOR, cursor)
    return listed.with_query(CURSOR, cursor)


def _ratio(client: Client, listed: Listed, deep: Listed) -> float:
    first, behind = durations(sending(client, listed.request), sending(client, deep.request))
    return behind / first
