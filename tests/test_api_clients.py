"""The OpenAPI description: linters report no problems, and clients contain all operations."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from _pytest.mark import ParameterSet

from tests.fixtures.node import require_npm
from tests.support.documented_commands import (
    CALL_IN_PYTHON,
    CALL_IN_TYPESCRIPT,
    CLIENTS,
    GENERATE_IN_PYTHON,
    GENERATE_IN_TYPESCRIPT,
    blocks,
)
from tests.support.processes import run, uv
from tests.support.services import Install, Service, free_port
from tests.support.started_service import serving
from tests.support.variants import DEFAULT, EVERY_OPTION, ROOT, Answers, name

TYPESCRIPT = {
    "compilerOptions": {
        "strict": True,
        "noEmit": True,
        "target": "es2022",
        "module": "esnext",
        "moduleResolution": "bundler",
        "lib": ["es2022", "dom", "dom.iterable"],
        "types": [],
    },
    "include": ["client", "types.d.ts", "calls.ts"],
}
CALLS = ROOT / "tests/support/api_calls"


def parameter(answers: Answers) -> ParameterSet:
    """Return a parameter for a service; one pytest worker runs all tests of its environment."""
    group = pytest.mark.xdist_group(str(answers["auth_stack"]))
    return pytest.param(answers, id=name(answers), marks=group)


@pytest.fixture(
    scope="module",
    params=map(parameter, [DEFAULT, EVERY_OPTION, DEFAULT | {"example": False}]),
)
def service(request: pytest.FixtureRequest, install: Install) -> Service:
    """Return an installed service with its description in `openapi.json`."""
    service = install(**request.param)
    service.run("poe", "contract", "--write")
    return service


def operation_ids(service: Service) -> set[str]:
    """Return the ids of all described operations."""
    paths = json.loads((service.folder / "openapi.json").read_text())["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    ids = {operation["operationId"] for operation in operations}
    assert len(ids) == len(operations) > 15
    return ids


def python(folder: Path, *command: str | Path) -> str:
    """Run a command in the environment of the client's project."""
    return run(uv(), "run", "-q", *command, cwd=folder)


@pytest.fixture(scope="module")
def python_client(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the project with `api_client` and `me.py` that the how-to describes."""
    folder = client_project(service, tmp_path_factory)
    assert "WARNING" not in follow(folder, GENERATE_IN_PYTHON)
    (mypy,), (program,) = blocks(CLIENTS, "toml"), blocks(CLIENTS, "python")
    with (folder / "pyproject.toml").open("a") as project:
        project.write(mypy)
    (folder / "me.py").write_text(program)
    shutil.copy(CALLS / "calls.py", folder)
    return folder


@pytest.fixture
def typescript_client(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the project with `api.d.ts` and `me.ts` that the how-to describes."""
    require_npm()
    folder = client_project(service, tmp_path_factory)
    follow(folder, GENERATE_IN_TYPESCRIPT)
    (program,) = blocks(CLIENTS, "typescript")
    (folder / "me.ts").write_text(program)
    return folder


def client_project(service: Service, folders: pytest.TempPathFactory) -> Path:
    """Return a folder for a client, which contains only the description of the service."""
    folder = folders.mktemp("client")
    (folder / "openapi.json").write_text((service.folder / "openapi.json").read_text())
    return folder


def follow(folder: Path, block: str) -> str:
    """Run a block of commands of the how-to."""
    path = f"{Path(uv()).parent}:{os.environ['PATH']}"
    return run("bash", "-euc", block, cwd=folder, PATH=path, npm_config_ignore_scripts="true")


def test_linters_of_descriptions_find_nothing(service: Service, node_tools: Path) -> None:
    # The service adds its URL to the description that it serves.
    (service.folder / "served.json").write_text(service.run("app", "openapi"))
    (service.folder / ".spectral.yaml").write_text("extends: ['spectral:oas']")
    redocly = ("lint", "served.json", "--extends=recommended", "--format=json")
    spectral = ("lint", "served.json", "--format=json", "--quiet", "--fail-severity=hint")

    found = run(node_tools / "redocly", *redocly, cwd=service.folder)
    totals = json.loads(found[found.index("{") : found.rindex("}") + 1])["totals"]
    assert totals == {"errors": 0, "warnings": 0, "ignored": 0}
    found = run(node_tools / "spectral", *spectral, cwd=service.folder)
    assert json.loads(found) == []


def test_a_python_client_has_all_operations_and_correct_types(
    service: Service, python_client: Path
) -> None:
    modules = {each.stem for each in python_client.glob("api_client/api/*/*.py")} - {"__init__"}
    assert modules == operation_ids(service)
    checked = ["calls.py"] if "create_item" in modules else []
    python(python_client, "mypy", "--strict", "api_client", "me.py", *checked)


def test_typescript_clients_have_all_operations_and_correct_types(
    service: Service, node_tools: Path, tmp_path: Path
) -> None:
    description = service.folder / "openapi.json"
    run(node_tools / "openapi-ts", "-i", description, "-o", "client", cwd=tmp_path)
    run(node_tools / "openapi-typescript", description, "-o", "types.d.ts", cwd=tmp_path)
    (tmp_path / "tsconfig.json").write_text(json.dumps(TYPESCRIPT))

    ids = operation_ids(service)
    if "create_item" in ids:
        (tmp_path / "calls.ts").write_text((CALLS / "calls.ts").read_text())
    functions = re.findall(
        r"^export const (\w+) = <", (tmp_path / "client/sdk.gen.ts").read_text(), re.M
    )
    assert sorted(functions) == sorted(map(camel_case, ids))
    _, _, operations = (
        (tmp_path / "types.d.ts").read_text().partition("export interface operations {")
    )
    assert set(re.findall(r"^    (\w+): \{$", operations, re.M)) == ids
    run(node_tools / "tsc", "-p", ".", cwd=tmp_path)


def camel_case(operation_id: str) -> str:
    """Return the name that JavaScript uses: `createItem` for `create_item`."""
    first, *others = operation_id.split("_")
    return first + "".join(map(str.capitalize, others))


@pytest.fixture
def url(service: Service, tmp_path: Path) -> Iterator[str]:
    """Start the service as in production; return its URL."""
    port = free_port()
    settings = {"BIND": f"127.0.0.1:{port}", "METRICS_PORT": str(free_port())}
    with serving(service.folder, tmp_path / "log", service.environment | settings):
        yield f"http://127.0.0.1:{port}"


@pytest.mark.parametrize("service", [parameter(DEFAULT)], indirect=True)
def test_a_python_client_calls_the_service(url: str, python_client: Path) -> None:
    """HTT-10"""
    said = python(python_client, "python", "calls.py", url)

    assert said.split() == ["201", "200", "201", "200", "200", "304", "412", "200", "204", "204"]


@pytest.mark.parametrize("service", [parameter(DEFAULT)], indirect=True)
@pytest.mark.parametrize(
    ("client", "block"),
    [("python_client", CALL_IN_PYTHON), ("typescript_client", CALL_IN_TYPESCRIPT)],
)
def test_the_clients_of_the_how_to_have_correct_types_and_call_the_service(
    request: pytest.FixtureRequest, url: str, client: str, block: str
) -> None:
    folder: Path = request.getfixturevalue(client)
    (named,) = re.findall(r"http://\S+", block)
    user = {"email": "eve@example.com", "password": "correct horse battery staple"}
    requests.post(f"{url}/api/v1/users", json=user, timeout=10)

    said = follow(folder, block.replace(named, url).replace("ada@", "eve@"))

    assert said.splitlines()[-1] == "200 eve@example.com"
