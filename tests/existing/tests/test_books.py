def test_a_book_is_read_back(client):
    book = {"title": "The Waves", "price": "9.9", "author": "Virginia Woolf"}
    added = client.post("/books", json=book).json()

    read = client.get(f"/books/{added['id']}").json()
    assert read == added
    assert (read["slug"], read["price"]) == ("the-waves", "9.90")


def test_an_unknown_book_returns_404(client):
    assert client.get("/books/0").json()["detail"] == "Book not found"
