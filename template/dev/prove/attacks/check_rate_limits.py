"""Rate limits: every operation has one, which a client cannot evade with a header."""

from fastapi import FastAPI
from httpx import Response

from dev.prove.attacks.checks import check, is_resource, report
from dev.prove.attacks.conftest import Prepare
from dev.prove.attacks.requests import Prepared, unexpected
from dev.prove.operations import Operation
from tests.clients import client_of
from tests.conftest import MakeApp

# Limits per year, so that no window ends while the check runs.
LIMIT, REQUESTS = "3/year", 6
TOO_MANY = 429
SPOOFED = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP")


@check("rate limit", is_resource)
async def test_every_operation_limits_the_requests_of_a_client(
    operation: Operation, prepared: Prepare, make_app: MakeApp
) -> None:
    request = await prepared(operation)
    app = await make_app(rate_limit_enabled=True, rate_limit_default=LIMIT, rate_limit_login=LIMIT)
    responses = [await send_from(app, request, number) for number in range(REQUESTS)]

    limited = [each for each in responses if each.status_code == TOO_MANY]
    problems = [problem for each in responses if (problem := unexpected(each))]
    if not limited:
        problems.append(f"{REQUESTS} requests are served where the limit is {LIMIT}")
    elif "retry-after" not in limited[0].headers:
        problems.append("the answer 429 has no Retry-After")
    report(problems)


async def send_from(app: FastAPI, request: Prepared, number: int) -> Response:
    """Send the request with the token of the actor, and with headers that name another client."""
    role = "anonymous" if "anonymous" in request.operation.roles else request.actor
    headers = dict.fromkeys(SPOOFED, f"192.0.2.{number}")
    token = request.callers[role].headers.get("Authorization", "").removeprefix("Bearer ")
    async with client_of(app, token or None, **headers) as client:
        return await client.request(request.operation.method, request.url, **request.sent)
