"""Heroes and their teams."""

from sqlalchemy.orm import Session
from sqlmodel import select

from app.models.hero import Hero, HeroCreate, Team


def add_hero(session: Session, data: HeroCreate) -> Hero:
    """Add a hero, and the team if there is none of that name."""
    team = session.scalars(select(Team).where(Team.name == data.team)).first()
    hero = Hero(name=data.name, age=data.age, team=team or Team(name=data.team))
    session.add(hero)
    session.flush()
    return hero


def find_hero(session: Session, hero_id: int) -> Hero | None:
    """Return a hero, or None if there is none of this id."""
    return session.get(Hero, hero_id)
