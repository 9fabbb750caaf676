"""Send request bodies that are slow to parse, and measure how long each blocks the event loop."""

import argparse
import json
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from bodies import EMAIL, FORM, ITEMS, PASSWORD, TOKEN, Body, forms, json_bodies, texts
from demo import HOST, choose_port, install, step, wait_until_ready
from folder import ROOT, open_folder, render
from serving import serve

FOLDER = ROOT / ".demo" / "holds"
GOAL_MS = 50
START = f"""
app migrate
echo '{PASSWORD}' | app create-admin {EMAIL}
exec gunicorn --pythonpath '{Path(__file__).parent}' probed:app
"""


def main() -> int:
    """Print a table of the longest holds; return 1 if a median is above the goal."""
    parser = argparse.ArgumentParser(prog="uvx nox -s benchmark-holds --", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is sent (5)")
    rounds = parser.parse_args().rounds
    port = choose_port(0)
    with open_folder(FOLDER):
        with step("Rendering and installing the default service"):
            render(FOLDER)
            install(FOLDER)
        with serve(FOLDER, port, START) as process:
            with step("Starting it"):
                wait_until_ready(process, f"http://{HOST}:{port}")
            medians = [*measure(Client(port), rounds)]
    print(f"\nThe longest: {max(medians):.1f} ms (goal: {GOAL_MS} ms)")
    return int(max(medians) > GOAL_MS)


class Client:
    """A client with an account, which is used only for the items."""

    def __init__(self, port: int) -> None:
        self._port = port
        form = urlencode({"username": EMAIL, "password": PASSWORD})
        _, body = self._request("POST", TOKEN, form.encode(), {"Content-Type": FORM})
        self._token = json.loads(body)["access_token"]

    def hold(self, body: Body) -> tuple[int, float]:
        """Send a body; return the status of the response and the longest hold in milliseconds."""
        headers = {"Content-Type": body.media_type}
        if body.path == ITEMS:
            headers["Authorization"] = f"Bearer {self._token}"
        self._request("GET", "/longest-hold")
        status, _ = self._request("POST", body.path, body.content, headers)
        return status, float(self._request("GET", "/longest-hold")[1])

    def _request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        connection = HTTPConnection(HOST, self._port, timeout=60)
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer


def measure(client: Client, rounds: int) -> Iterator[float]:
    """Print a row for each body; yield the median of its longest holds."""
    print("\n| body | bytes | status | longest hold, ms | of all rounds |")
    print(f"|{' --- |' * 5}")
    for body in (*forms(), *json_bodies(), *texts()):
        answers = [client.hold(body) for _ in range(rounds)]
        (status,) = {status for status, _ in answers}
        holds = [milliseconds for _, milliseconds in answers]
        row = f"| {body.name} | {len(body.content):,} | {status} "
        print(f"{row}| {median(holds):.1f} | {max(holds):.1f} |", flush=True)
        yield median(holds)


if __name__ == "__main__":
    sys.exit(main())
