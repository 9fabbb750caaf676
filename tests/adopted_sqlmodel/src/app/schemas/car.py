"""Cars in requests and responses."""

from pydantic import BaseModel, ConfigDict, Field

from app.models.car import Fuel


class CarBase(BaseModel):
    """The fields that clients write and read."""

    model_config = ConfigDict(from_attributes=True)

    plate: str = Field(max_length=10)
    fuel: Fuel = Fuel.petrol


class CarCreate(CarBase):
    """A new car."""

    owner: str


class CarPublic(CarBase):
    """A car."""

    id: int
