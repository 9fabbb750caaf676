"""Request and response schemas of users."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, EmailStr, Field, SecretStr

from app.core.auth.passwords import canonical
from app.core.validation import InputSchema, Line, OutputSchema, PatchSchema

MAX_EMAIL_LENGTH = 254
MAX_LOCAL_BYTES = 64  # RFC 5321 4.5.3.1.1
MAX_PASSWORD_LENGTH = 128
# The length is checked after Unicode normalization, which can combine up to four code points into
# one. Input above this length cannot become short enough, so it is rejected before normalization.
MAX_PASSWORD_PARTS = 4 * MAX_PASSWORD_LENGTH


def _validate_bare_address(email: object) -> object:
    """Reject addresses that are too long, or contain a name, as in `Ada <ada@example.com>`."""
    if not isinstance(email, str):
        return email
    if len(email) > MAX_EMAIL_LENGTH:
        raise ValueError(f"must have at most {MAX_EMAIL_LENGTH} characters")
    if "<" in email or email != email.strip():
        raise ValueError("must be only an address, such as ada@example.com")
    return email


def _validate_deliverable(email: str) -> str:
    local = email.rpartition("@")[0]
    if len(local.encode()) > MAX_LOCAL_BYTES:
        raise ValueError(f"must have at most {MAX_LOCAL_BYTES} bytes before the @")
    return email


def validate_unicode(password: SecretStr) -> SecretStr:
    """Raise `ValueError` for lone surrogates, which cannot be encoded for hashing."""
    try:
        password.get_secret_value().encode()
    except UnicodeEncodeError:
        # A new error, because the original one contains the password.
        raise ValueError("must be valid Unicode") from None
    return password


def _validate_length(password: SecretStr) -> SecretStr:
    if len(canonical(password.get_secret_value())) > MAX_PASSWORD_LENGTH:
        raise ValueError(f"must have at most {MAX_PASSWORD_LENGTH} characters")
    return password


Email = Annotated[
    EmailStr,
    BeforeValidator(_validate_bare_address),
    AfterValidator(_validate_deliverable),
    Field(max_length=MAX_EMAIL_LENGTH, examples=["ada@example.com"]),
]
FullName = Annotated[Line, Field(max_length=100, examples=["Ada Lovelace"])]
Password = Annotated[
    SecretStr,
    Field(
        min_length=1,
        max_length=MAX_PASSWORD_PARTS,
        examples=["correct horse battery staple"],
        json_schema_extra={"maxLength": MAX_PASSWORD_LENGTH},
    ),
    AfterValidator(validate_unicode),
    AfterValidator(_validate_length),
]
# The service checks the minimum length, which is configurable, and whether the password is common,
# which depends on the user.
NewPassword = Annotated[
    Password,
    Field(
        description="At least 15 characters (configurable, never below 8), and not easy to guess.",
        json_schema_extra={"minLength": 8, "maxLength": MAX_PASSWORD_LENGTH},
    ),
]


class UserBase(InputSchema):
    """The fields of a user that the user chooses."""

    email: Email
    full_name: FullName | None = None


class UserCreate(UserBase):
    """The registration of a user."""

    password: NewPassword


class UserUpdate(PatchSchema):
    """The fields that users can change without their password."""

    full_name: FullName | None = None


class PasswordChange(InputSchema):
    """A new password, confirmed by the current password."""

    current_password: Password
    new_password: NewPassword = Field(examples=["a lamp beside the river"])


class EmailChange(InputSchema):
    """A new e-mail address, confirmed by the current password."""

    current_password: Password
    email: Email


class AccountDeletion(InputSchema):
    """The deletion of an account, confirmed by the current password."""

    current_password: Password


class UserResponse(OutputSchema):
    """A user, as shown to that user and to administrators."""

    id: UUID
    email: str
    full_name: str | None
    is_active: bool
    is_superuser: bool
    created_at: datetime


class UserInDB(OutputSchema):
    """The stored credentials of a user. Never return them to a client."""

    id: UUID
    email: str
    hashed_password: str
    is_active: bool
