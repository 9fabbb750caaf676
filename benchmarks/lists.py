"""Compare the first page of 200,000 items with the last one, over HTTP, in each order."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from statistics import median
from urllib.parse import urlencode

from demo import HOST, choose_port, install, step, wait_until_ready
from folder import ROOT, open_folder, render
from serving import serve

FOLDER = ROOT / ".demo" / "lists"
EMAIL = "owner@example.com"
PASSWORD = "correct horse battery staple"  # noqa: S105, of an account that only exists here
LIMIT = 50
STEP = 100
HIGHEST_RATIO = 1.5
ORDERS = ("-created_at", "name", "price")

FILL = """
import asyncio, asyncpg, os, re, sys
INSERT = '''
    INSERT INTO items (id, owner_id, name, price, quantity, tags, created_at)
    SELECT uuidv7(), users.id, md5(n::text), 1 + n % 1000, 1, '{}', now() + n * interval '1 ms'
    FROM users, generate_series(1, $1) AS n
'''
async def fill():
    url = re.sub(r"^\\w+(\\+\\w+)?:", "postgresql:", os.environ["DATABASE_URL"])
    connection = await asyncpg.connect(url)
    await connection.execute(INSERT, int(sys.argv[1]))
    await connection.execute("VACUUM ANALYZE items")
    await connection.close()
asyncio.run(fill())
"""
START = f"""
app migrate
echo '{PASSWORD}' | app create-admin {EMAIL}
python -c "$FILL" "$ROWS"
exec gunicorn app.main:app
"""


def main() -> int:
    """Print the median of each page and their ratio; return 1 if a ratio is too high."""
    parser = argparse.ArgumentParser(prog="uvx nox -s benchmark-lists --", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="how many items (200000)")
    parser.add_argument("--requests", type=int, default=300, help="how many for each page (300)")
    arguments = parser.parse_args()
    port = choose_port(0)
    with open_folder(FOLDER):
        with step("Rendering and installing the default service"):
            render(FOLDER)
            install(FOLDER)
        with serve(FOLDER, port, START, FILL=FILL, ROWS=str(arguments.rows)) as process:
            with step(f"Adding {arguments.rows} items, and starting it"):
                wait_until_ready(process, f"http://{HOST}:{port}")
            ratios = [*compare(Client(port), arguments.rows, arguments.requests)]
    return int(max(ratios) > HIGHEST_RATIO)


class Client:
    """A client of the owner of the items, with one connection."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=30)
        form = urlencode({"username": EMAIL, "password": PASSWORD})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._connection.request("POST", "/api/v1/auth/token", form, headers)
        token = json.load(self._connection.getresponse())["access_token"]
        self._headers = {"Authorization": f"Bearer {token}"}

    def page(self, **query: str | int) -> bytes:
        """Return the body of a page."""
        self._connection.request("GET", f"/api/v1/items?{urlencode(query)}", headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise SystemExit(f"{response.status}: {body.decode()}")
        return body

    def last_cursor(self, sort: str, rows: int) -> str:
        """Follow the cursors and return that of the last page."""
        query: dict[str, str | int] = {"sort": sort}
        left = rows - LIMIT
        while left:
            limit = min(STEP, left)
            query["cursor"] = json.loads(self.page(**query, limit=limit))["next_cursor"]
            left -= limit
        return str(query["cursor"])


def compare(client: Client, rows: int, requests: int) -> Iterator[float]:
    """Yield the ratio of the last page to the first, of each order."""
    for sort in ORDERS:
        with step(f"Walking to the last page by {sort}"):
            last = client.last_cursor(sort, rows)
        pages: list[dict[str, str | int]] = [{}, {"cursor": last}]
        times: list[list[float]] = [[], []]
        for number in range(2 * requests):  # in turns, so that noise affects both alike
            start = time.perf_counter()
            client.page(**pages[number % 2], sort=sort, limit=LIMIT)
            times[number % 2].append(1000 * (time.perf_counter() - start))
        first_ms, last_ms = map(median, times)
        print(f"{sort}: page 1 {first_ms:.2f} ms, last page {last_ms:.2f} ms (p50)", end=", ")
        print(f"ratio {last_ms / first_ms:.2f}")
        yield last_ms / first_ms


if __name__ == "__main__":
    sys.exit(main())
