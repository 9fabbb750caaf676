"""Marks operations as deprecated, in response headers and in OpenAPI."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, TypeVar

from fastapi import Request

ATTRIBUTE = "__deprecation__"
DESCRIPTIONS = {
    "Deprecation": "Time of the deprecation: `@`, then a Unix timestamp in seconds (RFC 9745).",
    "Sunset": "Time after which the operation may be removed, as an HTTP date (RFC 8594).",
    "Link": "The documentation (`rel=deprecation`) or replacement (`rel=successor-version`).",
}

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Deprecation:
    """The start and end of a deprecation, and the URLs of its documentation and replacement."""

    since: datetime
    sunset: datetime | None = None
    documentation: str | None = None
    successor: str | None = None

    def __post_init__(self) -> None:
        """Raise `ValueError` for a time without a zone, or an end before the start."""
        for time in filter(None, (self.since, self.sunset)):
            if time.tzinfo is None:
                raise ValueError(f"{time} must have a time zone.")
        if self.sunset is not None and self.sunset < self.since:
            raise ValueError("The sunset must not be earlier than the deprecation (RFC 9745 4).")

    def headers(self) -> dict[str, str]:
        """Return the headers that announce the deprecation in a response."""
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
    """Mark an operation as deprecated, in OpenAPI and in all its responses, including errors."""
    deprecation = Deprecation(since, sunset, documentation, successor)

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, ATTRIBUTE, deprecation)
        return endpoint

    return mark


def announce_deprecation(endpoint: object, request: Request) -> None:
    """Add the deprecation headers to the response if the endpoint is deprecated."""
    deprecation: Deprecation | None = getattr(endpoint, ATTRIBUTE, None)
    if deprecation is not None:
        state = request.scope.setdefault("state", {})
        state.setdefault("response_headers", {}).update(deprecation.headers())


def describe_deprecation(endpoint: object, operation: dict[str, Any]) -> None:
    """Mark the operation of a deprecated endpoint, and describe the headers of its responses."""
    deprecation: Deprecation | None = getattr(endpoint, ATTRIBUTE, None)
    if deprecation is None:
        return
    operation["deprecated"] = True
    if deprecation.sunset is not None:  # `poe contract` allows changes after it
        operation["x-sunset"] = deprecation.sunset.astimezone(UTC).isoformat()
    described = {
        name: {"description": DESCRIPTIONS[name], "schema": {"type": "string"}}
        for name in deprecation.headers()
    }
    for response in operation["responses"].values():
        if "$ref" not in response:  # other operations share the referenced responses
            response["headers"] = described | response.get("headers", {})
