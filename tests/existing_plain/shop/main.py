import datetime
import os

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Integer, String, create_engine
from sqlalchemy.ext.declarative import declarative_base
from sqlalchemy.orm import relationship, sessionmaker

url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://")
engine = create_engine(url)
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()


class Shelf(Base):
    __tablename__ = "shelves"
    id = Column(Integer, primary_key=True)
    label = Column(String(20), unique=True, nullable=False)
    plants = relationship("Plant", back_populates="shelf")


class Plant(Base):
    __tablename__ = "plants"
    id = Column(Integer, primary_key=True)
    name = Column(String(50), nullable=False)
    height = Column(Integer, CheckConstraint("height > 0"), nullable=False)
    bought = Column(DateTime, default=datetime.datetime.utcnow)
    shelf_id = Column(Integer, ForeignKey("shelves.id"))
    shelf = relationship("Shelf", back_populates="plants")


Base.metadata.create_all(engine)


class PlantIn(BaseModel):
    name: str
    height: int
    shelf: str


class PlantOut(BaseModel):
    id: int
    name: str
    height: int

    class Config:
        orm_mode = True


app = FastAPI()


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


@app.post("/plants", response_model=PlantOut, status_code=201)
def add_plant(data: PlantIn, db=Depends(get_db)):
    shelf = db.query(Shelf).filter(Shelf.label == data.shelf).first() or Shelf(label=data.shelf)
    plant = Plant(name=data.name, height=data.height, shelf=shelf)
    db.add(plant)
    db.commit()
    return PlantOut(id=plant.id, name=plant.name, height=plant.height)


@app.get("/plants/{plant_id}", response_model=PlantOut)
def read_plant(plant_id: int, db=Depends(get_db)):
    plant = db.query(Plant).get(plant_id)
    if plant is None:
        raise HTTPException(404, "No such plant")
    return PlantOut(id=plant.id, name=plant.name, height=plant.height)
