"""What makes the tests fast, and changes nothing of what they show."""

import gc
from collections.abc import Iterator
from functools import cache

import pytest

from app.core import passwords


def pytest_collection_finish() -> None:
    """Leave what was imported out of every collection of garbage: it saves a tenth of the time."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _each_password_is_hashed_once() -> Iterator[None]:
    """Remember what was hashed and verified: it takes a core 25 ms each time."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("get_password_hash", "verify_password"):
            patch.setattr(passwords, name, cache(getattr(passwords, name)))
        yield
