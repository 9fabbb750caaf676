"""`app check`, which reports why the service cannot start."""

from pathlib import Path

import pytest

from app.config import Settings
from tests.in_project.cli.test_cli import database_url, environment, last_line, run

__all__ = ["database_url", "environment"]

pytestmark = pytest.mark.usefixtures("log_lines")


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("WEB_CONCURRENCY", "auto", "WEB_CONCURRENCY must be a number"),
        ("WEB_CONCURRENCY", "0", "WEB_CONCURRENCY must be a number"),
        ("WEB_CONCURRENCY", "0000000019999", "WEB_CONCURRENCY must be a number"),
        ("WEB_CONCURRENCY", "9" * 20, "WEB_CONCURRENCY must be a number"),
        ("BIND", "unix:/tmp/socket", "BIND must name TCP addresses"),
        ("BIND", "0.0.0.0:9090", "METRICS_PORT 9090 is also in BIND"),
        ("GUNICORN_CMD_ARGS", "--nonsense", "gunicorn cannot start: gunicorn: error: unrecognized"),
    ],
)
def test_check_reports_what_prevents_the_start_of_the_server(
    database_url: str, environment: pytest.MonkeyPatch, name: str, value: str, line: str
) -> None:
    """CFG-01"""
    environment.setenv(name, value)

    result = run("check")

    assert result.exit_code == 1
    assert last_line(result).startswith(line)


def test_a_dotenv_file_in_another_encoding_causes_a_one_line_error(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """CFG-01"""
    (tmp_path / ".env").write_bytes(b"APP_NAME=caf\xe9\n")
    environment.setitem(Settings.model_config, "env_file", str(tmp_path / ".env"))

    result = run("check")

    assert result.exit_code == 1
    assert "cannot be read as UTF-8" in last_line(result)
