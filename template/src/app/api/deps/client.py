"""The user agent of a request."""

from typing import Annotated

from fastapi import Depends, Request

from app.models.accounts.login_session import MAX_USER_AGENT_LENGTH


async def get_user_agent(request: Request) -> str | None:
    """Return the printable part of the `User-Agent` header, or `None`."""
    sent = request.headers.get("user-agent", "")[:MAX_USER_AGENT_LENGTH]
    return "".join(character for character in sent if character.isprintable()) or None


UserAgent = Annotated[str | None, Depends(get_user_agent)]
