"""Which request it is, and whose, for whoever wants to know it without being told."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import TypeAdapter
from structlog.contextvars import get_contextvars


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What is known of the current request, and stands in each line that it logs."""

    request_id: str | None = None
    client: str | None = None
    trace_id: str | None = None
    user_id: UUID | None = None
    session_id: UUID | None = None


CONTEXT = TypeAdapter(RequestContext)


def current_context() -> RequestContext:
    """Return what is known of the request that runs here, in a task or thread of it too.

    It is read from where the log has it, so the two cannot differ; outside of a request it is
    empty. Before the caller is known there is no user.
    """
    return CONTEXT.validate_python(get_contextvars())
