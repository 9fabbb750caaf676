"""What the tests of the API share."""

from collections.abc import Iterator
from functools import cache

import pytest

from app.core import passwords


@pytest.fixture(scope="session", autouse=True)
def _each_password_is_hashed_once() -> Iterator[None]:
    """Remember what was hashed and verified: it takes a core 25 ms each time."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("get_password_hash", "verify_password"):
            patch.setattr(passwords, name, cache(getattr(passwords, name)))
        yield
