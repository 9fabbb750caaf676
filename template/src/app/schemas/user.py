"""Users, as they come in and as they go out."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, EmailStr, Field, SecretStr

from app.core.auth.passwords import canonical
from app.core.validation import InputSchema, Line, OutputSchema, PatchSchema

MAX_EMAIL_LENGTH = 254
MAX_LOCAL_BYTES = 64  # RFC 5321 4.5.3.1.1
MAX_PASSWORD_LENGTH = 128
# A character in as many parts as one may have; beyond that nothing needs to be looked at.
MAX_PASSWORD_PARTS = 4 * MAX_PASSWORD_LENGTH


def _validate_bare_address(email: object) -> object:
    """Refuse `Ada <ada@example.com>`, of which the name would be lost, and what is too long."""
    if not isinstance(email, str):
        return email
    if len(email) > MAX_EMAIL_LENGTH:
        raise ValueError(f"must have {MAX_EMAIL_LENGTH} characters at most")
    if "<" in email or email != email.strip():
        raise ValueError("must be an address alone, such as ada@example.com")
    return email


def _validate_deliverable(email: str) -> str:
    local = email.rpartition("@")[0]
    if len(local.encode()) > MAX_LOCAL_BYTES:
        raise ValueError(f"must have {MAX_LOCAL_BYTES} bytes at most before the @")
    return email


def validate_unicode(password: SecretStr) -> SecretStr:
    """Raise `ValueError` for half characters, which no hash could be made of."""
    try:
        password.get_secret_value().encode()
    except UnicodeEncodeError:
        # A new error: the first one holds the password.
        raise ValueError("must be whole Unicode characters") from None
    return password


def _validate_length(password: SecretStr) -> SecretStr:
    if len(canonical(password.get_secret_value())) > MAX_PASSWORD_LENGTH:
        raise ValueError(f"must have {MAX_PASSWORD_LENGTH} characters at most")
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
# Its least length is a setting, and whether it is common a question of its owner: the service asks.
NewPassword = Annotated[
    Password,
    Field(
        description="15 characters or more (a setting; at least 8), and not easy to guess.",
        json_schema_extra={"minLength": 8, "maxLength": MAX_PASSWORD_LENGTH},
    ),
]


class UserBase(InputSchema):
    """What a user says of themselves."""

    email: Email
    full_name: FullName | None = None


class UserCreate(UserBase):
    """A registration."""

    password: NewPassword


class UserUpdate(PatchSchema):
    """A change of what may be changed without the password."""

    full_name: FullName | None = None


class PasswordChange(InputSchema):
    """A new password, and the current one as proof."""

    current_password: Password
    new_password: NewPassword


class EmailChange(InputSchema):
    """A new address, and the current password as proof."""

    current_password: Password
    email: Email


class UserResponse(OutputSchema):
    """A user, as shown to themselves and to administrators."""

    id: UUID
    email: str
    full_name: str | None
    is_active: bool
    is_superuser: bool
    created_at: datetime


class UserInDB(OutputSchema):
    """What signing in needs to know; never leaves the service."""

    id: UUID
    email: str
    hashed_password: str
    is_active: bool
