"""Accounts to which rows of other users refer."""

from httpx import AsyncClient
from sqlalchemy import text

from app.models.user import User
from tests.clients import problem
from tests.databases import RolledBackDatabase

ME = "/api/v1/users/me"


async def test_an_account_to_which_other_rows_refer_is_not_deleted(
    authenticated_client: AsyncClient, user: User, database: RolledBackDatabase
) -> None:
    async with database.begin() as session:
        await session.execute(text("CREATE TABLE reviews (author_id uuid REFERENCES users (id))"))
        await session.execute(text("INSERT INTO reviews VALUES (:author)"), {"author": user.id})

    response = await authenticated_client.delete(ME)

    assert problem(response)["status"] == 409
    assert problem(response)["detail"] == "Other users have rows that refer to this account."
    assert (await authenticated_client.get(ME)).status_code == 200
