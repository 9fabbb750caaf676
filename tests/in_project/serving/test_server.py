"""gunicorn with a worker, in a separate process."""

from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

from sqlalchemy import URL

from tests.clients import SECRET_KEY
from tests.databases import new_database
from tests.in_project.forged_tokens import GOOD_HEADER, forge, good_claims
from tests.in_project.processes import begin_registration, gunicorn


def test_a_terminated_server_completes_requests_in_progress(
    server_url: str, template: URL, tmp_path: Path
) -> None:
    """HDR-06, REL-04"""
    token = forge(GOOD_HEADER, good_claims(uuid4(), datetime.now(UTC)))
    with new_database(server_url, template=template) as url:
        environ = {
            "ENVIRONMENT": "test",
            "SECRET_KEY": SECRET_KEY,
            "DATABASE_URL": url.render_as_string(hide_password=False),
            "WEB_CONCURRENCY": "1",
        }
        with gunicorn(tmp_path, environ) as server:
            with closing(HTTPConnection("127.0.0.1", server.port, timeout=30)) as client:
                client.request("GET", "/health")
                answer = client.getresponse()
            connection, body = begin_registration(server.port, token)
            with connection:
                server.process.terminate()
                server.read_until("Shutting down")
                connection.sendall(body)
                registered = b"".join(iter(lambda: connection.recv(4096), b""))

            assert answer.status == 200
            assert "server" not in answer.headers
            assert registered.startswith(b"HTTP/1.1 201 Created\r\n")
            server.read_until("Application shutdown complete.")
            assert server.process.wait(30) == 0
