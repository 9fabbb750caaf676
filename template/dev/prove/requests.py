"""Requests as bytes, whose bodies vary in the columns that must be unique."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from dev.prove.operations import varied

HOST = "127.0.0.1"
_numbers = count(1)


@dataclass(frozen=True)
class Request:
    """A request of a role; `document` is the JSON of its body, and `content` any other body."""

    operation: str
    method: str
    path: str
    headers: Mapping[str, str]
    document: Any = None
    content: bytes = b""

    def body(self) -> bytes:
        """Return a body that differs from all earlier ones in the columns that must be unique."""
        if not isinstance(self.document, dict):
            return self.content
        return json.dumps(varied(self.document, next(_numbers))).encode()

    def raw(self) -> bytes:
        """Return the next request as it is sent over a connection (RFC 9112)."""
        body = self.body()
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {HOST}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if body or self.method in {"POST", "PUT", "PATCH"}:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body


def encode(
    operation: str, method: str, path: str, headers: Mapping[str, str], sent: Mapping[str, Any]
) -> Request:
    """Return the request that httpx would send with these arguments."""
    made = httpx.Request(method, f"http://{HOST}{path}", **{**sent, "headers": None})
    content = made.read()
    typed = {name: made.headers[name] for name in ("content-type",) if name in made.headers}
    every = {**typed, **headers, **sent.get("headers", {})}
    target = made.url.raw_path.decode()
    return Request(operation, method, target, every, sent.get("json"), content)
