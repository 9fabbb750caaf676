import os

from fastapi import FastAPI

from app.routers import authors, books

app = FastAPI(title="Bookshop")
app.include_router(authors.router)
app.include_router(books.router)


@app.get("/")
def read_shop():
    return {"shop": os.environ.get("SHOP_NAME", "Mara's")}
