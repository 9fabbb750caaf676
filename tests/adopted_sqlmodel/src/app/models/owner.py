"""Owners of cars."""

from sqlmodel import Field

from app.models.old import OldModel


class Owner(OldModel, table=True):
    """An owner of cars."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=50, unique=True)
