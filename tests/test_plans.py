"""The query plans of pages of lists with 200,000 rows."""

import json
from typing import Any

import pytest

from tests.support.processes import run, uv
from tests.support.services import Install
from tests.support.variants import ROOT

STACK = "pyjwt-pwdlib"
SCRIPT = ROOT / "tests/support/explain_list_plans.py"
LIMIT = 50
INDEXES = {
    "created_at": "ix_items_owner_id_created_at_id",
    "name": "ix_items_owner_id_name_ignoring_case_id",
    "price": "ix_items_owner_id_price_id",
}

# The pytest worker that tests this stack has already installed its environment.
pytestmark = pytest.mark.xdist_group(STACK)


@pytest.fixture(scope="module")
def plans(install: Install) -> dict[str, Any]:
    """Return the query plans that `explain_list_plans.py` prints."""
    service = install(auth_stack=STACK)
    said = run(
        *(uv(), "run", "--exact", "-q", "python", "-P", SCRIPT),
        cwd=service.folder,
        PYTHONPATH=".",
        **service.environment,
    )
    explained: dict[str, Any] = json.loads(said.splitlines()[-1])
    return explained


def test_a_page_of_items_reads_only_its_rows_from_the_index_of_its_sort_order(
    plans: dict[str, Any],
) -> None:
    assert {*plans["items"]} == {f"{sign}{name}" for sign in ("", "-") for name in INDEXES}
    for sort, pages in plans["items"].items():
        for which, page in pages.items():
            assert page["indexes"] == [INDEXES[sort.removeprefix("-")]], (sort, which)
            assert page["rows"] == LIMIT, (sort, which)
            assert page["read"] <= LIMIT + 1, (sort, which)


def test_the_first_page_and_deep_pages_of_items_need_no_sort(plans: dict[str, Any]) -> None:
    """PostgreSQL may sort the last page, because at most one page of rows is left."""
    for sort, pages in plans["items"].items():
        for which in ("first", "deep"):
            assert pages[which]["nodes"] == ["Limit", "Index Scan"], (sort, which)


def test_a_rare_tag_is_found_without_reading_all_items(plans: dict[str, Any]) -> None:
    for page in plans["tags"].values():
        assert page["indexes"] == ["ix_items_tags"]
        assert 0 < page["rows"] <= page["read"] < LIMIT


def test_users_in_each_sort_order_are_read_from_an_index(plans: dict[str, Any]) -> None:
    by_email = "uq_users_normalized_email"
    indexes = {"-created_at": "pk_users", "created_at": "pk_users", "email": by_email}

    assert {sort: page["indexes"] for sort, page in plans["users"].items()} == {
        sort: [index] for sort, index in indexes.items()
    }
    for page in plans["users"].values():
        # Only the page itself is sorted, after the join with the count.
        *_, around, numbered, scan = page["nodes"]
        assert (around, numbered, scan) == ("Limit", "WindowAgg", "Index Scan")
        assert page["rows"] == page["read"] == LIMIT
