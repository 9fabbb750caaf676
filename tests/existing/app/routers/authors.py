from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy.orm import Session

from app.database import get_db
from app.models import Author
from app.schemas import AuthorIn, AuthorOut

router = APIRouter(prefix="/authors", tags=["authors"])


@router.get("", response_model=list[AuthorOut])
def list_authors(db: Session = Depends(get_db)):
    return db.query(Author).order_by(Author.name).all()


@router.post("", response_model=AuthorOut, status_code=201)
def add_author(data: AuthorIn, db: Session = Depends(get_db)):
    if db.query(Author).filter_by(name=data.name).first():
        raise HTTPException(409, "There is such an author")
    author = Author(name=data.name)
    db.add(author)
    db.commit()
    db.refresh(author)
    return author
