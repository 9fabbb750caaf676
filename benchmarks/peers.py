"""Other services that run on this machine, which are loaded beside ours."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

from contestants import Contestant
from workloads import EMAIL, PASSWORD, WORKLOADS
from wrk import Workload


class PeerError(Exception):
    """A peer cannot be loaded; the message says what to do."""


class Peer(Contestant):
    """A running service with its own database, and perhaps its own paths, bodies and token."""

    def __init__(self, name: str, url: str, changes: dict[str, Any]) -> None:
        super().__init__(name, url, listeners(name, url))
        self._token = str(changes.pop("token", ""))
        try:
            self._workloads = [replace(each, **changes.pop(each.name, {})) for each in WORKLOADS]
        except TypeError as error:
            raise PeerError(f"The table of {name} has an unknown key: {error}") from error

    def token(self) -> str:
        """Return its token, or one for a new user; an empty text if it issues none."""
        if self._token:
            return self._token
        sign_in = self._workloads[-1]
        with httpx.Client(base_url=self.url) as client:
            client.post("/api/v1/users", json={"email": EMAIL, "password": PASSWORD})
            headers = {"Content-Type": sign_in.content_type}
            response = client.post(sign_in.path, content=sign_in.body, headers=headers)
        return str(response.json()["access_token"]) if response.is_success else ""

    def workloads(self) -> list[Workload]:
        """Return the requests that it answers without an error."""
        token = self.token()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with httpx.Client(base_url=self.url, headers=headers) as client:
            return [each for each in self._workloads if _works(client, each)]


def read_peers(peers: str, file: Path | None) -> list[Peer]:
    """Return the peers of the command line; raise `PeerError` if one cannot be loaded."""
    try:
        changes = tomllib.loads(file.read_text("utf-8")) if file else {}
    except (OSError, ValueError) as error:
        raise PeerError(f"{file} cannot be read: {error}") from error
    pairs = [each.partition("=") for each in peers.split(",") if each]
    return [Peer(name, url.rstrip("/"), changes.get(name, {})) for name, _, url in pairs]


def listeners(name: str, url: str) -> list[psutil.Process]:
    """Return the processes that listen on the port of an address."""
    port = urlsplit(url).port
    found = [each for each in psutil.process_iter() if port in _ports(each)]
    if not found:
        raise PeerError(f"{name}: nothing listens on {url}. Start it here, as the same user.")
    return found


def _ports(process: psutil.Process) -> set[int]:
    """Return the ports that a process listens on; workers share the socket of their parent."""
    try:
        connections = process.net_connections("tcp")
    except psutil.Error:  # it has ended, or belongs to another user
        return set()
    return {each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN}


def _works(client: httpx.Client, workload: Workload) -> bool:
    headers = {"Content-Type": workload.content_type}
    response = client.request(
        workload.method, workload.path, content=workload.body, headers=headers
    )
    return bool(response.is_success)
