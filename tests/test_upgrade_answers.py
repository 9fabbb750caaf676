"""`poe upgrade --set`: an answer is changed later, and neither edits nor data go silently."""

import json
from pathlib import Path

import pytest

from tests.support.processes import run, uv
from tests.support.project_owner import ANSWERS, BRANCH, PLACE, Owner

REVISIONS = "migrations/versions"
ITEM = "src/app/services/item.py"
QUEUE = "src/app/core/jobs/queue.py"

ASK = """
import asyncio, json, sys
from httpx import ASGITransport, AsyncClient
from app.config import get_settings
from app.main import create_app

USER = {"email": "ada@example.com", "password": "correct horse battery"}
FORM = {"username": USER["email"], "password": USER["password"]}

async def main():
    app = create_app(get_settings())
    async with app.router.lifespan_context(app):
        async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
            await ask(client)
"""
REGISTER = """
async def ask(client):
    (await client.post("/api/v1/users", json=USER)).raise_for_status()
    print(json.dumps((await client.post("/api/v1/auth/token", data=FORM)).json()))

asyncio.run(main())
"""
RETURN = """
async def ask(client):
    tokens = json.loads(sys.argv[1])
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    me = (await client.get("/api/v1/users/me", headers=bearer)).raise_for_status().json()
    refresh = {"refresh_token": tokens["refresh_token"]}
    (await client.post("/api/v1/auth/refresh", json=refresh)).raise_for_status()
    (await client.post("/api/v1/auth/token", data=FORM)).raise_for_status()
    print(me["email"])

asyncio.run(main())
"""


def take(owner: Owner) -> None:
    """Merge the upgrade."""
    owner.git("merge", "-q", BRANCH)


def in_project(owner: Owner, *command: str) -> str:
    """Run a command with the project's own environment and servers."""
    environment = owner.environment | {"UV_PROJECT_ENVIRONMENT": ".venv"}
    run_ = [uv(), "run", "--quiet", "python", "-m", "dev", *command]
    return run(*run_, cwd=owner.folder, **environment)


def test_the_example_can_be_removed_and_restored_without_dropping_its_table(owner: Owner) -> None:
    owner.edit(ITEM, '"""', '"""Mine. ')
    said = owner.upgrade("--set", "example=false", code=1)

    assert f"{ITEM} is removed, but you edited it" in said
    assert "src/app/models/item.py is removed\n" in said
    assert f"{ITEM}: edited by you, removed by the template" in said
    run("git", "rm", "-q", ITEM, cwd=owner.folder / PLACE)
    # The whole gate: the models no longer have the table, but the revisions still make it.
    assert " passed" in owner.upgrade("--continue")
    take(owner)
    assert len(list((owner.folder / REVISIONS).iterdir())) == 1
    assert "example: false" in (owner.folder / ANSWERS).read_text()
    assert "_commit: v1.0.0" in (owner.folder / ANSWERS).read_text()
    owner.upgrade("--set", "example=true", "--no-check")
    take(owner)
    assert (owner.folder / ITEM).exists()
    assert len(list((owner.folder / REVISIONS).iterdir())) == 1


def test_jobs_can_be_added_and_removed_without_dropping_their_tables(owner: Owner) -> None:
    owner.upgrade("--set", "jobs=postgres", "--no-check")
    take(owner)
    (written,) = (owner.folder / REVISIONS).glob("*_change_jobs_*.py")
    assert "CREATE SCHEMA IF NOT EXISTS pgqueuer" in written.read_text()
    owner.edit(QUEUE, '"""', '"""Mine. ')
    said = owner.upgrade("--set", "jobs=none", "--no-check", code=1)

    assert f"{QUEUE} is removed, but you edited it" in said
    run("git", "rm", "-q", QUEUE, cwd=owner.folder / PLACE)
    owner.upgrade("--continue", "--no-check")
    take(owner)
    assert not (owner.folder / "src/app/core/jobs").exists()
    assert written.exists()
    owner.upgrade("--set", "jobs=postgres", "--no-check")
    take(owner)
    assert len(list((owner.folder / REVISIONS).iterdir())) == 2


def test_several_answers_can_be_changed_in_one_upgrade(owner: Owner) -> None:
    telemetry = owner.folder / "src/app/core/observability/telemetry.py"
    owner.upgrade("--set", "telemetry=opentelemetry", "--set", "kubernetes=true", "--no-check")
    take(owner)
    assert "opentelemetry" in telemetry.read_text()
    assert (owner.folder / "kubernetes/base/deployment.yaml").exists()
    assert "opentelemetry-sdk" in (owner.folder / "uv.lock").read_text()
    owner.upgrade("--set", "telemetry=none", "--set", "kubernetes=no", "--no-check")
    take(owner)

    assert "opentelemetry" not in telemetry.read_text()
    assert not (owner.folder / "kubernetes").exists()
    assert "opentelemetry-sdk" not in (owner.folder / "uv.lock").read_text()


def test_sessions_survive_a_change_of_the_auth_stack(owner: Owner, tmp_path: Path) -> None:
    before, after = tmp_path / "before.py", tmp_path / "after.py"
    before.write_text(ASK + REGISTER)
    after.write_text(ASK + RETURN)
    in_project(owner, "app", "migrate")
    tokens = in_project(owner, "python", str(before)).splitlines()[-1]
    assert "access_token" in json.loads(tokens)
    owner.upgrade("--set", "auth_stack=jose-passlib", "--no-check")
    take(owner)

    assert "jose" in (owner.folder / "src/app/core/auth/jwt_codec.py").read_text()
    assert in_project(owner, "python", str(after), tokens).splitlines()[-1] == "ada@example.com"


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ("color=red", "There is no question color. The questions are project_name, "),
        ("jobs=many", "Invalid choice for 'jobs': 'many' is not in ['none', 'postgres']"),
        ("project_slug=A B", "Try my-service (a-z, 0-9 and -)"),
        ("kubernetes=perhaps", "kubernetes is true or false: it cannot be perhaps."),
    ],
)
def test_an_invalid_answer_changes_nothing(owner: Owner, wish: str, sentence: str) -> None:
    before = owner.state()

    assert sentence in owner.upgrade("--set", wish, code=1).splitlines()[-1]
    assert owner.state() == before
    assert owner.left_over() == []


def test_setting_an_answer_to_its_current_value_changes_nothing(owner: Owner) -> None:
    assert "There is nothing to do." in owner.upgrade("--set", "jobs=none")
