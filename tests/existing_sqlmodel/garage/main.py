import os

from fastapi import Depends, FastAPI, HTTPException
from sqlmodel import Session, create_engine, select

from garage.models import Car, CarCreate, CarPublic, Owner

url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
engine = create_engine(url)
app = FastAPI()


def get_session():
    with Session(engine) as session:
        yield session


@app.get("/cars", response_model=list[CarPublic])
def list_cars(session: Session = Depends(get_session)):
    return session.exec(select(Car).order_by(Car.plate)).all()


@app.post("/cars", response_model=CarPublic, status_code=201)
def add_car(data: CarCreate, session: Session = Depends(get_session)):
    owner = session.exec(select(Owner).where(Owner.name == data.owner)).first()
    car = Car.model_validate(data.model_dump(exclude={"owner"}))
    car.owner = owner or Owner(name=data.owner)
    session.add(car)
    session.commit()
    session.refresh(car)
    return car


@app.get("/cars/{car_id}", response_model=CarPublic)
def read_car(car_id: int, session: Session = Depends(get_session)):
    car = session.get(Car, car_id)
    if car is None:
        raise HTTPException(404, "No such car")
    return car


@app.get("/owners/{owner_id}", response_model=Owner)
def read_owner(owner_id: int, session: Session = Depends(get_session)):
    owner = session.get(Owner, owner_id)
    if owner is None:
        raise HTTPException(404, "No such owner")
    return owner
