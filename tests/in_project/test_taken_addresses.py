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
TAKEN = [("BIND", "127.0.0.1:{}", "127.0.0.1:{}"), ("METRICS_PORT", "{}", "{}")]
if socket.has_dualstack_ipv6():  # such a socket takes the port of IPv4, too
    TAKEN.append(("BIND", "[::]:{}", ":::{}"))


@pytest.mark.parametrize(("setting", "value", "named"), TAKEN)
def test_gunicorn_ends_with_one_sentence(
    tmp_path: Path, setting: str, value: str, named: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        addresses = {"BIND": "127.0.0.1:0", "METRICS_PORT": "0"}
        environ = ENVIRON | addresses | {setting: value.format(port)}
        with started(*GUNICORN, folder=tmp_path, environ=environ) as process:
            _, errors = process.communicate(timeout=60)

    assert process.returncode == 1
    [line] = errors.splitlines()
    assert line.startswith(f"{setting} {named.format(port)} cannot be used: Address already in use")


def test_one_port_for_clients_and_prometheus_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    environ = ENVIRON | {"BIND": f"127.0.0.1:{port}", "METRICS_PORT": f"{port}"}
    with started(*GUNICORN, folder=tmp_path, environ=environ) as process:
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 1
    [line] = errors.splitlines()
    assert line.startswith(f"BIND 127.0.0.1:{port} cannot be used: Address already in use")
