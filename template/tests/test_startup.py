"""Starting for real: what processes say that may not."""

from contextlib import ExitStack
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any

from app.config import get_settings
from app.main import create_app
from tests.conftest import MakeSettings
from tests.processes import APP, GUNICORN, UVICORN, started

DOTENV = """
SECRET_KEY=changethis
DATABASE_URL=postgresql://app:unguessable@localhost/app
REDIS_URL=redis://localhost
DEBUG=true
"""


def test_every_way_to_start_is_refused_with_one_line_a_reason(tmp_path: Path) -> None:
    """CFG-01, CFG-03, TOK-18"""
    (tmp_path / ".env").write_text(DOTENV)
    with ExitStack() as stack:
        processes = [
            stack.enter_context(started(*command, folder=tmp_path, environ={}))
            for command in ((*APP, "check"), GUNICORN, UVICORN)
        ]
        outputs = [process.communicate() for process in processes]

    assert [process.returncode for process in processes] == [1, 1, 1]
    for output, errors in outputs:
        assert output == ""
        assert [line.split()[0] for line in errors.splitlines()] == [
            *("SECRET_KEY", "SECRET_KEY", "DEBUG", "ALLOWED_HOSTS")
        ]
        assert "changethis" not in errors


def test_the_application_is_imported_without_any_settings() -> None:
    spec = find_spec("app.main")
    assert spec
    assert spec.loader
    get_settings.cache_clear()

    spec.loader.exec_module(module_from_spec(spec))

    assert get_settings.cache_info().misses == 0


async def test_a_server_opens_and_closes_what_the_application_needs(
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
    assert app.state.database
    assert app.state.http_client.is_closed
