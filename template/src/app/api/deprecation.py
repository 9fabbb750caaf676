"""Operations that are on their way out, and say so."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, TypeVar

from fastapi import Request

ATTRIBUTE = "__deprecation__"
DESCRIPTIONS = {
    "Deprecation": "Since when the operation is deprecated: `@` and seconds since 1970 (RFC 9745).",
    "Sunset": "From when on it may be gone: a date of HTTP (RFC 8594).",
    "Link": "`rel=deprecation` says more, `rel=successor-version` is what takes its place.",
}

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Since when, until when, where it is explained, and what to call instead."""

    since: datetime
    sunset: datetime | None = None
    documentation: str | None = None
    successor: str | None = None

    def __post_init__(self) -> None:
        """Raise `ValueError` for times without a zone, and for an end before the beginning."""
        for time in filter(None, (self.since, self.sunset)):
            if time.tzinfo is None:
                raise ValueError(f"{time} must have a time zone.")
        if self.sunset is not None and self.sunset < self.since:
            raise ValueError("The sunset must not be earlier than the deprecation (RFC 9745 4).")

    def headers(self) -> dict[str, str]:
        """Return what goes with every answer."""
        headers = {"Deprecation": f"@{int(self.since.timestamp())}"}
        if self.sunset is not None:
            headers["Sunset"] = format_datetime(self.sunset.astimezone(UTC), usegmt=True)
        relations = {"deprecation": self.documentation, "successor-version": self.successor}
        links = [f'<{url}>; rel="{name}"' for name, url in relations.items() if url is not None]
        return headers | ({"Link": ", ".join(links)} if links else {})


def deprecated(
    *,
    since: datetime,
    sunset: datetime | None = None,
    documentation: str | None = None,
    successor: str | None = None,
) -> Callable[[Endpoint], Endpoint]:
    """Deprecate an operation: in each of its answers, errors too, and in the API's description."""
    deprecation = Deprecation(since, sunset, documentation, successor)

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, ATTRIBUTE, deprecation)
        return endpoint

    return mark


def announce_deprecation(endpoint: object, request: Request) -> None:
    """Add the headers to whatever answers the request, if the endpoint is deprecated."""
    deprecation: Deprecation | None = getattr(endpoint, ATTRIBUTE, None)
    if deprecation is not None:
        state = request.scope.setdefault("state", {})
        state.setdefault("response_headers", {}).update(deprecation.headers())


def describe_deprecation(endpoint: object, operation: dict[str, Any]) -> None:
    """Describe the operation as deprecated, if the endpoint is, and the headers of its answers."""
    deprecation: Deprecation | None = getattr(endpoint, ATTRIBUTE, None)
    if deprecation is None:
        return
    operation["deprecated"] = True
    described = {
        name: {"description": DESCRIPTIONS[name], "schema": {"type": "string"}}
        for name in deprecation.headers()
    }
    for response in operation["responses"].values():
        if "$ref" not in response:  # what is shared is of others, too
            response["headers"] = described | response.get("headers", {})
