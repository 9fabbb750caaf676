"""The tutorial, and the how-tos that extend its service."""

import json
import re
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pexpect

from tests.support.documented_commands import (
    CHECK_KEYS,
    FIRST_CALLS,
    FIRST_CHECK,
    FIRST_FIELD,
    FIRST_RENDER,
    FIRST_RESOURCE,
    FIRST_START,
    ISSUE_CODE,
    NEW_KEY,
    PURGE,
    RESOURCE,
    SECOND_CHECK,
    TUTORIAL,
    USE_CODE,
)
from tests.support.how_to_steps import change_the_notes, extend, insert
from tests.support.terminal_user import Person
from tests.support.variants import ROOT

IDENTITY = "git config user.name Ada; git config user.email ada@example.com"


def test_a_service_built_with_the_tutorial_passes_its_checks(person: Person, port: int) -> None:
    person.types(FIRST_RENDER)
    enter, *prepare, start = FIRST_START.splitlines()
    assert enter == "cd my-service"
    person.types("\n".join(prepare), "my-service")
    project = person.folder / "my-service"
    server = person.starts(f"{start} --port {port}", "my-service")
    server.expect_exact("The service is ready.")
    person.types(FIRST_RESOURCE, "my-service")
    while not is_described(port, "/api/v1/books"):
        server.expect_exact("Application startup complete")
    said = person.types(FIRST_CALLS.replace(":8000", f":{port}"))
    assert json.loads(said.splitlines()[-1])["items"][0]["title"] == "Emma"

    look_after_the_service(person, port)
    person.types(f"{IDENTITY}\n{FIRST_FIELD}", "my-service")
    extend(ROOT / TUTORIAL, project)
    server.sendintr()
    server.expect(pexpect.EOF)

    add_the_resource(project)
    change_the_notes(project)
    assert FIRST_CHECK in SECOND_CHECK  # so it runs only once
    person.types(SECOND_CHECK, "my-service")


def look_after_the_service(person: Person, port: int) -> None:
    """Follow the how-tos that reset a password, purge rows and check a new key."""
    # As in the image, where `app` is on the path and the settings are in the environment.
    development = "set -a; . ./.env; PATH=$PWD/.venv/bin:$PATH; python -m dev "
    code = person.types(development + ISSUE_CODE, "my-service").split()[-1]
    use_code = f"CODE={code}\n{USE_CODE}".replace(":8000", f":{port}")
    assert person.types(use_code).strip() == ""
    assert json.loads(person.types(use_code))["status"] == 400
    assert "expired rows were deleted." in person.types(development + PURGE, "my-service")

    environment = "set -a; . ./.env; DATABASE_URL=postgresql://a:b@localhost/a"
    check = f"{environment}\nPATH=$PWD/.venv/bin:$PATH\n{NEW_KEY}\n{CHECK_KEYS}"
    assert "The settings are valid for local." in person.types(check, "my-service")


def is_described(port: int, path: str) -> bool:
    """Return whether the service on a port runs and describes a path."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/api/v1/openapi.json")
        return path in json.load(connection.getresponse())["paths"]
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def add_the_resource(project: Path) -> None:
    """Write the files of the how-to, and insert its lines into the two existing files."""
    text = (ROOT / RESOURCE).read_text()
    for path, content in re.findall(r"`([\w/]+\.py)`:\n\n```python\n(.*?)^```$", text, re.M | re.S):
        (project / path).write_text(content)
    models = project / "src/app/models/__init__.py"
    insert(models, "from app.models.user", "from app.models.note import Note\n")
    router = project / "src/app/api/v1/router.py"
    line = "from app.api.v1.endpoints.notes import router as notes_router\n"
    insert(router, "from app.api.v1.endpoints.users import", line)
    included = "api_router.include_router(notes_router)\n"
    insert(router, "api_router.include_router(users_router", included)
