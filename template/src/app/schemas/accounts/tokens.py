"""Request and response schemas of OAuth 2.0 tokens."""

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
# The limit exceeds the length of this service's tokens, and keeps the hashing of any input cheap.
OpaqueToken = Annotated[
    SecretStr,
    Field(min_length=1, max_length=200, examples=["a-token-or-code-of-this-service"]),
    AfterValidator(validate_unicode),
]


def _as_registered(username: str) -> str:
    """Normalize an address as registration does. Return any other text unchanged."""
    try:
        return EMAIL.validate_python(username)
    except ValidationError:
        return username


class PasswordGrant(BaseModel):
    """The form of OAuth 2.0's password grant (RFC 6749 4.3.2), with length limits."""

    model_config = ConfigDict(extra="forbid")

    username: Annotated[
        str,
        Field(
            max_length=254,
            pattern=NO_NUL,
            description="E-mail address.",
            examples=["ada@example.com"],
        ),
        AfterValidator(_as_registered),
    ]
    password: Password
    grant_type: Literal["password"] = "password"
    scope: Literal[""] = ""
    client_id: Annotated[str, Field(max_length=100)] | None = None
    client_secret: Annotated[str, Field(max_length=100)] | None = None


class RefreshGrant(InputSchema):
    """A refresh token to exchange for a new pair of tokens."""

    refresh_token: OpaqueToken


class PasswordResetConfirmation(InputSchema):
    """A password reset code, and the new password."""

    code: OpaqueToken
    new_password: NewPassword


class TokenResponse(BaseModel):
    """An access token, and a refresh token to get the next one (RFC 6749 5.1)."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the type of a token
    expires_in: int = Field(description="Lifetime of the access token in seconds.")
    refresh_token: str = Field(
        description="Can be used once. The response to a refresh contains the next one."
    )
