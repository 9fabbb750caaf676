"""Validation, defaults and meaning of the settings."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from app.config import Settings

KEY = "B8kq0-fV2m_Zr7LxW4tYpN9cJ1hGdS6a"
URL = "postgresql://somebody:unguessable@db.example.com:5432/somewhere"
PRODUCTION: dict[str, Any] = {
    "database_url": URL,
    "redis_url": "redis://cache.example.com:6379/0",
    "secret_key": KEY,
    "allowed_hosts": "api.example.com",
}


def reasons(**changes: Any) -> list[str]:
    """Return the error messages for invalid settings."""
    with pytest.raises(ValidationError) as caught:
        Settings(**PRODUCTION | changes)
    assert "input_value" not in str(caught.value)
    [error] = caught.value.errors()
    return error["msg"].removeprefix("Value error, ").splitlines()


def test_the_default_environment_is_production_with_secure_defaults() -> None:
    settings = Settings(**PRODUCTION)

    assert settings.environment == "production"
    assert not settings.debug
    assert not settings.docs_wanted
    assert settings.access_token_expire_minutes == 15
    assert settings.password_min_length == 15
    assert settings.rate_limit_enabled
    assert settings.rate_limit_login == "10/minute"
    assert settings.max_body_bytes == 1_048_576
    assert settings.request_timeout_seconds == 30


@pytest.mark.parametrize("environment", ["staging", "production"])
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"database_url": ""}, "DATABASE_URL must be set"),
        ({"database_url": "nonsense"}, "DATABASE_URL must be a URI"),
        ({"database_url": "mysql://a:unguessable@b/c"}, "DATABASE_URL must be a URI"),
        ({"database_url": "postgresql://a:b:c:d"}, "DATABASE_URL must be a URI"),
        ({"database_url": "postgresql://app@db/app"}, "DATABASE_URL must contain a"),
        ({"database_url": "postgresql://app:@db/app"}, "DATABASE_URL must contain a"),
        ({"database_url": "postgresql://app:postgres@db/app"}, "DATABASE_URL must contain"),
        ({"request_timeout_seconds": 10}, "REQUEST_TIMEOUT_SECONDS must exceed twice"),
        ({"secret_key": ""}, "SECRET_KEY must be 32 random bytes or more"),
        ({"secret_key": KEY[:-1]}, "SECRET_KEY must be 32 random bytes or more"),
        ({"secret_key": "abc123" * 8}, "SECRET_KEY is well known or easy to guess"),
        ({"secret_key": f"ChangeThis {KEY}"}, "SECRET_KEY is well known or easy to guess"),
        ({"previous_secret_keys": f"{KEY},changethis"}, "PREVIOUS_SECRET_KEYS must be 32"),
        ({"debug": True}, "DEBUG must be off"),
        ({"allowed_hosts": ""}, "ALLOWED_HOSTS must name the hosts"),
        ({"allowed_hosts": "api.example.com,*"}, "ALLOWED_HOSTS must name the hosts"),
        ({"cors_origins": "*"}, "CORS_ORIGINS must name the origins"),
        ({"docs_enabled": True}, "DOCS_ENABLED must be off"),
        ({"breached_passwords_url": "http://a/"}, "BREACHED_PASSWORDS_URL must begin with https"),
        ({"forwarded_allow_ips": "*"}, "FORWARDED_ALLOW_IPS must name the proxies"),
        ({"secret_key": "0123456789abcdef" * 3}, "SECRET_KEY is well known or easy to guess"),
        ({"redis_url": None}, "REDIS_URL must be set, or RATE_LIMIT_STORAGE=memory"),
        ({"redis_url": None, "rate_limit_storage": "redis"}, "REDIS_URL must be set if"),
    ],
    ids=str,
)
def test_missing_or_insecure_settings_are_rejected_outside_development(
    environment: str, change: dict[str, Any], reason: str
) -> None:
    """CFG-01, TOK-18, COR-02"""
    told = reasons(environment=environment, **change)

    assert told[0].startswith(reason)
    assert KEY not in str(told)


def test_all_insecure_settings_are_reported_together() -> None:
    """CFG-01"""
    told = reasons(
        database_url="postgresql://app:app@db/app",
        redis_url=None,
        secret_key="changethis",
        debug=True,
        allowed_hosts="*",
        cors_origins="*",
        docs_enabled=True,
    )

    assert [line.split()[0] for line in told] == [
        *("SECRET_KEY", "SECRET_KEY", "DATABASE_URL", "REDIS_URL"),
        *("DEBUG", "ALLOWED_HOSTS", "CORS_ORIGINS", "DOCS_ENABLED"),
    ]


@pytest.mark.parametrize(
    "change", [{"rate_limit_storage": "memory"}, {"rate_limit_enabled": False}]
)
def test_production_can_omit_redis_if_rate_limits_are_not_shared(change: dict[str, Any]) -> None:
    settings = Settings(**PRODUCTION | {"redis_url": None} | change)

    assert not settings.shares_rate_limits


def test_rate_limits_can_be_counted_in_memory_even_if_redis_is_configured() -> None:
    assert Settings(**PRODUCTION).shares_rate_limits
    assert not Settings(**PRODUCTION, rate_limit_storage="memory").shares_rate_limits


@pytest.mark.parametrize("environment", ["local", "test"])
def test_development_requires_only_a_database_url_and_a_secret_key(environment: Any) -> None:
    settings = Settings(
        environment=environment, database_url="postgresql:///app", secret_key="k" * 32
    )

    assert settings.docs_wanted == (environment == "local")
    assert not settings.shares_rate_limits


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_all_postgresql_url_schemes_select_asyncpg(scheme: str) -> None:
    settings = Settings(**PRODUCTION | {"database_url": URL.replace("postgresql", scheme)})

    url = settings.sqlalchemy_url
    assert url.drivername == "postgresql+asyncpg"
    assert (url.username, url.password, url.port) == ("somebody", "unguessable", 5432)


def test_list_settings_are_parsed_from_comma_separated_values() -> None:
    settings = Settings(
        **PRODUCTION
        | {
            "allowed_hosts": "api.example.com, www.example.com,",
            "cors_origins": ["https://example.com"],
            "previous_secret_keys": f"{KEY[::-1]} , {KEY.swapcase()}",
        }
    )

    assert settings.allowed_hosts == ("api.example.com", "www.example.com")
    assert settings.cors_origins == ("https://example.com",)
    assert settings.secret_keys == (KEY, KEY[::-1], KEY.swapcase())


def test_text_representations_of_the_settings_contain_no_secrets() -> None:
    """CFG-03"""
    settings = Settings(**PRODUCTION | {"previous_secret_keys": KEY[::-1]})

    for text in (repr(settings), str(settings), settings.model_dump_json()):
        for secret in (KEY, KEY[::-1], "unguessable", "cache.example.com"):
            assert secret not in text


def test_settings_are_immutable() -> None:
    settings = Settings(**PRODUCTION)

    with pytest.raises(ValidationError, match="frozen"):
        settings.debug = True  # type: ignore[misc] # mypy also rejects this


def test_settings_are_read_from_a_secrets_folder_unless_the_environment_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CFG-02"""
    for name, value in PRODUCTION.items():
        (tmp_path / name).write_text(f"{value}\n")
    monkeypatch.setenv("ALLOWED_HOSTS", "www.example.com")

    settings = Settings(_secrets_dir=tmp_path)

    assert settings.secret_keys == (KEY,)
    assert settings.allowed_hosts == ("www.example.com",)


def test_an_invalid_value_does_not_hide_other_errors() -> None:
    """CFG-01"""
    told = reasons(log_level="LOUD", debug=True, previous_secret_keys="short")

    assert [reason.partition(" ")[0] for reason in told] == [
        *("LOG_LEVEL:", "PREVIOUS_SECRET_KEYS", "PREVIOUS_SECRET_KEYS", "DEBUG")
    ]


def test_every_setting_is_in_the_example_env_file() -> None:
    example = Path(".env.example").read_text("utf-8")

    values = dict(re.findall(r"^(?:# )?([A-Z_]+)=(.*)", example, re.MULTILINE))
    assert {name.upper() for name in Settings.model_fields} <= {*values}
    default = Settings.model_fields["cors_allowed_headers"].default
    assert values["CORS_ALLOWED_HEADERS"] == ",".join(default)
