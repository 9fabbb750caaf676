"""The audit trail."""

from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from app.core.observability.audit_log import AuditEvent
from app.models.user import User
from tests.clients import PASSWORD, client_of, sign_in
from tests.conftest import MakeApp
from tests.logs import LogLines

NEW = "correct horse battery staple"
ME = "/api/v1/users/me"


@pytest.fixture
def events(log_lines: LogLines) -> LogLines:
    """The lines of the audit log."""
    return lambda: [line for line in log_lines() if line["logger"] == "audit"]


def named(events: LogLines, name: AuditEvent) -> dict[str, Any]:
    [event] = [event for event in events() if event["event"] == name]
    return event


async def test_a_login_is_audited_with_user_and_client_address_but_no_secrets(
    app: FastAPI, user: User, events: LogLines
) -> None:
    """OBS-05, OBS-06"""
    client = client_of(app, address="192.0.2.7")

    response = await sign_in(client, user.email)

    [event] = events()
    assert event["event"] == "login_succeeded"
    assert event["subject"] == str(user.id)
    assert event["client"] == "192.0.2.7"
    assert event["request_id"] == response.headers["x-request-id"]
    secrets = (PASSWORD, response.json()["access_token"], response.json()["refresh_token"])
    assert not [secret for secret in secrets if secret in str(event)]


async def test_a_failed_login_is_audited_with_the_account_if_it_exists(
    client: AsyncClient, user: User, events: LogLines
) -> None:
    """OBS-05, OBS-06"""
    await sign_in(client, user.email, "wrongpassword12")
    await sign_in(client, "hunter2@example.com")

    assert [(event["event"], event["subject"]) for event in events()] == [
        ("login_failed", str(user.id)),
        ("login_failed", None),
    ]
    assert "wrongpassword12" not in str(events())
    assert "hunter2" not in str(events())


async def test_administrator_actions_are_audited_with_both_accounts(
    admin_client: AsyncClient, admin: User, user: User, events: LogLines
) -> None:
    """OBS-06"""
    await admin_client.patch(f"/api/v1/users/{user.id}", json={"is_active": False})
    await admin_client.post(f"/api/v1/users/{user.id}/password-reset")

    assert [event["event"] for event in events()] == [
        "sessions_ended",
        "account_changed",
        "password_reset_issued",
    ]
    assert {event["user_id"] for event in events()} == {str(admin.id)}
    assert {event["subject"] for event in events()} == {str(user.id)}
    assert named(events, AuditEvent.ACCOUNT_CHANGED)["is_active"] is False


async def test_logouts_and_deleted_sessions_are_audited(
    client: AsyncClient, authenticated_client: AsyncClient, user: User, events: LogLines
) -> None:
    """OBS-06"""
    token = (await sign_in(client, user.email)).json()["refresh_token"]
    await client.post("/api/v1/auth/logout", json={"refresh_token": token})
    await authenticated_client.delete(f"{ME}/sessions/{user.id}")

    signed_in, *ended = events()
    assert [(event["event"], event["ended_session"]) for event in ended] == [
        ("logout", signed_in["opened_session"]),
        ("sessions_ended", str(user.id)),
    ]


async def test_registration_and_password_reset_are_audited(
    client: AsyncClient, admin_client: AsyncClient, events: LogLines
) -> None:
    """OBS-05, OBS-06"""
    data = {"email": "grace@example.com", "password": PASSWORD}
    grace = (await client.post("/api/v1/users", json=data)).json()["id"]
    code = (await admin_client.post(f"/api/v1/users/{grace}/password-reset")).json()["code"]
    await client.post("/api/v1/auth/password-reset", json={"code": code, "new_password": NEW})

    assert [event["event"] for event in events()] == [
        *("user_created", "password_reset_issued", "sessions_ended", "password_reset_used")
    ]
    assert {event["subject"] for event in events()} == {grace}
    assert not [secret for secret in (PASSWORD, NEW, code, "grace@") if secret in str(events())]


async def test_account_changes_by_the_user_are_audited(
    app: FastAPI, client: AsyncClient, user: User, events: LogLines
) -> None:
    """OBS-06"""
    mine = client_of(app, (await sign_in(client, user.email)).json()["access_token"])
    passwords = {"current_password": PASSWORD, "new_password": NEW}
    email = {"current_password": NEW, "email": "new@example.com"}

    await mine.post(f"{ME}/password", json=passwords)
    await mine.post(f"{ME}/email", json=email)
    await mine.post("/api/v1/auth/logout")
    again = client_of(app, (await sign_in(client, "new@example.com", NEW)).json()["access_token"])
    await again.delete(ME)

    assert [event["event"] for event in events()] == [
        *("login_succeeded", "sessions_ended", "password_changed"),
        *("email_changed", "sessions_ended", "logout", "login_succeeded", "account_deleted"),
    ]
    assert {event["subject"] for event in events()} == {str(user.id)}
    assert not [secret for secret in (PASSWORD, NEW, "new@example.com") if secret in str(events())]


async def test_denied_and_rate_limited_requests_are_audited(
    make_app: MakeApp, user: User, test_user_token: str, events: LogLines
) -> None:
    """OBS-06"""
    app = await make_app(rate_limit_enabled=True, rate_limit_default="1/year")
    client = client_of(app, test_user_token)

    denied, limited = [await client.get("/api/v1/users") for _ in range(2)]

    assert [denied.status_code, limited.status_code] == [403, 429]
    assert named(events, AuditEvent.ACCESS_DENIED)["user_id"] == str(user.id)
    assert named(events, AuditEvent.RATE_LIMIT_EXCEEDED)["scope"] == "default"


async def test_the_user_id_of_a_request_is_not_logged_for_the_next_request(
    authenticated_client: AsyncClient, client: AsyncClient, user: User, log_lines: LogLines
) -> None:
    """OBS-06"""
    await authenticated_client.get(ME)
    await client.get(ME)

    known, unknown = [line for line in log_lines() if line["event"] == "request"]
    assert known["user_id"] == str(user.id)
    assert "user_id" not in unknown
