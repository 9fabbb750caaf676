"""Cars and their owners."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.car import Car
from app.models.owner import Owner
from app.schemas.car import CarCreate


def list_cars(db: Session) -> Sequence[Car]:
    """Return all cars."""
    return db.scalars(select(Car).order_by(Car.plate)).all()


def add_car(db: Session, data: CarCreate) -> Car:
    """Add a car, and its owner if there is none of that name."""
    owner = db.scalars(select(Owner).filter_by(name=data.owner)).first()
    car = Car(**data.model_dump(exclude={"owner"}), owner=owner or Owner(name=data.owner))
    db.add(car)
    db.flush()
    return car


def find_car(db: Session, car_id: int) -> Car | None:
    """Return a car, or None if there is none of this id."""
    return db.get(Car, car_id)


def find_owner(db: Session, owner_id: int) -> Owner | None:
    """Return an owner, or None if there is none of this id."""
    return db.get(Owner, owner_id)
