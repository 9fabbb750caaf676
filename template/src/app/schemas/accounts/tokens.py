"""Signing in."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
)

from app.core.validation import NO_NUL, InputSchema
from app.schemas.user import Email, NewPassword, Password, validate_unicode

EMAIL: TypeAdapter[str] = TypeAdapter(Email)
# Longer than those that this service makes, and short enough to hash whatever comes.
OpaqueToken = Annotated[
    SecretStr, Field(min_length=1, max_length=200), AfterValidator(validate_unicode)
]


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


class RefreshGrant(InputSchema):
    """A refresh token, to be exchanged for the next one."""

    refresh_token: OpaqueToken


class PasswordResetConfirmation(InputSchema):
    """A code that an administrator issued, and the password to have from now on."""

    code: OpaqueToken
    new_password: NewPassword


class TokenResponse(BaseModel):
    """An access token, and what the next one is got with (RFC 6749 5.1)."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the kind of a token
    expires_in: int = Field(description="Seconds.")
    refresh_token: str = Field(description="Good once; the answer to its use holds the next one.")
