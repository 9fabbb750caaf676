"""Plants and their shelves."""

from sqlalchemy.orm import Session

from app.models.plant import Plant, Shelf
from app.schemas.plant import PlantIn


def add_plant(db: Session, data: PlantIn) -> Plant:
    """Add a plant, and its shelf if there is none with that label."""
    shelf = db.query(Shelf).filter(Shelf.label == data.shelf).first() or Shelf(label=data.shelf)
    plant = Plant(name=data.name, height=data.height, shelf=shelf)
    db.add(plant)
    db.flush()
    return plant


def find_plant(db: Session, plant_id: int) -> Plant | None:
    """Return a plant, or None if there is none of this id."""
    return db.get(Plant, plant_id)
