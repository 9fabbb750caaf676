"""Plants in requests and responses."""

from pydantic import BaseModel, ConfigDict


class PlantIn(BaseModel):
    """A new plant."""

    name: str
    height: int
    shelf: str


class PlantOut(BaseModel):
    """A plant."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    height: int
