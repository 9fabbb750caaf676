"""The ids of the current request, client and user, for code that has no `Request` object."""

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
    """Return the ids of the current request, also in the tasks and threads that it starts.

    The ids are read from the log context, so they match the log lines. Outside of requests and
    their jobs, all are None. Before authentication, `user_id` and `session_id` are None.
    """
    return CONTEXT.validate_python(get_contextvars())
