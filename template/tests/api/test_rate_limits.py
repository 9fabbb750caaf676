"""Rate limits."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from fastapi import APIRouter, Depends, FastAPI
from httpx import AsyncClient, Response

from app.api.deps import RateLimit, limit_default
from app.models.user import User
from dev.valkey import EmbeddedValkey
from tests.clients import client_of, problem, sign_in
from tests.conftest import MakeApp, MakeUser
from tests.logs import LogLines

ME = "/api/v1/users/me"
# The limits are per year, so that no window ends while a test runs.
THREE = "3/year"
TWO = "2/year"
A_YEAR = 360 * 24 * 60 * 60


@pytest.fixture
async def limited(make_app: MakeApp) -> FastAPI:
    """An application that counts requests in memory, so that no other process shares its limits."""
    return await make_app(rate_limit_enabled=True, rate_limit_default=THREE, rate_limit_login=TWO)


async def statuses(client: AsyncClient, number: int, url: str = ME) -> list[int]:
    return [(await client.get(url)).status_code for _ in range(number)]


async def test_requests_above_the_limit_are_rejected(
    limited: FastAPI, test_user_token: str
) -> None:
    """RTL-01"""
    assert await statuses(client_of(limited, test_user_token), 5) == [200] * 3 + [429] * 2


async def test_a_429_response_has_retry_after_and_names_the_limit(limited: FastAPI) -> None:
    """RTL-02, HTT-11"""
    client = client_of(limited)
    await statuses(client, 3)

    response = await client.get(ME)

    assert response.status_code == 429
    assert 1 <= int(response.headers["retry-after"]) <= A_YEAR
    seconds = response.headers["retry-after"]
    assert response.headers["ratelimit"] == f'"default";r=0;t={seconds}'
    described = problem(response)
    assert described["error_code"] == "TOO_MANY_REQUESTS"
    assert described["detail"] == (
        f"Too many requests: the limit is 3 per 1 year. Retry after {seconds} seconds."
    )


async def test_every_response_reports_the_remaining_requests(
    limited: FastAPI, test_user_token: str
) -> None:
    """RTL-07"""
    client = client_of(limited, test_user_token)

    answers = [await client.get(url) for url in (ME, "/api/v1/users", ME, ME)]

    assert [answer.status_code for answer in answers] == [200, 403, 200, 429]
    left = [answer.headers["ratelimit"].partition(";t=")[0] for answer in answers]
    assert left == ['"default";r=2', '"default";r=1', '"default";r=0', '"default";r=0']
    policies = {answer.headers["ratelimit-policy"] for answer in answers}
    assert policies == {'"default";q=3;w=31104000'}


async def test_the_policy_header_lists_every_applied_limit(limited: FastAPI, user: User) -> None:
    """RTL-07"""
    response = await sign_in(client_of(limited), user.email)

    assert response.headers["ratelimit-policy"] == (
        '"default";q=3;w=31104000, "login";q=2;w=31104000, "account";q=2;w=31104000'
    )


async def test_requests_of_a_user_are_counted_across_client_addresses(
    limited: FastAPI, test_user_token: str
) -> None:
    clients = [client_of(limited, test_user_token, address=f"192.0.2.{n}") for n in range(4)]

    answers = [(await client.get(ME)).status_code for client in clients]

    assert answers == [200, 200, 200, 429]


async def test_anonymous_requests_do_not_reduce_the_limit_of_users_at_the_same_address(
    limited: FastAPI, test_user_token: str
) -> None:
    """RTL-09"""
    await statuses(client_of(limited), 4)

    assert await statuses(client_of(limited, test_user_token), 1) == [200]
    assert await statuses(client_of(limited, address="192.0.2.1"), 1) == [401]


async def test_requests_with_forged_tokens_share_the_limit_of_the_client_address(
    limited: FastAPI, test_user_token: str
) -> None:
    """RTL-04"""
    forged = [client_of(limited, f"{test_user_token}{n}") for n in range(4)]

    answers = [(await client.get(ME)).status_code for client in forged]

    assert answers == [401, 401, 401, 429]


async def test_login_and_registration_share_a_stricter_limit(limited: FastAPI, user: User) -> None:
    """PWD-12"""
    client = client_of(limited)

    answers: list[Response] = [
        await client.post("/api/v1/users", json={}),
        await sign_in(client, user.email, "wrong"),
        await sign_in(client, user.email),
    ]

    assert [answer.status_code for answer in answers] == [422, 400, 429]
    assert "the limit is 2 per 1 year." in problem(answers[-1])["detail"]


async def test_different_access_tokens_do_not_raise_the_login_limit_of_an_address(
    limited: FastAPI, make_user: MakeUser, make_token: Callable[[User], str]
) -> None:
    """RTL-01, RTL-04"""
    tokens = [make_token(await make_user(f"{n}@example.com")) for n in range(3)]
    clients = [client_of(limited, token) for token in tokens]
    answers = [await sign_in(client, f"{n}@example.org") for n, client in enumerate(clients)]

    assert [answer.status_code for answer in answers] == [400, 400, 429]


async def test_health_probes_are_not_rate_limited(limited: FastAPI) -> None:
    """RTL-09, REL-01"""
    client = client_of(limited)

    assert await statuses(client, 5, "/health") == [200] * 5
    assert await statuses(client, 5, "/ready") == [200] * 5


async def test_rate_limits_can_be_disabled(make_app: MakeApp, test_user_token: str) -> None:
    app = await make_app(rate_limit_enabled=False, rate_limit_default=THREE)

    assert await statuses(client_of(app, test_user_token), 5) == [200] * 5


async def test_rate_limits_of_an_included_router_apply_to_its_routes(limited: FastAPI) -> None:
    scope = RateLimit(uuid4().hex, lambda settings: settings.rate_limit_login)
    router = APIRouter(dependencies=[Depends(limit_default), Depends(scope)])
    router.get("/included")(lambda: {})
    limited.include_router(router, prefix="/more")

    assert await statuses(client_of(limited), 3, "/more/included") == [200, 200, 429]


async def test_applications_with_the_same_valkey_share_rate_limits(
    make_app: MakeApp, valkey_url: str, test_user_token: str
) -> None:
    """RTL-03"""
    settings = {"rate_limit_enabled": True, "rate_limit_default": THREE, "redis_url": valkey_url}
    clients = [client_of(await make_app(**settings), test_user_token) for _ in range(2)]

    answers = [await statuses(client, 2) for client in clients]

    assert answers == [[200, 200], [200, 429]]


async def test_rate_limits_are_counted_in_memory_while_valkey_is_unavailable(
    make_app: MakeApp, test_user_token: str, log_lines: LogLines
) -> None:
    """RTL-12, REL-07"""
    with EmbeddedValkey() as valkey:
        app = await make_app(
            rate_limit_enabled=True, rate_limit_default=THREE, redis_url=valkey.url
        )
        client = client_of(app, test_user_token)
        before = await statuses(client, 2)
    after = await statuses(client, 5)

    assert before == [200, 200]
    assert after == [200] * 3 + [429] * 2
    warnings = [line["event"] for line in log_lines() if line["level"] == "warning"]
    assert warnings == ["rate_limit_storage_away"]
