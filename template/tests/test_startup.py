"""Starting for real: what processes say that may not, and one that may."""

import json
from contextlib import ExitStack
from pathlib import Path

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
            stack.enter_context(started(*command, folder=tmp_path))
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


def test_the_apis_description_needs_no_environment(tmp_path: Path) -> None:
    with started(*APP, "openapi", folder=tmp_path) as process:
        output, errors = process.communicate()

    assert errors == ""
    assert process.returncode == 0
    assert "/api/v1/users/me" in json.loads(output)["paths"]
