"""TLS connections to the database, and the verification of certificates."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import literal, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings
from app.resources import create_database
from dev.servers import postgres_server
from tests.clients import SECRET_KEY

MAKE_CERTIFICATE = """\
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1
    -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key.pem -out root.crt
"""


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy data from the reader to the writer until the stream ends."""
    while data := await reader.read(65_536):
        writer.write(data)
    writer.close()


@asynccontextmanager
async def over_tls(port: int, folder: Path, *, asks_clients: bool = False) -> AsyncGenerator[int]:
    """Relay TLS connections to a PostgreSQL without TLS; yield the port of the relay."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "root.crt", folder / "key.pem")
    if asks_clients:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(folder / "root.crt")

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)  # SSLRequest
        writer.write(b"S")
        try:
            await writer.start_tls(context)
        except OSError:  # the client rejects the certificate
            return
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pipe(reader, server_writer), pipe(server_reader, writer))

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()


async def reaches(server: str, host: str, port: int, **parameters: str) -> bool:
    """Return whether the service can query the database, by default over verified TLS."""
    query = parameters or {"sslmode": "verify-full"}
    url = make_url(server).set(host=host, port=port, query=query)
    settings = Settings(
        _env_file=None,
        environment="test",
        database_url=url.render_as_string(hide_password=False),
        secret_key=SECRET_KEY,
    )
    database = create_database(settings)
    try:
        return await database.fetch_one(select(literal(1)), {}) is not None
    except (OSError, SQLAlchemyError):
        return False
    finally:
        await database.dispose()


def test_only_a_server_with_a_trusted_certificate_for_its_host_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CFG-06"""
    subprocess.run(MAKE_CERTIFICATE.split(), cwd=tmp_path, capture_output=True, check=True)
    monkeypatch.setenv("HOME", str(tmp_path))  # without .postgresql/root.crt

    async def tried(server: str) -> list[bool]:
        plain = make_url(server).port
        assert plain is not None
        async with over_tls(plain, tmp_path) as port:
            unknown = await reaches(server, "localhost", port)
            monkeypatch.setenv("PGSSLROOTCERT", str(tmp_path / "root.crt"))
            return [
                unknown,
                await reaches(server, "localhost", port),
                await reaches(server, "127.0.0.1", port),
                await reaches(server, "localhost", plain),
            ]

    with postgres_server() as server:
        assert asyncio.run(tried(server)) == [False, True, False, False]


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """URL parameters that trust a certificate. Its folder has `key.pem` and `locked.pem`."""
    subprocess.run(MAKE_CERTIFICATE.split(), cwd=tmp_path, capture_output=True, check=True)
    lock = "openssl ec -in key.pem -aes256 -passout pass:locked -out locked.pem"
    subprocess.run(lock.split(), cwd=tmp_path, capture_output=True, check=True)
    monkeypatch.setenv("HOME", str(tmp_path))  # without .postgresql/root.crt
    return {"sslmode": "verify-full", "sslrootcert": str(tmp_path / "root.crt")}


def test_the_service_authenticates_with_a_client_certificate(
    tmp_path: Path, certificate: dict[str, str]
) -> None:
    """CFG-06"""
    certified = certificate | {"sslcert": certificate["sslrootcert"]}
    keyed = certified | {"sslkey": str(tmp_path / "key.pem")}
    locked = certified | {"sslkey": str(tmp_path / "locked.pem"), "sslpassword": "locked"}

    async def tried(server: str) -> list[bool]:
        async with over_tls(make_url(server).port or 0, tmp_path, asks_clients=True) as port:
            return [
                await reaches(server, "localhost", port, **parameters)
                for parameters in (certificate, keyed, locked)
            ]

    with postgres_server() as server:
        assert asyncio.run(tried(server)) == [False, True, True]


def test_the_server_certificate_is_verified_if_channel_binding_is_required(
    tmp_path: Path, certificate: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CFG-06. asyncpg has no channel binding, which would detect a man in the middle."""
    bound = {"sslmode": "require", "channel_binding": "require"}

    async def tried(server: str) -> list[bool]:
        async with over_tls(make_url(server).port or 0, tmp_path) as port:
            unverified = await reaches(server, "localhost", port, sslmode="require")
            unknown = await reaches(server, "localhost", port, **bound)
            monkeypatch.setenv("SSL_CERT_FILE", certificate["sslrootcert"])
            return [
                unverified,
                unknown,
                await reaches(server, "localhost", port, **bound),
                await reaches(server, "localhost", port, sslrootcert="system"),
                await reaches(server, "127.0.0.1", port, **bound),
            ]

    with postgres_server() as server:
        assert asyncio.run(tried(server)) == [True, False, True, True, False]
