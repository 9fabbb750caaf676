"""Errors for addresses and ports that are in use."""

import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.core.serving.gunicorn_worker import refuse_taken_addresses
from tests.in_project.processes import GUNICORN, started

ENVIRON = {
    "ENVIRONMENT": "test",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "SECRET_KEY": "for tests: Wk3vQ9xTz0rLbN5mYc8dHs2f",
}


@pytest.mark.parametrize("setting", ["BIND", "METRICS_PORT"])
def test_an_address_in_use_causes_a_one_line_error(tmp_path: Path, setting: str) -> None:
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


def arbiter(host: str, port: int, *, reuse_port: bool = False) -> SimpleNamespace:
    cfg = SimpleNamespace(address=[(host, port)], reuse_port=reuse_port)
    return SimpleNamespace(master_pid=0, cfg=cfg)


# If the machine has IPv6, gunicorn listens on [::] for IPv4 as well.
@pytest.mark.parametrize("host", ["0.0.0.0", *(["::"] if socket.has_dualstack_ipv6() else [])])  # noqa: S104
def test_an_address_that_overlaps_with_an_address_in_use_is_rejected(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(SystemExit, match="cannot be used: Address already in use"):
            refuse_taken_addresses(arbiter(host, port))


def test_services_can_share_a_port_with_reuse_port() -> None:
    """`GUNICORN_CMD_ARGS=--reuse-port` lets a new release start before the old one stops."""
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as other:
        refuse_taken_addresses(arbiter("127.0.0.1", other.getsockname()[1], reuse_port=True))


def test_the_same_port_for_bind_and_metrics_causes_a_one_line_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    environ = ENVIRON | {"BIND": f"127.0.0.1:{port}", "METRICS_PORT": f"{port}"}
    with started(*GUNICORN, folder=tmp_path, environ=environ) as process:
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 1
    [line] = errors.splitlines()
    assert line.startswith(f"BIND 127.0.0.1:{port} cannot be used: Address already in use")
