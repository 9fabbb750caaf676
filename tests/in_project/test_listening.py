"""The addresses that gunicorn listens on, and the addresses of its clients."""

import socket
from pathlib import Path

import pytest
from fastapi import FastAPI
from uvicorn import Config
from uvicorn.server import ServerState

from app.core.serving.addresses import ONLY_TCP, listen_addresses
from app.core.serving.gunicorn_worker import GunicornWorker
from app.core.serving.protocol import BoundedProtocol
from tests.clients import SECRET_KEY
from tests.in_project.processes import GUNICORN, started
from tests.in_project.wire import Wire

ENVIRON = {
    "ENVIRONMENT": "test",
    "SECRET_KEY": SECRET_KEY,
    "DATABASE_URL": "postgresql:///unused",
    "METRICS_PORT": "0",
}


@pytest.mark.parametrize(
    ("bind", "addresses"),
    [
        ("0.0.0.0:8000", ["0.0.0.0:8000"]),
        ("127.0.0.1:8000, [::1]:8001", ["127.0.0.1:8000", "[::1]:8001"]),
        ("tcp://localhost:0,fd://3", ["tcp://localhost:0", "fd://3"]),
        (":8000", [":8000"]),
    ],
)
def test_tcp_addresses_are_accepted_in_bind(bind: str, addresses: list[str]) -> None:
    assert listen_addresses(bind) == addresses


@pytest.mark.parametrize(
    "bind",
    [
        *("unix:/run/service.sock", "unix:///run/service.sock", "unix:", "unix:\0service"),
        *("127.0.0.1:8000,unix:/run/service.sock", "UNIX:service", "/run/service.sock"),
        *(
            "127.0.0.1:65536",
            "127.0.0.1:http",
            "127.0.0.1",
            "8000",
            "::1:8000",
            "fd://x",
            ",",
            "a b:1",
        ),
    ],
)
def test_an_invalid_bind_address_causes_a_one_line_error(bind: str) -> None:
    """CFG-01, RTL-04"""
    with pytest.raises(SystemExit, match=r"^BIND must name TCP addresses, such as"):
        listen_addresses(bind)


def test_gunicorn_does_not_start_on_a_unix_socket(tmp_path: Path) -> None:
    """CFG-01, RTL-04. A supervisor may also pass an open socket."""
    path = tmp_path / "service.sock"
    with started(*GUNICORN, folder=tmp_path, environ=ENVIRON | {"BIND": f"unix:{path}"}) as named:
        _, errors = named.communicate(timeout=60)
    assert (named.returncode, errors) == (1, f"{ONLY_TCP}\n")
    assert not path.exists()

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        environ = ENVIRON | {"BIND": f"fd://{listener.fileno()}"}
        fds = (listener.fileno(),)
        with started(*GUNICORN, folder=tmp_path, environ=environ, fds=fds) as given:
            _, errors = given.communicate(timeout=60)
    assert (given.returncode, errors) == (1, f"{ONLY_TCP}\n")


def test_an_invalid_file_descriptor_in_bind_causes_a_one_line_error(tmp_path: Path) -> None:
    """CFG-01, RTL-04"""
    with started(*GUNICORN, folder=tmp_path, environ=ENVIRON | {"BIND": "fd://99"}) as process:
        _, errors = process.communicate(timeout=60)

    assert process.returncode == 1
    assert errors == "BIND fd://99 cannot be used: Bad file descriptor.\n"


class Peer(Wire):
    """A connection from the given address."""

    def __init__(self, *address: object) -> None:
        super().__init__()
        self._address = address

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._address if name == "peername" else default


@pytest.mark.parametrize(
    ("address", "client"),
    [("::ffff:192.0.2.1", "192.0.2.1"), ("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::1")],
)
async def test_an_ipv4_mapped_client_address_is_converted_to_ipv4(
    app: FastAPI, address: str, client: str
) -> None:
    """RTL-04. The client address is compared with `FORWARDED_ALLOW_IPS`."""
    config = Config(app, log_config=None, **GunicornWorker.CONFIG_KWARGS)
    protocol = BoundedProtocol(config, ServerState(), {})

    protocol.connection_made(Peer(address, 50_000))

    assert protocol.client == (client, 50_000)
    protocol.connection_lost(None)
