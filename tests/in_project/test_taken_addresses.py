"""An address that another program has is refused in one sentence."""

import socket
from pathlib import Path

import pytest

from tests.processes import GUNICORN, started

ENVIRON = {
    "ENVIRONMENT": "test",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
}


@pytest.mark.parametrize("setting", ["BIND", "METRICS_PORT"])
def test_gunicorn_ends_with_one_sentence(tmp_path: Path, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        addresses = {"BIND": "127.0.0.1:0", "METRICS_PORT": "0"}
        addresses[setting] = f"127.0.0.1:{port}" if setting == "BIND" else f"{port}"
        environ = ENVIRON | addresses
        with started(*GUNICORN, folder=tmp_path, environ=environ) as process:
            _, errors = process.communicate(timeout=60)

    assert process.returncode == 1
    [line] = errors.splitlines()
    assert line.startswith(f"{setting} {addresses[setting]} cannot be used: Address already in use")
