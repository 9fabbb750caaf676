"""Measure the service and the reference services in the same run, in turns."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from urllib.parse import urlencode

import asyncpg
import httpx
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine

from app.models.item import Item
from arguments import read_arguments
from contestants import Contestant, contestants, postgres_cpu_seconds
from report import Results, report
from wrk import Load, Workload, WrkError, finish, start

ITEMS = 10_000
EMAIL, PASSWORD = "bench@example.com", "a lamp beside the river"
QUIET = {"LOG_REQUESTS": "false", "RATE_LIMIT_ENABLED": "false"}
ALL_ON = {"RATE_LIMIT_DEFAULT": "1000000000/minute", "RATE_LIMIT_LOGIN": "1000000000/minute"}
SIGN_IN = Workload(
    "login",
    "/api/v1/auth/token",
    "POST",
    urlencode({"username": EMAIL, "password": PASSWORD}),
    "application/x-www-form-urlencoded",
    has_token=False,
)
ITEM = {"name": "Lamp", "price": "19.99", "quantity": 3, "tags": ["brass", "small"]}
WORKLOADS = (
    Workload("health", "/health", has_token=False),
    Workload("me", "/api/v1/users/me"),
    Workload("list", "/api/v1/items?limit=50"),
    Workload("create", "/api/v1/items", "POST", json.dumps(ITEM)),
    SIGN_IN,
)


def settings(*, all_on: bool) -> dict[str, str]:
    """Return the environment variables of all servers."""
    return {
        "ENVIRONMENT": "production",
        "ALLOWED_HOSTS": "127.0.0.1",
        "RATE_LIMIT_STORAGE": "redis",
        "SECRET_KEY": os.urandom(32).hex(),
        "TOKEN_ISSUER": "benchmark",
        "TOKEN_AUDIENCE": "benchmark",
        "METRICS_PORT": "0",
        "ACCESS_TOKEN_EXPIRE_MINUTES": "60",
    } | (ALL_ON if all_on else QUIET)


def sign_in(service: Contestant) -> str:
    """Register the user of all requests; return a token."""
    with httpx.Client(base_url=service.url) as client:
        client.post("/api/v1/users", json={"email": EMAIL, "password": PASSWORD})
        form = {"username": EMAIL, "password": PASSWORD}
        answer = client.post(SIGN_IN.path, data=form).raise_for_status()
    return str(answer.json()["access_token"])


async def fill(url: str) -> None:
    """Create the items of that user."""
    connection = await asyncpg.connect(url)
    owner = await connection.fetchval("SELECT id FROM users WHERE email = $1", EMAIL)
    await connection.execute("DELETE FROM items")
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as session:
        await session.execute(insert(Item), [{"owner_id": owner} | ITEM] * ITEMS)
    await engine.dispose()
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def load_once(
    contestant: Contestant, workload: Workload, token: str, connections: int, seconds: int
) -> tuple[Load, float, float]:
    """Load a server; return wrk's results, and the CPU time of service and database in us."""
    before = contestant.cpu_seconds(), postgres_cpu_seconds()
    load = finish(start(contestant.url, workload, token, connections, seconds))
    after = contestant.cpu_seconds(), postgres_cpu_seconds()
    used = [
        (end - begin) * 1e6 / max(load.requests, 1)
        for begin, end in zip(before, after, strict=True)
    ]
    return load, used[0], used[1]


def measure(
    all_of_them: list[Contestant], connections: int, rounds: int, seconds: int
) -> dict[tuple[str, str], Results]:
    """Load each server with each workload, in an order that rotates with the rounds."""
    results: dict[tuple[str, str], Results] = defaultdict(Results)
    for turn in range(rounds):
        # A new token, because the logins of the previous round have ended the session of the last.
        token = sign_in(all_of_them[-1])
        for workload in WORKLOADS:
            print(f"  round {turn + 1}, {connections} connections, {workload.name}", flush=True)
            first = turn % len(all_of_them)
            for each in all_of_them[first:] + all_of_them[:first]:
                at_once = min(connections, 8) if workload is SIGN_IN else connections
                load, service, database = load_once(each, workload, token, at_once, seconds)
                result = results[each.name, workload.name]
                result.loads.append(load)
                result.service_us.append(service)
                result.database_us.append(database)
    return results


def report_blocking(all_of_them: list[Contestant], token: str, seconds: int) -> None:
    """Print how much concurrent logins slow down a cheap operation."""
    print("\n/health over 4 connections, alone and while 8 clients log in (goal: p99 < 3 times)\n")
    print("| who | p99 ms alone | beside | times | /health a second, beside |")
    print("| --- | --- | --- | --- | --- |")
    for each in all_of_them:
        alone, _, _ = load_once(each, WORKLOADS[0], token, 4, seconds)
        others = start(each.url, SIGN_IN, token, 8, seconds + 1)
        time.sleep(0.5)
        beside, _, _ = load_once(each, WORKLOADS[0], token, 4, seconds)
        finish(others)
        p99 = f"{alone.p99:.1f} | {beside.p99:.1f} | {beside.p99 / alone.p99:.1f}"
        print(f"| {each.name} | {p99} | {beside.per_second:,.0f} |", flush=True)


def report_processes(all_of_them: list[Contestant]) -> None:
    """Print the start-up time and the memory use."""
    print("\n| who | first 200 after s | memory of all processes, MiB |\n| --- | --- | --- |")
    for each in all_of_them:
        print(f"| {each.name} | {each.seconds_to_first_answer:.2f} | {each.memory_mib():.0f} |")
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", "import app.main"], check=True)
    print(f"\n`import app.main`: {time.monotonic() - begun:.2f} s")


def main() -> None:
    """Migrate, start all servers, measure, and print the tables."""
    arguments = read_arguments()
    environ = settings(all_on=arguments.all_on)
    subprocess.run(["app", "migrate"], env=os.environ | environ, check=True)  # noqa: S607
    with contestants(environ) as all_of_them:
        report_processes(all_of_them)
        service = all_of_them[-1]
        token = sign_in(service)
        asyncio.run(fill(os.environ["DATABASE_URL"]))
        for connections in arguments.connections:
            rounds, seconds = arguments.rounds, arguments.seconds
            report(measure(all_of_them, connections, rounds, seconds), connections)
        report_blocking(all_of_them, token, arguments.seconds)


if __name__ == "__main__":
    try:
        main()
    except WrkError as error:
        sys.exit(str(error))
