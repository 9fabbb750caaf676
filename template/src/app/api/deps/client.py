"""From where a request comes."""

from typing import Annotated

from fastapi import Depends, Request

from app.models.accounts.login_session import MAX_USER_AGENT_LENGTH


async def get_user_agent(request: Request) -> str | None:
    """Return what the client calls itself, as far as that can be shown to somebody."""
    sent = request.headers.get("user-agent", "")[:MAX_USER_AGENT_LENGTH]
    return "".join(character for character in sent if character.isprintable()) or None


UserAgent = Annotated[str | None, Depends(get_user_agent)]
