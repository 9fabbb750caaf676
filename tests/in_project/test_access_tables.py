"""The permission tables: their format, and the errors for invalid rows."""

from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from tests.access import ROLES, Access, read_tables, test_access
from tests.access.test_access import check_answer, fill_path

LINE = "/customers/{customer_id}/invoices/{invoice_id}/lines/{line_id}"
ID = UUID("01a20a5f-4751-77cf-9f4d-776ac82c38b1")


def table(name: str = "tests.access.invoices", **content: object) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(content)
    return module


@pytest.fixture
def client() -> AsyncClient:
    """A client of an application with nested resources."""
    app = FastAPI()

    @app.post("/customers")
    async def create_customer(body: dict[str, str]) -> dict[str, str]:
        return {"id": body["id"]}

    @app.post("/customers/{customer_id}/invoices")
    async def create_invoice(customer_id: str) -> dict[str, str]:
        return {"id": f"invoice-of-{customer_id}"}

    @app.post("/customers/{customer_id}/invoices/{invoice_id}/lines")
    async def create_line(customer_id: str, invoice_id: str) -> dict[str, str]:
        return {"number": "1"}

    return AsyncClient(transport=ASGITransport(app), base_url="http://test")


def test_a_permission_table_of_release_0_2_is_still_supported() -> None:
    body = {"json": {"name": "Tea", "note": "{no_name}"}}
    old = table(ACCESS={"POST /teas": (401, 403, 201, 409)}, BODIES={"POST /teas": body})

    row = read_tables([old, table("tests.access.helper")])["POST /teas"]

    statuses = [row.access.status(role) for role in ROLES]
    assert statuses == [401, 403, 201, 409]
    assert row.sent({}) == body


@pytest.mark.parametrize(
    ("access", "expected"),
    [
        (Access(), [401, 404, 404, 404, 404]),
        (Access(owner=200), [401, 404, 200, 404, 404]),
        (Access(stranger=202), [401, 202, 202, 202, 202]),
        (Access(stranger=403, administrator=200), [401, 403, 403, 200, 403]),
        (Access(anonymous=303, stranger=303, owner=412), [303, 303, 412, 303, 303]),
    ],
    ids=str,
)
def test_a_role_without_a_status_uses_the_status_of_the_stranger(
    access: Access, expected: list[int]
) -> None:
    roles = (*ROLES, "a role of a later release")

    assert [access.status(role) for role in roles] == expected


def test_names_in_braces_are_replaced_in_all_texts_of_a_request() -> None:
    send: dict[str, Any] = {
        "json": {"customer": "{customer}", "lines": [{"price": "{price}"}], "of": "no {price}"},
        "headers": {"If-Match": '"{version}"'},
        "params": {"after": "{customer}"},
        "files": {"scan": ("{customer}.txt", b"{price}")},
    }
    rows = read_tables([table(ACCESS={"POST /invoices": Access(send=send)})])

    sent = rows["POST /invoices"].sent({"customer": ID, "price": 5, "version": 3})

    assert sent == {
        "json": {"customer": str(ID), "lines": [{"price": 5}], "of": "no 5"},
        "headers": {"If-Match": '"3"'},
        "params": {"after": str(ID)},
        "files": {"scan": (f"{ID}.txt", b"{price}")},
    }


async def test_resources_in_a_nested_path_are_created_if_the_table_has_no_value_for_them(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = read_tables(
        [
            table(
                ACCESS={
                    "POST /customers": Access(send={"json": {"id": "{customer}"}}),
                    "POST /customers/{customer_id}/invoices": Access(owner=201),
                    f"DELETE {LINE}": Access(owner=204),
                }
            )
        ]
    )
    monkeypatch.setattr(test_access, "ROWS", rows)

    path = await fill_path(rows[f"DELETE {LINE}"], {"customer": ID, "line_id": 7}, client)

    assert path == f"/customers/{ID}/invoices/invoice-of-{ID}/lines/7"


@pytest.mark.parametrize(
    ("access", "sentence"),
    [
        (
            {"GET /customers/{customer_id}": Access()},
            "`GET /customers/{customer_id}` in tests/access/invoices.py needs a value for"
            " {customer_id}: return it from `add_rows` of the table.",
        ),
        (
            {f"GET {LINE}": Access(), f"POST {LINE.rpartition('/')[0]}": Access()},
            f"`GET {LINE}` in tests/access/invoices.py needs a value for {{line_id}}, and"
            f" `POST {LINE.rpartition('/')[0]}` answers 200 without an `id`.",
        ),
        (
            {"GET /customers/{customer_id}": Access(), "POST /customers": Access()},
            "`GET /customers/{customer_id}` in tests/access/invoices.py needs a value for"
            " {customer_id}, and `POST /customers` answers 422 without an `id`.",
        ),
    ],
)
async def test_a_path_parameter_without_a_value_causes_a_one_line_error(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch, access: dict[str, Access], sentence: str
) -> None:
    rows = read_tables([table(ACCESS=access)])
    monkeypatch.setattr(test_access, "ROWS", rows)
    names: dict[str, object] = (
        {}
        if len(access) == 1 or "/lines" not in sentence
        else {
            "customer_id": ID,
            "invoice_id": ID,
        }
    )

    with pytest.raises(pytest.fail.Exception) as error:
        await fill_path(next(iter(rows.values())), names, client)

    assert str(error.value) == sentence


def test_a_name_in_a_body_without_a_value_causes_a_one_line_error() -> None:
    send = {"json": {"customer": "{custmer_id}"}}
    (row,) = read_tables([table(ACCESS={"POST /invoices": Access(send=send)})]).values()

    with pytest.raises(pytest.fail.Exception) as error:
        row.sent({"customer_id": ID})

    assert str(error.value) == (
        "`POST /invoices` in tests/access/invoices.py sends {custmer_id}, and `add_rows` of the"
        " table returns no such name."
    )


def test_duplicate_rows_for_one_operation_cause_a_one_line_error() -> None:
    rows = {"GET /invoices": Access()}

    with pytest.raises(pytest.fail.Exception) as error:
        read_tables([table(ACCESS=rows), table("tests.access.others", ACCESS=rows)])

    assert str(error.value) == (
        "`GET /invoices` in tests/access/others.py also has a row in tests/access/invoices.py:"
        " keep one of them."
    )


@pytest.mark.parametrize("name", ["admin", "zones"])
def test_a_row_of_the_project_replaces_the_row_in_accounts(name: str) -> None:
    accounts = table("tests.access.accounts", ACCESS={"POST /users": Access(anonymous=201)})
    own = table(f"tests.access.{name}", ACCESS={"POST /users": Access(stranger=403)})

    for tables in ([accounts, own], [own, accounts]):
        assert read_tables(tables)["POST /users"].access == Access(stranger=403)


@pytest.mark.parametrize("wrong", [(200, 200), "200", 200, None])
def test_an_invalid_row_causes_a_one_line_error(wrong: object) -> None:
    with pytest.raises(pytest.fail.Exception) as error:
        read_tables([table(ACCESS={"GET /invoices": wrong})])

    assert str(error.value) == (
        "`GET /invoices` in tests/access/invoices.py must be an `Access(...)`."
    )


@pytest.mark.parametrize("status", [200, 202, 204, 303, 304])
def test_expected_success_and_redirect_statuses_are_accepted(status: int) -> None:
    check_answer(Response(status), status, "owner")
