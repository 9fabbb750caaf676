"""Errors as problem details (RFC 9457), and limits on request bodies."""

from collections.abc import AsyncIterator

from httpx import AsyncClient

from tests.clients import client_of, problem
from tests.conftest import MakeApp

USERS = "/api/v1/users"


async def test_an_unknown_path_returns_a_404_problem(client: AsyncClient) -> None:
    """HTT-11"""
    response = await client.get("/api/v1/nothing")

    assert problem(response) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Not Found",
        "instance": "/api/v1/nothing",
        "error_code": "NOT_FOUND",
        "request_id": response.headers["x-request-id"],
    }


async def test_a_validation_error_contains_its_location_and_message(client: AsyncClient) -> None:
    """HTT-11, ERR-02"""
    response = await client.post(USERS, json={"email": "ada@example.com"})

    assert response.status_code == 422
    described = problem(response)
    assert described["error_code"] == "VALIDATION_ERROR"
    assert described["errors"] == [
        {"loc": ["body", "password"], "message": "Field required", "type": "missing"}
    ]


async def test_a_validation_error_counts_the_characters_of_a_text(client: AsyncClient) -> None:
    """ERR-02"""
    values = {"email": "ada@example.com", "password": "", "full_name": "n" * 101}
    response = await client.post(USERS, json=values)

    assert {each["loc"][1]: each["message"] for each in problem(response)["errors"]} == {
        "full_name": "Value should have at most 100 characters, not 101",
        "password": "Value should have at least 1 character, not 0",
    }


async def test_validation_errors_are_limited_in_number_and_length(client: AsyncClient) -> None:
    """ERR-02"""
    response = await client.post(USERS, json={"n" * 1000 + str(number): 1 for number in range(100)})

    errors = problem(response)["errors"]
    assert len(errors) == 20
    assert max(len(part) for error in errors for part in error["loc"]) == 100


async def test_a_content_length_above_the_limit_is_rejected_with_413(make_app: MakeApp) -> None:
    """RES-01"""
    client = client_of(await make_app(max_body_bytes=100))

    for length in ("101", "9" * 5000, "0" * 5000 + "101"):
        response = await client.post(USERS, content=b"{", headers={"Content-Length": length})

        assert response.status_code == 413
        problem(response)


async def test_leading_zeros_in_content_length_are_ignored(make_app: MakeApp) -> None:
    """RES-01, ERR-03"""
    client = client_of(await make_app(max_body_bytes=100))

    for length in ("0" * 5000, "0099"):
        response = await client.post(USERS, content=b"{", headers={"Content-Length": length})

        assert response.status_code == 422


async def test_a_body_of_the_maximum_size_is_processed(make_app: MakeApp) -> None:
    """RES-01, RES-02"""
    client = client_of(await make_app(max_body_bytes=100))

    response = await client.post(USERS, content=b"{}".ljust(100))

    assert response.status_code == 422


async def test_a_chunked_body_is_rejected_once_it_exceeds_the_limit(make_app: MakeApp) -> None:
    """RES-02"""
    client = client_of(await make_app(max_body_bytes=100))
    sent = []

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(1000):
            sent.append(number)
            yield b"          "

    headers = {"Content-Type": "application/json"}
    response = await client.post(USERS, content=chunks(), headers=headers)

    assert response.status_code == 413
    assert len(sent) <= 12
    problem(response)
