"""Signing in."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.schemas.base import NO_NUL
from app.schemas.user import MAX_PASSWORD_LENGTH


class PasswordGrant(BaseModel):
    """The form of OAuth 2.0's password grant (RFC 6749 4.3.2), with bounds."""

    model_config = ConfigDict(extra="forbid")

    username: Annotated[str, Field(max_length=254, pattern=NO_NUL, description="E-mail address.")]
    password: Annotated[SecretStr, Field(max_length=MAX_PASSWORD_LENGTH)]
    grant_type: Literal["password"] = "password"
    scope: Literal[""] = ""
    client_id: Annotated[str, Field(max_length=100)] | None = None
    client_secret: Annotated[str, Field(max_length=100)] | None = None


class TokenResponse(BaseModel):
    """An access token (RFC 6749 5.1)."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the kind of a token
    expires_in: int = Field(description="Seconds.")
