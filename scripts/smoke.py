"""Try a running service over HTTP: register, log in, create, list, and check refusals."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

EMAIL = "ada@example.com"
PASSWORD = "a long enough passphrase"  # noqa: S105, of an account that exists only in the demo
ITEM = {"name": "Notebook", "price": "3.50", "quantity": 2, "tags": ["paper"]}
PROBLEM = "application/problem+json"


class SmokeError(Exception):
    """The service returned an unexpected response."""


@dataclass(frozen=True)
class Answer:
    """A response of the service."""

    status: int
    content_type: str
    body: dict[str, Any]


def smoke(url: str) -> None:
    """Try the service at `url`; raise `SmokeError` at the first unexpected response."""
    api = f"{url}/api/v1"
    account = {"email": EMAIL, "password": PASSWORD}
    expect(201, "register", f"{api}/users", json.dumps(account))
    sign_in = urlencode({"username": EMAIL, "password": PASSWORD})
    token = expect(200, "log in", f"{api}/auth/token", sign_in).body["access_token"]
    created = expect(201, "create an item", f"{api}/items", json.dumps(ITEM), token).body
    listed = expect(200, "list items", f"{api}/items", token=token).body["items"]
    if listed != [created]:
        raise SmokeError(f"The list of items is {listed}, not the one that was created.")
    expect_problem(401, "a wrong token is refused", f"{api}/items", "wrong")
    expect_problem(404, "an unknown path is a problem", f"{api}/unknown", token=token)


def expect_problem(status: int, what: str, url: str, token: str) -> None:
    """Get `url`; raise `SmokeError` unless the response is a problem with `status`."""
    answer = expect(status, what, url, token=token)
    if answer.content_type != PROBLEM or answer.body["status"] != status:
        raise SmokeError(f"{url} answered {answer}, not a problem with status {status}.")


def expect(
    status: int, what: str, url: str, body: str | None = None, token: str | None = None
) -> Answer:
    """Send a request; raise `SmokeError` unless the response has `status`."""
    answer = send(url, body, token)
    if answer.status != status:
        raise SmokeError(f"To {what}, {url} answered {answer.status}, not {status}: {answer.body}")
    print(f"  {answer.status} {what}")
    return answer


def send(url: str, body: str | None, token: str | None) -> Answer:
    """Send a request, a POST if it has a body, and return the response of any status."""
    request = urllib.request.Request(url, body.encode() if body else None)
    if body and body.startswith("{"):
        request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        response = urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return Answer(response.status, response.headers.get_content_type(), json.load(response))
