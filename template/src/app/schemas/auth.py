"""Signing in."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.schemas.base import NO_NUL
from app.schemas.user import Email, Password

EMAIL: TypeAdapter[str] = TypeAdapter(Email)


def _as_registered(username: str) -> str:
    """Spell an address as registration did; any other text stays, and fits no account."""
    try:
        return EMAIL.validate_python(username)
    except ValidationError:
        return username


class PasswordGrant(BaseModel):
    """The form of OAuth 2.0's password grant (RFC 6749 4.3.2), with bounds."""

    model_config = ConfigDict(extra="forbid")

    username: Annotated[
        str,
        Field(max_length=254, pattern=NO_NUL, description="E-mail address."),
        AfterValidator(_as_registered),
    ]
    password: Password
    grant_type: Literal["password"] = "password"
    scope: Literal[""] = ""
    client_id: Annotated[str, Field(max_length=100)] | None = None
    client_secret: Annotated[str, Field(max_length=100)] | None = None


class TokenResponse(BaseModel):
    """An access token (RFC 6749 5.1)."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the kind of a token
    expires_in: int = Field(description="Seconds.")
