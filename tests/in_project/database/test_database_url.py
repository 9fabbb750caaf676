"""Supported and unsupported parameters of DATABASE_URL."""

from typing import Any

import pytest

from app.config import Settings
from app.core.db.database_url import read_database_url
from app.core.db.engine import connect_arguments
from tests.test_settings import PRODUCTION, reasons

SECRET = "npg-9sEcr3t"
BASE = f"postgresql://owner:{SECRET}@db.example.com/shop"
DATABASES = [
    f"postgresql://owner:{SECRET}@ep-a-1-pooler.eu-central-1.aws.neon.tech/shop"
    "?sslmode=require&channel_binding=require",
    f"postgresql://owner:{SECRET}@pg.neon.tech/shop?sslmode=require&options=endpoint%3Dep-a-1",
    f"postgresql://owner:{SECRET}@/shop?host=/cloudsql/project:region:instance",
    f"postgresql://owner:{SECRET}@localhost/shop?host=/cloudsql/project:region:instance",
    f"postgresql://owner:{SECRET}@%2Fcloudsql%2Fproject%3Aregion%3Ainstance/shop",
    "postgresql://owner@/shop?host=/cloudsql/project:region:instance",  # IAM
    f"postgresql://postgres.ref:{SECRET}@aws-0-eu.pooler.supabase.com:6543/postgres",
    f"postgres://owner:{SECRET}@ec2-1-2-3-4.compute-1.amazonaws.com:5432/shop?ssl=true",
    f"{BASE}?sslmode=verify-full&sslrootcert=/certs/global-bundle.pem",
    f"postgresql://owner%40server:{SECRET}@server.postgres.database.azure.com/shop?sslmode=require",
    f"{BASE}?user=owner@server&sslmode=require",
    f"postgresql://doadmin:{SECRET}@db-do-user-1-0.b.db.ondigitalocean.com:25060/defaultdb"
    "?sslmode=require",
    f"postgres://owner:{SECRET}@top2.nearest.of.app-db.internal:5432/app?sslmode=disable",
    f"postgresql://owner:{SECRET}@h1:5432,h2:5433,[::1]/shop?target_session_attrs=read-write",
    f"postgresql://owner:{SECRET}@/shop?host=h1:5432&host=h2:5433",
    f"{BASE}?sslcert=/c.crt&sslkey=/c.key&sslpassword=pw&sslcrl=/c.crl&sslmode=verify-ca",
    f"{BASE}?sslmode=require&sslnegotiation=direct&ssl_min_protocol_version=TLSv1.3",
    f"{BASE}?connect_timeout=10&application_name=shop&options=-c%20search_path%3Dshop",
    f"{BASE}?gssencmode=prefer&krbsrvname=postgres&gsslib=gssapi&sslcompression=0&keepalives=0",
    "postgresql://owner@db.example.com/shop?passfile=/run/secrets/pass",
    "postgresql://owner@db.example.com/shop?sslcert=/c.crt&sslkey=/c.key&sslmode=verify-full",
    "postgresql:///?service=shop",
    "postgresql://owner@/shop?host=/var/run/postgresql",
]
REFUSED = [
    *("hostaddr=1.2.3.4", "require_auth=scram-sha-256", "requirepeer=postgres", "sslcrldir=/crl"),
    *("keepalives=1", "keepalives_idle=30", "tcp_user_timeout=3", "load_balance_hosts=random"),
    *("gssencmode=require", "sslsni=0", "sslcompression=1", "SSLMODE=require", "sslmode=on"),
    *("channel_binding=yes", "channel_binding=require", "target_session_attrs=master"),
    *("sslnegotiation=direct", "sslrootcert=system&sslmode=require", "ssl=false"),
    *("ssl_min_protocol_version=SSLv3", "connect_timeout=soon", "port=0", "port=1,2", "foo"),
    *("pgbouncer=true", "connection_limit=5", "pool_timeout=5", "schema=shop", "search_path=a"),
    *("prepared_statement_cache_size=0", "command_timeout=5", "server_settings=x", "timeout=5"),
]


@pytest.mark.parametrize("url", DATABASES)
def test_urls_of_managed_databases_are_accepted_unchanged(url: str) -> None:
    read = Settings(**PRODUCTION | {"database_url": url}).sqlalchemy_url

    assert read_database_url(read) == read
    assert connect_arguments(read.render_as_string(hide_password=False)) == connect_arguments(url)


@pytest.mark.parametrize("parameters", REFUSED)
def test_an_unsupported_url_parameter_is_rejected_by_name(parameters: str) -> None:
    """CFG-01, CFG-03"""
    [reason] = reasons(database_url=f"{BASE}?{parameters}")

    name = parameters.partition("=")[0]
    assert reason.startswith("DATABASE_URL must be changed: ")
    assert ("sslmode" if name == "ssl" else name) in reason
    assert SECRET not in reason


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{BASE}?password=a%20b+c&user=u&dbname=d&port=7", ("u", "a b+c", "d", 7)),
        ("postgresql://us%40er:p%40s%2Fs@h/d%20b", ("us@er", "p@s/s", "d b", None)),
        ("postgresql://u:p/w?x#y:z@h:7/db", ("u", "p/w?x#y:z", "db", 7)),
        ("postgres://u:p@h", ("u", "p", None, None)),
    ],
)
def test_the_parts_of_the_url_are_percent_decoded(url: str, expected: tuple[Any, ...]) -> None:
    read = read_database_url(url)

    assert (read.username, read.password, read.database, read.port) == expected


def test_parsing_the_password_of_a_client_key_is_idempotent() -> None:
    read = read_database_url(f"{BASE}?sslcert=/c.crt&sslkey=/c.key&sslpassword=a%20b+c")

    assert read.query["sslpassword"] == "a b+c"
    assert read_database_url(read) == read


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://owner:12@{SECRET}@h/db",
        f"postgresql://owner:12@h?{SECRET}=3@h/db",
        f"postgresql://owner:{SECRET}@h1,,h2/db",
        f"postgresql://owner:{SECRET}%00@h/db",
        f"postgresql://owner:{SECRET}\udcff@h/db",  # a byte that is not UTF-8
        f"postgresql://owner:{SECRET}@::1/db",
        f"host=h password={SECRET}",
        f"mysql://owner:{SECRET}@h/db",
    ],
)
def test_an_invalid_database_url_is_not_repeated_in_the_error(url: str) -> None:
    """CFG-03"""
    [reason] = reasons(database_url=url)

    assert reason.startswith("DATABASE_URL must be a URI such as postgresql://")
    assert SECRET not in reason


def test_a_missing_database_url_is_reported_with_an_example() -> None:
    [reason] = reasons(database_url="")

    assert reason.startswith("DATABASE_URL must be set, such as postgresql://")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://h/db?user=owner&password=postgres",
        "postgresql://owner:changeme@/db?host=/var/run/postgresql",
        "postgresql://owner@h1,h2/db",
        "postgresql://owner@/db?host=/var/run/postgresql,h2",
        "postgresql:///db",
    ],
)
def test_a_database_url_with_a_missing_or_well_known_password_is_rejected(url: str) -> None:
    """CFG-01"""
    assert reasons(database_url=url) == [
        "DATABASE_URL must contain a password that is not well known"
    ]
