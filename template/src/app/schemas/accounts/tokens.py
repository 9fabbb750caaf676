"""Request and response schemas of OAuth 2.0 tokens."""

from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from app.core.security import MAX_TOKEN_LENGTH
from app.core.validation import NO_NUL, InputSchema
from app.schemas.user import Email, NewPassword, Password, validate_unicode

EMAIL: TypeAdapter[str] = TypeAdapter(Email)
# The limit exceeds the length of this service's tokens, and keeps the hashing of any input cheap.
MAX_OPAQUE_LENGTH = 200
OpaqueToken = Annotated[
    SecretStr,
    Field(min_length=1, max_length=MAX_OPAQUE_LENGTH, examples=["a-token-or-code-of-this-service"]),
    AfterValidator(validate_unicode),
]
T = TypeVar("T")
LOGIN: JsonDict = {
    "grant_type": "password",
    "username": "ada@example.com",
    "password": "correct horse battery staple",
}
# The parameters that each grant requires.
REQUIRED = {"password": ("username", "password"), "refresh_token": ("refresh_token",)}


def _as_registered(username: str) -> str:
    """Normalize an address as registration does. Return any other text unchanged."""
    try:
        return EMAIL.validate_python(username)
    except ValidationError:
        return username


def _no_secret() -> SecretStr:
    return SecretStr("")


class OAuthForm(BaseModel):
    """A form of an OAuth 2.0 library. All clients are public: their credentials are ignored."""

    model_config = ConfigDict(extra="ignore", validate_default=True)

    client_id: Annotated[str, Field(max_length=100)] | None = None
    client_secret: Annotated[str, Field(max_length=100)] | None = None


class TokenRequest(OAuthForm):
    """A login by password (RFC 6749 4.3.2) or a refresh (RFC 6749 6), with length limits.

    Parameters of the other grant are ignored. An empty parameter counts as missing.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [LOGIN]})

    grant_type: Literal["password", "refresh_token"] = "password"
    username: Annotated[
        str,
        Field(default_factory=str, max_length=254, pattern=NO_NUL, description="E-mail address."),
        AfterValidator(_as_registered),
    ]
    password: Annotated[Password, Field(default_factory=_no_secret)]
    refresh_token: Annotated[
        SecretStr,
        Field(
            default_factory=_no_secret,
            max_length=MAX_OPAQUE_LENGTH,
            description="Only for `grant_type=refresh_token`.",
        ),
        AfterValidator(validate_unicode),
    ]
    scope: Literal[""] = ""

    @model_validator(mode="before")
    @classmethod
    def ignore_unknown_in_refresh(cls, values: dict[str, object]) -> dict[str, object]:
        """Ignore unknown parameters of a refresh (RFC 6749 3.2): requests-oauthlib sends some."""
        is_refresh = values.get("grant_type") == "refresh_token"
        return {k: v for k, v in values.items() if k in cls.model_fields or not is_refresh}

    @field_validator("username", "password", "refresh_token", mode="wrap")
    @classmethod
    def require_for_grant(
        cls, value: T, validate: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> T:
        """Reject a missing parameter of the grant; accept a missing one of the other grant."""
        if not value and info.field_name in REQUIRED.get(info.data.get("grant_type", ""), ()):
            raise PydanticCustomError("missing", "Field required")
        checked: T = validate(value) if value else value
        return checked


class RevocationRequest(OAuthForm):
    """A token to revoke (RFC 7009 2.1). The hint is ignored: the service recognizes the token."""

    token: Annotated[
        SecretStr,
        Field(min_length=1, max_length=MAX_TOKEN_LENGTH),
        AfterValidator(validate_unicode),
    ]
    token_type_hint: Annotated[str, Field(max_length=100)] | None = None


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
