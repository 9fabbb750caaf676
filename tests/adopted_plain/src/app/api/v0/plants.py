"""Plants, at the paths that they had before version 1."""

from fastapi import HTTPException

from app.api.deps import DbSession
from app.api.routing import APIRouter
from app.models.plant import Plant
from app.schemas.plant import PlantIn, PlantOut
from app.services import plant as plant_service

old_router = APIRouter(prefix="/plants", tags=["plants"])


@old_router.post("", response_model=PlantOut, status_code=201)
async def add_plant(data: PlantIn, session: DbSession) -> Plant:
    """Add a plant."""
    return await session.run_sync(plant_service.add_plant, data)


@old_router.get("/{plant_id}", response_model=PlantOut)
async def read_plant(plant_id: int, session: DbSession) -> Plant:
    """Read a plant."""
    plant = await session.run_sync(plant_service.find_plant, plant_id)
    if plant is None:
        raise HTTPException(404, "No such plant")
    return plant
