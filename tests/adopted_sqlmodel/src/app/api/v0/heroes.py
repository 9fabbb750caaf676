"""Heroes, at the paths that they had before version 1."""

from fastapi import HTTPException

from app.api.deps import DbSession
from app.api.routing import APIRouter
from app.models.hero import Hero, HeroCreate, HeroPublic
from app.services import hero as hero_service

old_router = APIRouter(prefix="/heroes", tags=["heroes"])


@old_router.post("", response_model=HeroPublic, status_code=201)
async def add_hero(data: HeroCreate, session: DbSession) -> Hero:
    """Add a hero."""
    return await session.run_sync(hero_service.add_hero, data)


@old_router.get("/{hero_id}", response_model=HeroPublic)
async def read_hero(hero_id: int, session: DbSession) -> Hero:
    """Read a hero."""
    hero = await session.run_sync(hero_service.find_hero, hero_id)
    if hero is None:
        raise HTTPException(404, "Hero not found")
    return hero
