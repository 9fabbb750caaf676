"""Measure the service, the reference services and the peers in the same run, in turns."""

import asyncio
import compileall
import os
import statistics
import subprocess
import sys
from collections import defaultdict

import asyncpg
import httpx
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine

from app.models.item import Item
from arguments import read_arguments
from contestants import COMMANDS, Contestant, contestant, contestants, postgres_cpu_seconds
from gates import report_gates
from peers import Peer, PeerError, read_peers
from report import Processes, Results, report, report_blocking, report_processes
from workloads import EMAIL, HEALTH, ITEM, PASSWORD, SIGN_IN, SIGN_IN_CONNECTIONS, WORKLOADS
from wrk import Load, Workload, WrkError, finish, start

ITEMS = 10_000
IMPORT = "import time; t = time.perf_counter(); import app.main; print(time.perf_counter() - t)"
SETTINGS = {
    "ENVIRONMENT": "production",
    "ALLOWED_HOSTS": "127.0.0.1",
    "LOG_FORMAT": "json",
    "RATE_LIMIT_STORAGE": "redis",
    "SECRET_KEY": os.urandom(32).hex(),
    "TOKEN_ISSUER": "benchmark",
    "TOKEN_AUDIENCE": "benchmark",
    "ACCESS_TOKEN_EXPIRE_MINUTES": "60",
    "DRAIN_SECONDS": "0",
    "MALLOC_ARENA_MAX": "1",  # as in the image
}
PROFILES = {
    "off": SETTINGS | {"LOG_REQUESTS": "false", "RATE_LIMIT_ENABLED": "false", "METRICS_PORT": "0"},
    "shipped": SETTINGS
    | {
        "LOG_REQUESTS": "true",
        "RATE_LIMIT_ENABLED": "true",
        "RATE_LIMIT_DEFAULT": "1000000000/minute",
        "RATE_LIMIT_LOGIN": "1000000000/minute",
    },
}

Key = tuple[str, str]


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


def prepare() -> None:
    """Compile the service, migrate, and create the data of all requests."""
    compileall.compile_dir("src", quiet=1)
    subprocess.run(["app", "migrate"], env=os.environ | SETTINGS, check=True)  # noqa: S607
    with contestant("off", PROFILES) as service:
        sign_in(service)
    asyncio.run(fill(os.environ["DATABASE_URL"]))


def measure_processes(name: str, rounds: int, seconds: int) -> Processes:
    """Start a server several times, alone; measure its memory before and after sign-ins."""
    figures = []
    for _ in range(rounds):
        with contestant(name, PROFILES) as server:
            idle = server.memory_mib()
            finish(start(server.url, SIGN_IN, "", SIGN_IN_CONNECTIONS, seconds))
            figures.append((server.seconds_to_first_answer, idle, server.memory_mib()))
    return Processes(*map(statistics.median, zip(*figures, strict=True)))


def import_seconds(rounds: int) -> float:
    """Return the median time of the import of the application."""
    times = [subprocess.check_output([sys.executable, "-c", IMPORT]) for _ in range(rounds)]
    return statistics.median(map(float, times))


def load_once(
    server: Contestant, workload: Workload, token: str, connections: int, seconds: int
) -> tuple[Load, float, float]:
    """Load a server; return wrk's results, and the CPU time of service and database in us."""
    before = server.cpu_seconds(), postgres_cpu_seconds()
    load = finish(start(server.url, workload, token, connections, seconds))
    after = server.cpu_seconds(), postgres_cpu_seconds()
    used = [
        (end - begin) * 1e6 / max(load.requests, 1)
        for begin, end in zip(before, after, strict=True)
    ]
    return load, used[0], used[1]


def measure(
    servers: list[Contestant], connections: int, rounds: int, seconds: int
) -> dict[Key, Results]:
    """Load each server with each workload, in an order that rotates with the rounds."""
    results: dict[Key, Results] = defaultdict(Results)
    plans = {each.name: plan(each) for each in servers}
    for turn in range(rounds):
        tokens = new_tokens(servers)
        for workload in WORKLOADS:
            print(f"  round {turn + 1}, {connections} connections, {workload.name}", flush=True)
            at_once = SIGN_IN_CONNECTIONS if workload is SIGN_IN else connections
            first = turn % len(servers)
            for each in servers[first:] + servers[:first]:
                own = plans[each.name].get(workload.name)
                if own is None:
                    continue
                try:
                    load = load_once(each, own, tokens[each.name], at_once, seconds)
                    results[each.name, workload.name].add(*load)
                except WrkError as error:
                    if not isinstance(each, Peer):
                        raise
                    print(f"  {each.name} is left out from now on: {error}", flush=True)
                    del plans[each.name][workload.name]
                    results.pop((each.name, workload.name), None)
    return results


def plan(server: Contestant) -> dict[str, Workload]:
    """Return the requests of a server by name; a peer may have others, or fewer."""
    found = server.workloads() if isinstance(server, Peer) else WORKLOADS
    return {each.name: each for each in found}


def new_tokens(servers: list[Contestant]) -> dict[str, str]:
    """Return a token for each server: the logins of a round end the sessions of the previous one.

    The service and the yardsticks have the same database and the same key.
    """
    ours = sign_in(next(each for each in servers if each.name == "off"))
    return {each.name: each.token() if isinstance(each, Peer) else ours for each in servers}


def measure_blocking(servers: list[Contestant], seconds: int) -> dict[str, tuple[Load, Load]]:
    """Load a cheap operation, alone and beside logins."""
    results = {}
    for each in servers:
        requests = plan(each)
        if {HEALTH.name, SIGN_IN.name} <= requests.keys():
            health = requests[HEALTH.name]
            alone, _, _ = load_once(each, health, "", 4, seconds)
            others = start(each.url, requests[SIGN_IN.name], "", SIGN_IN_CONNECTIONS, seconds + 1)
            beside, _, _ = load_once(each, health, "", 4, seconds)
            finish(others)
            results[each.name] = alone, beside
    return results


def main() -> None:
    """Measure all servers, and print the tables."""
    arguments = read_arguments()
    peers = read_peers(arguments.peer, arguments.peer_file)
    prepare()
    rounds, seconds = arguments.rounds, arguments.seconds
    processes = {name: measure_processes(name, rounds, seconds) for name in COMMANDS}
    with contestants(PROFILES) as ours:
        servers = [*ours, *peers]
        for connections in arguments.connections:
            results = measure(servers, connections, rounds, seconds)
            report(results, connections)
        report_blocking(measure_blocking(servers, seconds))
    report_processes(processes | {p.name: Processes(0, p.memory_mib(), 0) for p in peers})
    report_gates(results, processes["shipped"], import_seconds(rounds))


if __name__ == "__main__":
    try:
        main()
    except (PeerError, WrkError) as error:
        sys.exit(str(error))
