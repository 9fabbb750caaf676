import os

from fastapi import Depends, FastAPI, HTTPException
from sqlmodel import Field, Relationship, Session, SQLModel, create_engine, select

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg2:"))


class Team(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=50, unique=True)
    heroes: list["Hero"] = Relationship(back_populates="team")


class HeroBase(SQLModel):
    name: str = Field(index=True)
    age: int | None = None


class Hero(HeroBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    team_id: int | None = Field(default=None, foreign_key="team.id")
    team: Team | None = Relationship(back_populates="heroes")


class HeroCreate(HeroBase):
    team: str


class HeroPublic(HeroBase):
    id: int


app = FastAPI()


def get_session():
    with Session(engine) as session:
        yield session


@app.post("/heroes", response_model=HeroPublic, status_code=201)
def add_hero(data: HeroCreate, session: Session = Depends(get_session)):
    team = session.exec(select(Team).where(Team.name == data.team)).first()
    hero = Hero(name=data.name, age=data.age, team=team or Team(name=data.team))
    session.add(hero)
    session.commit()
    session.refresh(hero)
    return hero


@app.get("/heroes/{hero_id}", response_model=HeroPublic)
def read_hero(hero_id: int, session: Session = Depends(get_session)):
    hero = session.get(Hero, hero_id)
    if not hero:
        raise HTTPException(status_code=404, detail="Hero not found")
    return hero
