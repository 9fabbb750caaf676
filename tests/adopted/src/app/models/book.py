"""Books and their authors."""

from sqlalchemy import Column, ForeignKey, Integer, Numeric, String
from sqlalchemy.orm import relationship

from app.core.db.base import Base


class Author(Base):
    """A person who writes books."""

    __tablename__ = "authors"

    id = Column(Integer, primary_key=True)
    name = Column(String(100), unique=True, nullable=False)


class Book(Base):
    """A book that is sold."""

    __tablename__ = "books"

    id = Column(Integer, primary_key=True)
    title = Column(String(200), index=True, nullable=False)
    price = Column(Numeric(10, 2), nullable=False)
    author_id = Column(Integer, ForeignKey("authors.id"), nullable=False)
    author = relationship(Author, lazy="joined")


class Member(Base):
    """An account from before the template's users."""

    __tablename__ = "members"

    id = Column(Integer, primary_key=True)
    email = Column(String(200), unique=True, nullable=False)
    password_hash = Column(String(100), nullable=False)
