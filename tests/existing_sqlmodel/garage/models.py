from datetime import datetime, timezone
from enum import Enum

from sqlmodel import Field, Relationship, SQLModel


class Fuel(str, Enum):
    petrol = "petrol"
    electricity = "electricity"


class Owner(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=50, unique=True)
    cars: list["Car"] = Relationship(back_populates="owner")


class CarBase(SQLModel):
    plate: str = Field(max_length=10, index=True)
    fuel: Fuel = Fuel.petrol


class Car(CarBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    note: str | None = None
    registered: datetime | None = Field(default_factory=lambda: datetime.now(timezone.utc))
    owner_id: int | None = Field(default=None, foreign_key="owner.id")
    owner: Owner | None = Relationship(back_populates="cars")


class CarCreate(CarBase):
    owner: str


class CarPublic(CarBase):
    id: int
