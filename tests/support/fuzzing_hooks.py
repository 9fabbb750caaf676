"""Hooks of schemathesis: callers, path parameters and checks. `test_fuzzing.py` loads them."""

import json
import os
from collections import Counter
from typing import Any
from uuid import uuid4

import requests
import schemathesis
from schemathesis import AuthContext, Case, CheckContext, HookContext, Response

URL = os.environ["FUZZED_URL"]
ROLE = os.environ["FUZZED_AS"]
PASSWORD = os.environ["FUZZED_PASSWORD"]
# The administrator who creates the others; all users have the same password.
ADMINISTRATOR = os.environ["FUZZED_ADMINISTRATOR"]
# Texts that must not leave the service.
INSIDE = ("argon2", "asyncpg", "hashed_password", "sqlalchemy", "Traceback")
SECRETS = ("code", "current_password", "new_password", "password", "refresh_token")
SHORTEST_SECRET = 12
SECONDS = 30
# A character is encoded in at most 12 bytes, and a request target has at most 16 KiB.
LONGEST = 1_100

turns: Counter[str] = Counter()
# Accounts that no request may change.
spared: set[str] = set()


def call(method: str, path: str, token: str | None = None, **sent: Any) -> Any:  # noqa: ANN401
    """Return the JSON of a response; raise `requests.HTTPError` if the status is an error."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = requests.request(
        method, f"{URL}/api/v1{path}", headers=headers, timeout=SECONDS, **sent
    )
    response.raise_for_status()
    return response.json()


def sign_in(email: str) -> str:
    """Log in, and return an access token."""
    form = {"username": email, "password": PASSWORD}
    return str(call("POST", "/auth/token", data=form)["access_token"])


def sign_up(role: str) -> tuple[str, str]:
    """Register an account; return its id and its address."""
    email = f"{role}-{uuid4()}@example.com"
    user = call("POST", "/users", json={"email": email, "password": PASSWORD})
    return user["id"], email


def item_of(token: str) -> str:
    """Return the id of a new item."""
    item = {"name": "Tea", "price": "4.20", "quantity": 1}
    return str(call("POST", "/items", token, json=item)["id"])


def session_of(token: str) -> str:
    """Return the id of a session of the account."""
    return str(call("GET", "/users/me/sessions", token)[0]["id"])


def somebody(_token: str) -> str:
    """Return the id of a new account."""
    return sign_up("somebody")[0]


THINGS = {"item_id": item_of, "session_id": session_of, "user_id": somebody}


class Account:
    """Authenticates calls as an account, and as a new account once the token is invalid."""

    def get(self, _case: Case[Any], _context: AuthContext) -> str:
        user_id, email = sign_up(ROLE)
        if ROLE == "administrator":
            first = sign_in(ADMINISTRATOR)
            spared.add(call("GET", "/users/me", first)["id"])
            call("PATCH", f"/users/{user_id}", first, json={"is_superuser": True})
        return sign_in(email)

    def set(self, case: Case[Any], data: str, _context: AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


if ROLE != "anonymous":
    schemathesis.auth()(Account)


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """Use existing ids in every other valid call, because generated ids match no resource."""
    for name, value in (case.query or {}).items():
        if isinstance(value, str):  # longer targets do not reach the application
            case.query[name] = value[:LONGEST]
    is_good = case.meta is not None and case.meta.generation.mode.is_positive
    if case.path_parameters.get("user_id") in spared:
        case.path_parameters["user_id"] = str(uuid4())
    if ROLE == "anonymous" or not is_good:
        return
    if turns[case.operation.label] % 2 == 0:
        try:
            fill_in(case)
        except requests.HTTPError:  # the token is invalid: schemathesis retries with another
            return
    turns[case.operation.label] += 1


def fill_in(case: Case[Any]) -> None:
    """Fill in the ids of new resources, and addresses that are not taken."""
    token = case.headers.get("Authorization", "").removeprefix("Bearer ")
    for name in set(THINGS) & set(case.path_parameters):
        case.path_parameters[name] = THINGS[name](token)
    if isinstance(case.body, dict) and "email" in case.body:
        case.body["email"] = f"{uuid4().hex[:8]}{case.body['email']}"


@schemathesis.check
def tells_nothing(_context: CheckContext, response: Response, case: Case[Any]) -> None:
    """No response contains a secret of the request or an internal name of the service."""
    sent = case.body if isinstance(case.body, dict) else {}
    token = case.headers.get("Authorization", "").removeprefix("Bearer ")
    for secret in [token, *(sent.get(name) for name in SECRETS)]:
        if isinstance(secret, str) and len(secret) >= SHORTEST_SECRET:
            assert secret not in response.text
            assert json.dumps(secret)[1:-1] not in response.text
    assert not [word for word in INSIDE if word in response.text]


@schemathesis.check
def says_what_is_wrong(_context: CheckContext, response: Response, _case: Case[Any]) -> None:
    """Every error response has problem details with the status, a title and the request id."""
    if response.status_code >= 400:
        assert response.headers["content-type"] == ["application/problem+json"]
        if response.content:
            problem = response.json()
            assert problem["status"] == response.status_code
            assert problem["title"]
            assert [problem["request_id"]] == response.headers["x-request-id"]
