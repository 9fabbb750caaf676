"""Git repositories over HTTP that require a token, like those of GitHub and GitLab."""

import os
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

TOKEN = "the-token-of-the-forge"
ALLOWED = "Basic " + b64encode(f"x-access-token:{TOKEN}".encode()).decode()
# CGI variables (RFC 3875) from the headers of the request.
HEADERS = ("Content-Type", "Content-Length", "Content-Encoding", "Git-Protocol")


class Handler(BaseHTTPRequestHandler):
    """Passes requests that have the token to `git http-backend`."""

    folder: Path
    environment: dict[str, str]

    def do_GET(self) -> None:
        """Respond to Git; without the token, respond with 401."""
        if self.headers["Authorization"] != ALLOWED:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="forge"')
            self.end_headers()
            return
        head, _, body = self._ask_git().partition(b"\r\n\r\n")
        self.send_response(200)
        for line in head.decode().splitlines():
            self.send_header(*line.split(": ", 1))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815, as the server calls it

    def _ask_git(self) -> bytes:
        path, _, query = self.path.partition("?")
        asked = {
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "owner",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
        }
        for name in HEADERS:
            key = name.upper().replace("-", "_")
            asked[key] = asked[f"HTTP_{key}"] = self.headers.get(name, "")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        command = ["git", "http-backend"]
        return subprocess.run(
            command,
            env=os.environ | self.environment | asked,
            input=body,
            stdout=subprocess.PIPE,
            check=True,
        ).stdout

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[str]:
    """Serve the repositories in a folder, with `environment` for their hooks; yield the URL."""
    handler = type("Handler", (Handler,), {"folder": folder, "environment": environment})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
