"""Validation of individual settings."""

from base64 import b64encode
from random import Random

import pytest
from pydantic import ValidationError

from app.config import Settings
from app.core.setting_types import is_guessable
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
        ("forwarded_allow_ips", "10.0.0.0/33"),
        ("forwarded_allow_ips", "10.0.0.1/8"),
        ("forwarded_allow_ips", "010.0.0.1"),
        ("forwarded_allow_ips", "0/0"),
        ("forwarded_allow_ips", "10.0.0.0/8,*"),
        ("forwarded_allow_ips", "10.0.0.1:8000"),
        ("forwarded_allow_ips", "[::1]"),
        ("forwarded_allow_ips", "10.0.0.1, ,"),
        ("forwarded_allow_ips", "proxy.example.com"),
        *(("root_path", value) for value in ("shop", "/", "/shop/", "//shop", "/a//b", "/a b")),
        *(("root_path", value) for value in ("/a/../b", "/..", "/./a", "/a?b", "/a#b", "/a%2Fb")),
        *(
            ("root_path", value)
            for value in ("/café", "/a\\b", "/a\n", "/{a}", "https://a.example/b")
        ),
        *(("root_path", value) for value in ("/api", "/api/v1", "/api/v1/items", "/health")),
        *(("root_path", value) for value in ("/ready", "/docs", "/api/docs", "/api/redoc")),
        ("cors_allowed_headers", "x-tenant: 1"),
        ("cors_allowed_headers", "traceparent tracestate"),
        ("feature_flags", "New Checkout"),
        ("feature_flags", "beta=101%"),
        ("feature_flags", "beta=0.5%"),
        ("feature_flags", "beta=10"),
        ("feature_flags", "beta,beta=10%"),
    ],
)
def test_an_invalid_setting_is_rejected_with_its_name(name: str, value: str) -> None:
    reason, *_ = reasons(**{name: value})

    assert reason.startswith(f"{name.upper()}: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("allowed_hosts", "https://api.example.com"),
        ("allowed_hosts", "*.example.com"),
        ("allowed_hosts", ".example.com"),
        ("allowed_hosts", "*."),
        ("allowed_hosts", "."),
        ("allowed_hosts", "api..example.com"),
        ("allowed_hosts", "api example.com"),
        ("allowed_hosts", "[*]"),
        ("cors_origins", "http://*"),
        ("cors_origins", "null"),
        ("allowed_hosts", "api.example.com:8000"),
        ("cors_origins", "https://example.com/"),
        ("cors_origins", "example.com"),
        ("cors_origins", "https://*.example.com"),
        ("cors_origins", "https://Example.com"),
        ("cors_origins", "https://somebody@example.com"),
    ],
)
def test_a_host_or_origin_that_can_never_match_is_rejected(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match="must be"):
        Settings(**PRODUCTION | {name: value})


@pytest.mark.parametrize(
    "key",
    [
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "zyxwvutsrqponmlkjihgfedcba9876543210",
        "acegikmoqsuwyACEGIKMOQSUWY02468-and-more",
        "B8kq0-fV2mB8kq0-fV2mB8kq0-fV2mB8",
        "1234567890qwertyuiopasdfghjklzxcvbnm",
        "aabbccddaaccbbddaabbccddaabbccddaabb",
    ],
)
def test_a_key_that_is_a_sequence_or_repetitive_is_rejected(key: str) -> None:
    """TOK-18"""
    assert reasons(secret_key=key)[0].startswith("SECRET_KEY is well known or easy to guess")


def test_generated_keys_are_accepted() -> None:
    for seed in range(500):
        source = Random(seed)  # noqa: S311 - the same keys in every run
        for key in (source.randbytes(32).hex(), b64encode(source.randbytes(32)).decode()):
            assert not is_guessable(key)


EVERYBODY = "FORWARDED_ALLOW_IPS must name the proxies"


@pytest.mark.parametrize("environment", ["staging", "production"])
@pytest.mark.parametrize(
    "value",
    [
        *("0.0.0.0/0", "::/0", "0.0.0.0/0.0.0.0", "10.0.0.0/8, ::/0", "::ffff:0:0/96", "2000::/3"),
        *("0.0.0.0/1,128.0.0.0/1", "::/1,8000::/1", "0.0.0.0/1,128.0.0.0/2,192.0.0.0/2"),
        ",".join(f"{first}.0.0.0/8" for first in range(0, 256, 2)),
        *("10.0.0.0/7", "8.0.0.0/8,52.0.0.0/32", "::ffff:0:0/97", "2400::/12"),
    ],
)
def test_proxies_that_cover_much_of_the_internet_are_rejected(environment: str, value: str) -> None:
    """CFG-01, RTL-04"""
    assert reasons(environment=environment, forwarded_allow_ips=value)[0].startswith(EVERYBODY)


@pytest.mark.parametrize(
    ("value", "proxies"),
    [
        ("", ""),
        (" 10.0.0.1 ,, 192.0.2.0/24,", "10.0.0.1/32,192.0.2.0/24"),
        ("10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7", None),
        ("104.16.0.0/13,104.24.0.0/14,172.64.0.0/13,2a06:98c0::/29,2600:9000::/28", None),
        ("::ffff:10.0.0.1,::1", "10.0.0.1/32,::1/128"),
    ],
)
def test_proxy_addresses_and_networks_are_accepted(value: str, proxies: str | None) -> None:
    expected = value if proxies is None else proxies

    assert Settings(**PRODUCTION, forwarded_allow_ips=value).forwarded_allow_ips == expected


def test_feature_flags_are_parsed_with_their_percentages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEATURE_FLAGS", "new-checkout, beta=10%,")

    assert Settings(**PRODUCTION).feature_flags == {"new-checkout": 100, "beta": 10}


def test_sslmode_in_the_database_url_is_translated_for_asyncpg() -> None:
    settings = Settings(**PRODUCTION | {"database_url": f"{URL}?sslmode=require"})

    assert settings.sqlalchemy_url.query == {"ssl": "require"}


@pytest.mark.parametrize("url", [f"{URL}?channel_binding=require", "postgresql://a:b@c:port/d"])
def test_a_database_url_that_the_driver_cannot_parse_is_rejected(url: str) -> None:
    with pytest.raises(ValidationError, match="DATABASE_URL must be"):
        Settings(**PRODUCTION | {"database_url": url})


@pytest.mark.parametrize("url", ["https://example.com/range", "HTTPS://example.com/range/"])
def test_the_breached_passwords_url_gets_a_trailing_slash(url: str) -> None:
    settings = Settings(**PRODUCTION | {"breached_passwords_url": url})

    assert settings.breached_passwords_url == "https://example.com/range/"


@pytest.mark.parametrize(
    "value", ["", "/shop", "/a/b-c/d_e/1.0", "/~ada", "/api/orders", "/healthy"]
)
def test_a_root_path_is_a_path_without_a_slash_at_its_end(value: str) -> None:
    assert Settings(**PRODUCTION, root_path=value).root_path == value
