"""The OpenAPI description: linters report no problems, and clients contain all operations."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.support.processes import run, uv
from tests.support.services import Install, Service, free_port
from tests.support.started_service import serving
from tests.support.variants import DEFAULT, EVERY_OPTION, ROOT, Answers, name

PYTHON_TOOLS = (
    *("--with", "openapi-python-client==0.29.1"),
    *("--with", "mypy==2.4.0"),
    *("--with", "types-python-dateutil==2.9.0.20251115"),
)
# The generator writes the same `client.py` for every API. Its `*args: object` does not fit httpx.
MYPY_CONFIG = """\
[mypy]
strict = true
[mypy-api_client.client]
disable_error_code = arg-type
"""
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
    (service.folder / "openapi.json").write_text(service.run("app", "openapi"))
    return service


def operation_ids(service: Service) -> set[str]:
    """Return the ids of all described operations."""
    paths = json.loads((service.folder / "openapi.json").read_text())["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    ids = {operation["operationId"] for operation in operations}
    assert len(ids) == len(operations) > 15
    return ids


def python(folder: Path, *command: str | Path) -> str:
    """Run a command with the generator, its dependencies and mypy."""
    return run(uv(), "run", "-q", "--no-project", *PYTHON_TOOLS, *command, cwd=folder)


@pytest.fixture(scope="module")
def python_client(service: Service) -> Path:
    """Return the folder of `api_client`, which openapi-python-client generates."""
    folder = service.folder / "clients"
    folder.mkdir()
    options = ("--meta", "none", "--fail-on-warning", "--output-path", "api_client")
    command = ("openapi-python-client", "generate", "--path", "../openapi.json", *options)
    assert "WARNING" not in python(folder, *command)
    return folder


def test_linters_of_descriptions_find_nothing(service: Service, node_tools: Path) -> None:
    (service.folder / ".spectral.yaml").write_text("extends: ['spectral:oas']")
    redocly = ("lint", "openapi.json", "--extends=recommended", "--format=json")
    spectral = ("lint", "openapi.json", "--format=json", "--quiet", "--fail-severity=hint")

    found = run(node_tools / "redocly", *redocly, cwd=service.folder)
    totals = json.loads(found[found.index("{") : found.rindex("}") + 1])["totals"]
    assert totals == {"errors": 0, "warnings": 0, "ignored": 0}
    found = run(node_tools / "spectral", *spectral, cwd=service.folder)
    assert json.loads(found) == []


def test_a_python_client_has_all_operations_and_correct_types(
    service: Service, python_client: Path
) -> None:
    (python_client / "mypy.ini").write_text(MYPY_CONFIG)

    modules = {each.stem for each in python_client.glob("api_client/api/*/*.py")} - {"__init__"}
    assert modules == operation_ids(service)
    checked = [CALLS / "calls.py"] if "create_item" in modules else []
    python(python_client, "mypy", "api_client", *checked)


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
    said = python(
        python_client, "env", f"PYTHONPATH={python_client}", "python", CALLS / "calls.py", url
    )

    assert said.split() == ["201", "200", "201", "200", "200", "304", "412", "200", "204", "204"]
