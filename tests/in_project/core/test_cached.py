"""The decorator `cached`."""

from contextlib import suppress
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from pydantic import PydanticSchemaGenerationError, SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.cache.cache import Cache
from app.core.cache.decorator import cached
from app.core.db.after_commit import after_commit
from app.core.validation import OutputSchema
from tests.databases import RolledBackDatabase


class Stock(OutputSchema):
    owner: UUID
    worth: Decimal
    reads: int


reads: list[UUID] = []


@cached(ttl=60, tag="items:{owner_id}")
async def read_stock(session: AsyncSession, owner_id: UUID, currency: str = "EUR") -> Stock:
    """Return the stock of an owner."""
    reads.append(owner_id)
    return Stock(owner=owner_id, worth=Decimal("1.50"), reads=len(reads))


@pytest.fixture
def cache() -> Cache:
    reads.clear()
    return Cache()


async def test_calls_with_different_arguments_have_separate_cache_entries(
    cache: Cache, database: RolledBackDatabase
) -> None:
    """AUZ-01. The database session is not part of the cache key."""
    ada, eve = uuid4(), uuid4()
    answers = []
    for owner, currency in ((ada, "EUR"), (eve, "EUR"), (ada, "CHF"), (ada, "EUR")):
        async with database.begin() as session:
            answers.append(await read_stock(cache, session, owner, currency))
    async with database.begin() as session:
        by_name = await read_stock(cache, owner_id=ada, session=session)

    assert [answer.owner for answer in answers] == [ada, eve, ada, ada]
    assert [answer.reads for answer in answers] == [1, 2, 3, 1]
    assert by_name == answers[0] == Stock(owner=ada, worth=Decimal("1.50"), reads=1)


async def test_an_invalidation_removes_all_entries_of_one_owner(
    cache: Cache, database: RolledBackDatabase
) -> None:
    ada, eve = uuid4(), uuid4()
    for round_ in range(2):
        async with database.begin() as session:
            for owner, currency in ((ada, "EUR"), (ada, "CHF"), (eve, "EUR")):
                await read_stock(cache, session, owner, currency)
            if not round_:
                after_commit(session, cache.invalidate, f"items:{ada}")

    assert reads == [ada, ada, eve, ada, ada]


async def test_a_rolled_back_transaction_invalidates_and_caches_nothing(
    cache: Cache, database: RolledBackDatabase
) -> None:
    """Reads of a transaction that invalidates the tag bypass the cache."""
    owner = uuid4()
    answers = []
    async with database.begin() as session:
        answers.append(await read_stock(cache, session, owner))
    with suppress(LookupError):
        async with database.begin() as session:
            after_commit(session, cache.invalidate, f"items:{owner}")
            answers.append(await read_stock(cache, session, owner))
            raise LookupError
    async with database.begin() as session:
        answers.append(await read_stock(cache, session, owner))

    assert [answer.reads for answer in answers] == [1, 2, 1]


async def read_secret(owner_id: UUID, to: object = None) -> SecretStr:
    return SecretStr("x")


async def read_session(owner_id: UUID) -> AsyncSession:
    raise NotImplementedError


def test_the_cached_decorator_rejects_invalid_declarations() -> None:
    with pytest.raises(ValueError, match="ttl must be"):
        cached(ttl=0, tag="a")
    with pytest.raises(ValueError, match="must name parameters"):
        cached(ttl=1, tag="items:{user_id}")(read_secret)
    with pytest.raises(PydanticSchemaGenerationError):
        cached(ttl=1, tag="items")(read_session)


async def test_an_argument_that_is_not_a_plain_value_is_rejected(cache: Cache) -> None:
    """AUZ-01. All secrets have the same representation, and would share a cache entry."""

    @cached(ttl=60, tag="secrets")
    async def read(token: SecretStr | None) -> str:
        return repr(token and token.get_secret_value())

    assert await read(cache, None) == "None"
    with pytest.raises(TypeError, match="token must be a plain value"):
        await read(cache, SecretStr("one"))
