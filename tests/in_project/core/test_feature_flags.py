"""Feature flags and their rollout percentages."""

import pytest
from openfeature import api
from openfeature.flag_evaluation import FlagResolutionDetails

from app.core.flags.feature_flags import FeatureFlags, open_flags, rollout_provider
from tests.logs import LogLines

USERS = [f"user {number}" for number in range(200)]


async def those_with(name: str, percentage: int) -> set[str]:
    async with open_flags(rollout_provider({name: percentage})) as client:
        return {user for user in USERS if await FeatureFlags(client, user).is_enabled(name)}


async def test_a_larger_rollout_percentage_includes_the_users_of_a_smaller_one() -> None:
    some, more = await those_with("beta", 10), await those_with("beta", 50)

    assert 10 < len(some) < 30
    assert 80 < len(more) < 120
    assert some < more
    assert await those_with("beta", 10) == some
    assert await those_with("beta", 0) == set()
    assert await those_with("beta", 100) == {*USERS}


async def test_different_flags_are_enabled_for_different_users() -> None:
    """Otherwise, the same users would get all new features first."""
    some, others = await those_with("beta", 10), await those_with("new-checkout", 10)

    assert len(some & others) < 8


async def test_anonymous_clients_get_only_flags_enabled_for_all_users(log_lines: LogLines) -> None:
    async with open_flags(rollout_provider({"all": 100, "most": 99})) as client:
        flags = FeatureFlags(client, None)

        assert [await flags.is_enabled(name) for name in ("all", "most", "unheard-of")] == [
            *(True, False, False)
        ]
    assert log_lines() == []


async def test_applications_in_one_process_have_separate_flags() -> None:
    async with (
        open_flags(rollout_provider({"beta": 100})) as one,
        open_flags(rollout_provider({})) as other,
    ):
        assert await FeatureFlags(one, "ada").is_enabled("beta")
        assert not await FeatureFlags(other, "ada").is_enabled("beta")
    assert not await FeatureFlags(one, "ada").is_enabled("beta")
    assert not api.get_client().get_boolean_value("beta", False)


async def test_a_flag_is_off_if_its_provider_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    async def raise_error(*_: object) -> FlagResolutionDetails[bool]:
        raise ConnectionError

    broken = rollout_provider({"beta": 100})
    monkeypatch.setattr(broken, "resolve_boolean_details_async", raise_error)
    async with open_flags(broken) as client:
        assert not await FeatureFlags(client, "ada").is_enabled("beta")
