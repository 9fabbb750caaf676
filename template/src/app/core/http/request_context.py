"""Ids of the current request, client and user, for code that gets no `Request`."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import TypeAdapter
from structlog.contextvars import get_contextvars


@dataclass(frozen=True, slots=True)
class RequestContext:
    """The ids that appear in every log line of the current request."""

    request_id: str | None = None
    client: str | None = None
    trace_id: str | None = None
    user_id: UUID | None = None
    session_id: UUID | None = None


CONTEXT = TypeAdapter(RequestContext)


def current_context() -> RequestContext:
    """Return the ids of the current request; works in its tasks and threads too.

    They are read from the log context, so the two cannot differ. All are None outside of a request;
    the user's are None until the request is authenticated.
    """
    return CONTEXT.validate_python(get_contextvars())
