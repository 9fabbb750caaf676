"""Which values of settings are refused, and how."""

import pytest
from pydantic import ValidationError

from app.config import Settings
from tests.test_settings import PRODUCTION, URL, reasons


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("environment", "prod"),
        ("database_pool_size", "0"),
        ("access_token_expire_minutes", "61"),
        ("password_min_length", "7"),
        ("rate_limit_login", "often"),
        ("rate_limit_login", "10/minute;100/day"),
        ("rate_limit_login", "0/minute"),
        ("redis_url", "http://localhost:6379"),
        ("redis_url", "redis://localhost:a-port"),
        ("redis_url", "redis://localhost?socket_timeout=60"),
        ("database_statement_timeout_seconds", "inf"),
        ("rate_limit_default", ""),
        ("breached_passwords_url", "api.pwnedpasswords.com/range/"),
        ("breached_passwords_url", "ftp://api.pwnedpasswords.com/range/"),
        ("breached_passwords_url", "https:///range/"),
        ("breached_passwords_url", "https://somebody:secret@example.com/range/"),
        ("breached_passwords_url", "https://example.com/range/?mode=ntlm"),
        ("breached_passwords_url", "https://example.com:port/range/"),
        ("algorithm", "none"),
        ("feature_flags", "New Checkout"),
        ("feature_flags", "beta=101%"),
        ("feature_flags", "beta=0.5%"),
        ("feature_flags", "beta=10"),
        ("feature_flags", "beta,beta=10%"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(name: str, value: str) -> None:
    reason, *_ = reasons(**{name: value})

    assert reason.startswith(f"{name.upper()}: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("allowed_hosts", "https://api.example.com"),
        ("allowed_hosts", "*.example.com"),
        ("allowed_hosts", "api.example.com:8000"),
        ("cors_origins", "https://example.com/"),
        ("cors_origins", "example.com"),
        ("cors_origins", "https://*.example.com"),
        ("cors_origins", "https://Example.com"),
        ("cors_origins", "https://somebody@example.com"),
    ],
)
def test_a_name_that_can_never_match_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match="must be"):
        Settings(**PRODUCTION | {name: value})


def test_flags_are_read_with_their_shares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEATURE_FLAGS", "new-checkout, beta=10%,")

    assert Settings(**PRODUCTION).feature_flags == {"new-checkout": 100, "beta": 10}


def test_the_addresses_of_cloud_databases_are_read() -> None:
    settings = Settings(**PRODUCTION | {"database_url": f"{URL}?sslmode=require"})

    assert settings.sqlalchemy_url.query == {"ssl": "require"}


@pytest.mark.parametrize("url", [f"{URL}?channel_binding=require", "postgresql://a:b@c:port/d"])
def test_an_address_that_the_driver_cannot_read_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="DATABASE_URL must be"):
        Settings(**PRODUCTION | {"database_url": url})


@pytest.mark.parametrize("url", ["https://example.com/range", "HTTPS://example.com/range/"])
def test_an_address_to_append_to_ends_with_a_slash(url: str) -> None:
    settings = Settings(**PRODUCTION | {"breached_passwords_url": url})

    assert settings.breached_passwords_url == "https://example.com/range/"
