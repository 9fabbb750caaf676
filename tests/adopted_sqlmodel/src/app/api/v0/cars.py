"""Cars, at the paths that they had before version 1."""

from collections.abc import Sequence

from fastapi import HTTPException

from app.api.deps import DbSession
from app.api.routing import APIRouter
from app.models.car import Car
from app.models.owner import Owner
from app.schemas.car import CarCreate, CarPublic
from app.services import car as car_service

old_router = APIRouter(tags=["cars"])


@old_router.get("/cars", response_model=list[CarPublic])
async def list_cars(session: DbSession) -> Sequence[Car]:
    """List all cars."""
    return await session.run_sync(car_service.list_cars)


@old_router.post("/cars", response_model=CarPublic, status_code=201)
async def add_car(data: CarCreate, session: DbSession) -> Car:
    """Add a car."""
    return await session.run_sync(car_service.add_car, data)


@old_router.get("/cars/{car_id}", response_model=CarPublic)
async def read_car(car_id: int, session: DbSession) -> Car:
    """Read a car."""
    car = await session.run_sync(car_service.find_car, car_id)
    if car is None:
        raise HTTPException(404, "No such car")
    return car


@old_router.get("/owners/{owner_id}", response_model=Owner)
async def read_owner(owner_id: int, session: DbSession) -> Owner:
    """Read an owner."""
    owner = await session.run_sync(car_service.find_owner, owner_id)
    if owner is None:
        raise HTTPException(404, "No such owner")
    return owner
