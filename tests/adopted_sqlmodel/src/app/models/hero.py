"""Heroes and their teams."""

from sqlmodel import Field, Relationship, SQLModel

from app.core.db.base import Base

# One metadata and one registry for all tables, so that revisions compare all of them.
SQLModel.metadata = Base.metadata


class Team(SQLModel, table=True):
    """A team of heroes."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=50, unique=True)
    heroes: list["Hero"] = Relationship(back_populates="team")


class HeroBase(SQLModel):
    """The columns of a hero that requests and responses contain."""

    name: str = Field(index=True)
    age: int | None = None


class Hero(HeroBase, table=True):
    """A hero."""

    id: int | None = Field(default=None, primary_key=True)
    team_id: int | None = Field(default=None, foreign_key="team.id")
    team: Team | None = Relationship(back_populates="heroes")


class HeroCreate(HeroBase):
    """A new hero."""

    team: str


class HeroPublic(HeroBase):
    """A hero in a response."""

    id: int
