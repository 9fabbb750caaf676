from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy.orm import Session

from app.database import get_db
from app.models import Author, Book
from app.schemas import BookIn, BookOut

router = APIRouter(prefix="/books", tags=["books"])


@router.get("", response_model=list[BookOut])
def list_books(db: Session = Depends(get_db)):
    return db.query(Book).order_by(Book.title).all()


@router.post("", response_model=BookOut, status_code=201)
def add_book(data: BookIn, db: Session = Depends(get_db)):
    author = db.query(Author).filter_by(name=data.author).first()
    book = Book(title=data.title, price=data.price, author=author or Author(name=data.author))
    db.add(book)
    db.commit()
    db.refresh(book)
    return book


@router.get("/{book_id}", response_model=BookOut)
def read_book(book_id: int, db: Session = Depends(get_db)):
    book = db.get(Book, book_id)
    if book is None:
        raise HTTPException(404, "Book not found")
    return book
