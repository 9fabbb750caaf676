"""Starts of the service, with valid and with insecure settings."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any

import pytest

from app import cli, main
from app.config import Settings, get_settings
from app.main import create_app
from tests.conftest import MakeSettings
from tests.in_project.processes import GUNICORN, started

DOTENV = """
SECRET_KEY=changethis
DATABASE_URL=postgresql://app:unguessable@localhost/app
REDIS_URL=redis://localhost
DEBUG=true
"""


@pytest.fixture
def _unsafe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A working folder whose `.env` has insecure settings."""
    (tmp_path / ".env").write_text(DOTENV)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(Settings.model_config, "env_file", ".env")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


def check_refusal(errors: str) -> None:
    assert [line.split()[0] for line in errors.splitlines()] == [
        *("SECRET_KEY", "SECRET_KEY", "DEBUG", "ALLOWED_HOSTS")
    ]
    assert "changethis" not in errors


@pytest.mark.usefixtures("_unsafe")
def test_gunicorn_exits_with_one_line_per_invalid_setting(tmp_path: Path) -> None:
    """CFG-01, CFG-03, TOK-18"""
    with started(*GUNICORN, folder=tmp_path, environ={}) as process:
        output, errors = process.communicate()

    assert (process.returncode, output) == (1, "")
    check_refusal(errors)


@pytest.mark.usefixtures("_unsafe")
@pytest.mark.parametrize("start", [lambda: main.app, lambda: cli.main(["check"])])
def test_every_entry_point_reports_the_same_invalid_settings(start: Callable[[], object]) -> None:
    """CFG-01, CFG-03, TOK-18"""
    with pytest.raises(SystemExit) as refused:
        start()

    check_refusal(str(refused.value))


def test_the_application_module_is_imported_without_settings() -> None:
    spec = find_spec("app.main")
    assert spec
    assert spec.loader
    get_settings.cache_clear()

    spec.loader.exec_module(module_from_spec(spec))

    assert get_settings.cache_info().misses == 0


async def test_the_lifespan_opens_and_closes_the_resources(
    make_settings: MakeSettings,
) -> None:
    app = create_app(
        make_settings(allowed_hosts="api.example.com", cors_origins="https://a.example")
    )
    told = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    answers: list[Any] = []

    async def receive() -> dict[str, str]:
        return next(told)

    async def send(message: Any) -> None:
        answers.append(message["type"])

    await app({"type": "lifespan", "state": {}}, receive, send)

    assert answers == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert app.state.resources.database
    assert app.state.resources.http_client.is_closed
