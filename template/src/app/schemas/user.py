"""Users, as they come in and as they go out."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, EmailStr, Field, SecretStr, StringConstraints

from app.schemas.base import NO_NUL, InputSchema, OutputSchema, PatchSchema

MAX_PASSWORD_LENGTH = 128


def _be_unicode(password: SecretStr) -> SecretStr:
    try:
        password.get_secret_value().encode()
    except UnicodeEncodeError:
        # A new error: the first one holds the password.
        raise ValueError("must be whole Unicode characters") from None
    return password


Email = Annotated[EmailStr, Field(max_length=254, examples=["ada@example.com"])]
FullName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=NO_NUL),
    Field(examples=["Ada Lovelace"]),
]
Password = Annotated[
    SecretStr,
    # Its least length is a setting; the service checks it.
    Field(min_length=1, max_length=MAX_PASSWORD_LENGTH, examples=["correct horse battery staple"]),
    AfterValidator(_be_unicode),
]


class UserBase(InputSchema):
    """What a user says of themselves."""

    email: Email
    full_name: FullName | None = None


class UserCreate(UserBase):
    """A registration."""

    password: Password


class UserUpdate(PatchSchema):
    """A change of what may be changed without the password."""

    full_name: FullName | None = None


class PasswordChange(InputSchema):
    """A new password, and the current one as proof."""

    current_password: Password
    new_password: Password


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
    hashed_password: str
    is_active: bool
