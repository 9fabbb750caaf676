"""Background jobs: killed workers, and the addition of jobs to an existing service."""

import json
import os
import re
from dataclasses import replace
from pathlib import Path

import pexpect
import pytest

from tests.support.documented_commands import FAILED_JOBS, JOBS, TURN_ON_JOBS, WORKER
from tests.support.how_to_steps import insert
from tests.support.processes import run
from tests.support.project_owner import keep
from tests.support.services import Install, Service
from tests.support.terminal_user import SECONDS
from tests.support.variants import ROOT, Answers

ANSWERS: Answers = {"auth_stack": "pyjwt-pwdlib", "jobs": "postgres"}
# The pytest worker that tests this stack has already installed its environment.
pytestmark = pytest.mark.xdist_group(str(ANSWERS["auth_stack"]))

KILLS = 20

# Each job records its start and its end. A worker is a fork of a process with all imports.
PRELUDE = """
import asyncio, json, os, signal, sys, time
from contextlib import contextmanager
from datetime import timedelta
from sqlalchemy import text
from app.config import get_settings
from app.worker_context import JobContext
from app.core.jobs.task import task
from app.resources import create_database
from app.worker import run

settings = get_settings()

async def execute(*statements, jobs=()):
    database = create_database(settings)
    async with database.begin() as session:
        results = [await session.execute(text(statement)) for statement in statements]
        for number in jobs:
            await note.enqueue(session, number)
    await database.dispose()
    return [result.scalar() if result.returns_rows else None for result in results]

def count(table):
    return asyncio.run(execute(f"SELECT count(*) FROM {table}"))[0]

@task()
async def note(context: JobContext, number: int) -> None:
    for table in ("begun", "ended"):
        async with context.database.begin() as session:
            await session.execute(text(f"INSERT INTO {table} VALUES (:number)"), {"number": number})
        await asyncio.sleep(0.1 if table == "begun" else 0)

@contextmanager
def worker():
    if not (pid := os.fork()):
        asyncio.run(run(settings, [note], timedelta(seconds=0.5)))
        os._exit(0)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
"""
KILL = """
kills = int(sys.argv[1])
total = 5 * kills
creates = [f"CREATE TABLE {table} (number int)" for table in ("begun", "ended")]
asyncio.run(execute(*creates, jobs=range(total)))
for _ in range(kills):
    begun = count("begun")
    with worker():  # until it is killed
        wait_for(lambda: count("begun") > begun)
cut = count("begun") - count("ended")
with worker():
    wait_for(lambda: count("pgqueuer.pgqueuer") == 0)
[ended] = asyncio.run(execute("SELECT count(DISTINCT number) FROM ended"))
print(json.dumps({"cut": cut, "lost": total - ended}))
"""
# Starts a worker, checks its health, freezes it and stops it, as an orchestrator does.
LOOK_AFTER = """
import os, signal, subprocess, sys
from app.core.jobs.health import ALIVE

def is_healthy():
    command = [sys.executable, "-m", "app.core.jobs.health"]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0

assert not is_healthy()
with subprocess.Popen([sys.executable, "-m", "app.worker"]) as worker:
    try:
        while not is_healthy():
            assert worker.poll() is None
        worker.send_signal(signal.SIGSTOP)
        os.utime(ALIVE, (0, 0))  # as if it stood still for long
        assert not is_healthy()
        worker.send_signal(signal.SIGCONT)
        worker.terminate()
        worker.wait(30)
    finally:
        worker.kill()
print(worker.returncode)
"""


@pytest.fixture(scope="module")
def service(install: Install) -> Service:
    """Return a service with jobs and a migrated development database."""
    service = install(**ANSWERS)
    service.run("python", "-m", "dev", "app", "migrate")
    return replace(service, environment=service.environment | {"METRICS_PORT": "0"})


def develop(service: Service, script: str, *arguments: str) -> str:
    """Run a script with the development servers; return its last line."""
    said = service.run("python", "-m", "dev", "python", "-c", script, *arguments)
    return said.splitlines()[-1]


def test_no_job_is_lost_when_workers_are_killed_repeatedly(service: Service) -> None:
    told = json.loads(develop(service, PRELUDE + KILL, str(KILLS)))

    assert told["cut"] >= KILLS
    assert told["lost"] == 0


def test_a_frozen_worker_is_unhealthy_and_a_terminated_worker_exits_with_0(
    service: Service, tmp_path: Path
) -> None:
    own = Service(service.folder, service.environment | {"TMPDIR": str(tmp_path)})

    assert develop(own, LOOK_AFTER) == "0"


def test_following_the_how_to_adds_jobs_to_an_existing_service(install: Install) -> None:
    service = install(auth_stack=ANSWERS["auth_stack"])
    keep(service.folder)
    service.run("python", "-m", "dev", "app", "migrate")

    types(service, TURN_ON_JOBS)
    [revision] = (service.folder / "migrations/versions").glob("*_change_jobs_*.py")
    assert "CREATE SCHEMA" in revision.read_text()
    write_the_task(service.folder)
    service.run("poe", "lint")
    service.run("pytest", "-q", "tests/test_migrations.py", "tests/jobs")

    run_the_worker(service)
    service.run("python", "-m", "dev", "bash", "-euc", FAILED_JOBS)


def types(service: Service, block: str) -> None:
    """Run a block of commands as the owner of a service."""
    run("bash", "-euo", "pipefail", "-c", block, cwd=service.folder, **service.environment)


def write_the_task(project: Path) -> None:
    """Write the files of the how-to, and insert its lines into existing files."""
    text = (ROOT / JOBS).read_text()
    named = re.findall(r"`([\w/]+\.py)`:\n\n```python\n(.*?)^```$", text, re.M | re.S)
    [line] = [block for _, block in named if "announce_user.enqueue" in block]
    for path, content in named:
        if content != line:
            (project / path).write_text(content)
    users = project / "src/app/services/user.py"
    insert(users, "    record(AuditEvent.USER_CREATED, user.id)\n", line, after=True)
    imported = "from app.services.announcement import announce_user\n"
    insert(users, "\n# Built once", imported)
    worker = project / "src/app/worker.py"
    insert(worker, "from app.services.maintenance", imported)
    insert(worker, "    purge,\n", "    announce_user,\n")


def run_the_worker(service: Service) -> None:
    """Run the worker in a terminal until Ctrl-C."""
    terminal = pexpect.spawn(
        "bash",
        ["-c", f"exec {WORKER}"],
        cwd=service.folder,
        env=os.environ | service.environment,
        encoding="utf-8",
        timeout=SECONDS,
    )
    try:
        terminal.expect("announce_user")
        terminal.sendintr()
        terminal.expect_exact("stopped")
        terminal.expect(pexpect.EOF)
    finally:
        terminal.close(force=True)
