"""The metrics of a worker in a separate process."""

import json
import re

import pytest

from tests.support.prometheus_rules import expressions, names
from tests.support.services import Install, free_port

STACK = "pyjwt-pwdlib"

# The pytest worker that tests this stack has already installed its environment.
pytestmark = pytest.mark.xdist_group(STACK)

# Scrapes a worker until its metrics count a job that was done and one that will be retried.
MEASURE = """
import asyncio, json, subprocess, sys, time, urllib.request
from sqlalchemy import text
from app.config import get_settings
from app.resources import create_database
from app.worker import TASKS

async def enqueue():
    database = create_database(get_settings())
    async with database.begin() as session:
        for task in TASKS:
            await task.enqueue(session, None)
        await session.execute(text("UPDATE pgqueuer.pgqueuer SET payload = 'no JSON'"))
        for task in TASKS:
            await task.enqueue(session, None)
    await database.dispose()

def scrape():
    with urllib.request.urlopen(f"http://127.0.0.1:{get_settings().metrics_port}/metrics") as said:
        return said.read().decode()

def measured():
    try:
        said = scrape()
    except OSError:
        return ""
    seen = [f'jobs_total{{outcome="{each}",task="purge"}} 1.0' for each in ("done", "retried")]
    return said if all(each in said for each in seen) else ""

asyncio.run(enqueue())
with subprocess.Popen([sys.executable, "-m", "app.worker"]) as worker:
    try:
        deadline = time.monotonic() + 60
        while not (said := measured()):
            assert worker.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        taken = subprocess.run([sys.executable, "-m", "app.worker"], capture_output=True, text=True)
        worker.terminate()
        worker.wait(30)
    finally:
        worker.kill()
codes = [taken.returncode, worker.returncode]
print(json.dumps({"said": said, "taken": taken.stderr, "codes": codes}))
"""


def test_a_worker_exposes_all_metrics_used_by_its_rules_and_dashboard(install: Install) -> None:
    """OBS-08"""
    service = install(auth_stack=STACK, jobs="postgres")
    port = str(free_port())
    service.environment["METRICS_PORT"] = port
    service.run("python", "-m", "dev", "app", "migrate")

    told = json.loads(service.run("python", "-m", "dev", "python", "-c", MEASURE).splitlines()[-1])

    exposed = set(re.findall(r"^(\w+)", told["said"], re.M))
    named = names(expressions(service.folder, "jobs-"))
    assert len(named) > 5
    assert named - exposed == set()
    assert "http_" not in told["said"]
    assert told["taken"].startswith(f"METRICS_PORT {port} cannot be used: ")
    assert told["codes"] == [1, 0]
