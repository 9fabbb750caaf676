"""Types of settings. An invalid value raises `ValueError` with a one-line message."""

import re
from collections import Counter
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from itertools import pairwise
from typing import Annotated
from urllib.parse import urlsplit

from httpx import URL, InvalidURL
from limits import parse_many
from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from app.core.db.database_url import hosts_of, read_database_url

MIN_KEY_BYTES = 32  # as long as the hash of HS256 (RFC 7518 3.2)
MIN_KEY_VARIETY = 10
# Keys in tutorials and other templates; anyone who reads them could sign our tokens.
KNOWN_KEYS = ("changethis", "changeme", "change-me", "09d25e094faa6ca2556c8", "your-256-bit-secret")
KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
KNOWN_PASSWORDS = ("admin", "app", "changeme", "changethis", "password", "postgres")
# Parameters that authenticate to the database in place of a password.
CREDENTIALS = {"krbsrvname", "passfile", "service", "sslcert"}
REDIS_SCHEMES = ("redis", "rediss", "unix", "valkey", "valkeys")
# As many public addresses as in a /8 network, or a /20 in IPv6: no CDN has more.
MAX_TRUSTED_IPV4, MAX_TRUSTED_IPV6 = 2**24, 2**108
# Headers that browsers send for tracing libraries (W3C Trace Context, Sentry, Datadog, New Relic,
# Elastic, Azure, AWS, Zipkin), and two that many clients set.
BROWSER_HEADERS = (
    *("traceparent", "tracestate", "baggage", "sentry-trace", "newrelic", "request-id"),
    *("request-context", "elastic-apm-traceparent", "x-amzn-trace-id", "x-datadog-origin"),
    *("x-datadog-parent-id", "x-datadog-sampling-priority", "x-datadog-trace-id"),
    *("b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "x-b3-flags"),
    *("cache-control", "x-requested-with"),
)
MAPPED = IPv6Network("::ffff:0:0/96")
HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?|\[[0-9a-f:.]+\]|\*", re.ASCII | re.IGNORECASE)
HEADER = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)  # RFC 9110 5.1
ROOT_PATH = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[\w.~-]+)*", re.ASCII)
FLAG = re.compile(r"(?P<name>[a-z0-9]+(?:[-_.][a-z0-9]+)*)(?:=(?P<percent>100|[1-9]?[0-9])%)?")


def _validate_limit(value: str) -> str:
    try:
        amounts = [limit.amount for limit in parse_many(value)]
    except ValueError:
        amounts = []
    if len(amounts) != 1 or amounts[0] < 1:
        raise ValueError("must be one limit, such as 10/minute")
    return value


def _validate_host(value: str) -> str:
    if not HOST.fullmatch(value):
        raise ValueError("must be host names without ports, such as api.example.com")
    return value


def _validate_origin(value: str) -> str:
    parts = urlsplit(value)
    is_origin = value == f"{parts.scheme}://{parts.netloc}" and parts.scheme and parts.netloc
    # Browsers send lower-case origins, and the comparison is exact.
    if value != "*" and (not is_origin or value != value.lower() or set("*@") & set(value)):
        raise ValueError("must be origins in lower case, such as https://example.com")
    return value


def _validate_header(value: str) -> str:
    if not HEADER.fullmatch(value):
        raise ValueError("must be names of headers, such as traceparent,baggage")
    return value


def _validate_root_path(value: str) -> str:
    """Reject an invalid path, and a path of the service, which would make requests ambiguous."""
    if not ROOT_PATH.fullmatch(value):
        raise ValueError("must be a path such as /shop, without a slash at its end")
    own = {"/api", "/api/docs", "/api/redoc", "/docs", "/health", "/ready"}
    if value in own or f"{value}/".startswith("/api/v1/"):
        raise ValueError("must not be a path of the service itself, such as /api")
    return value


def _read_proxies(value: str) -> str:
    """Read addresses and networks; return `*` for a very large part of the internet."""
    # gunicorn splits the variable in the same way, and refuses a part that has only spaces.
    parts = [part.strip() for part in value.strip().split(",") if part]
    if parts == ["*"]:
        return "*"
    try:
        networks = [_as_ipv4(ip_network(part)) for part in parts]
    except ValueError:
        reason = "must be IP addresses or networks, such as 10.0.0.0/8,192.0.2.7"
        raise ValueError(reason) from None
    public = [network for network in networks if not network.is_private]
    ipv4 = collapse_addresses(each for each in public if isinstance(each, IPv4Network))
    ipv6 = collapse_addresses(each for each in public if isinstance(each, IPv6Network))
    if (
        sum(network.num_addresses for network in ipv4) > MAX_TRUSTED_IPV4
        or sum(network.num_addresses for network in ipv6) > MAX_TRUSTED_IPV6
    ):
        return "*"
    return ",".join(map(str, networks))


def _as_ipv4(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Convert a network in IPv4-mapped IPv6 notation (RFC 4291 2.5.5.2) to IPv4."""
    if not isinstance(network, IPv6Network) or not network.subnet_of(MAPPED):
        return network
    address = int(network.network_address) - int(MAPPED.network_address)
    return IPv4Network((address, network.prefixlen - MAPPED.prefixlen))


def _validate_redis_url(value: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(value.get_secret_value())
        is_redis = parts.scheme in REDIS_SCHEMES and parts.port != 0 and not parts.query
    except ValueError:
        is_redis = False
    if not is_redis:
        raise ValueError("must be a URL without options, such as redis://host:6379/0")
    return value


def _validate_range_url(value: str) -> str:
    try:
        url = URL(value)
    except InvalidURL:
        url = URL()
    # The hash prefix is appended to the URL, so it must have neither a query nor a fragment.
    if url.scheme not in {"http", "https"} or not url.host or set("@?#") & set(value):
        raise ValueError("must be a URL such as https://api.pwnedpasswords.com/range/")
    return str(url).rstrip("/") + "/"


def _read_flags(value: object) -> object:
    """Read `a, b=10%` as `a` for all users and `b` for a tenth of them."""
    if not isinstance(value, str):
        return value
    parts = [FLAG.fullmatch(part.strip()) for part in value.split(",") if part.strip()]
    flags = {part["name"]: int(part["percent"] or 100) for part in parts if part}
    if len(flags) != len(parts):  # a name is invalid or repeated
        raise ValueError("must be lower-case names, each once, such as new-checkout=10%,beta")
    return flags


def _split(value: object) -> object:
    """Read `a, b` as two values."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


# `NoDecode`: the text of these settings is not JSON.
FlagShares = Annotated[dict[str, int], NoDecode, BeforeValidator(_read_flags)]
Host = Annotated[str, AfterValidator(_validate_host)]
HeaderName = Annotated[str, AfterValidator(_validate_header)]
HeaderNames = Annotated[tuple[HeaderName, ...], NoDecode, BeforeValidator(_split)]
Hosts = Annotated[tuple[Host, ...], NoDecode, BeforeValidator(_split)]
Keys = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split)]
Limit = Annotated[str, AfterValidator(_validate_limit)]
Origin = Annotated[str, AfterValidator(_validate_origin)]
Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_split)]
Proxies = Annotated[str, AfterValidator(_read_proxies)]
RangeUrl = Annotated[str, AfterValidator(_validate_range_url)]
RedisUrl = Annotated[SecretStr, AfterValidator(_validate_redis_url)]
RootPath = Annotated[str, AfterValidator(_validate_root_path)]


def is_unprotected(database_url: str) -> bool:
    """Return whether a database URL has no credentials, or a well-known password."""
    try:
        url = read_database_url(database_url)
    except ValueError:
        return False
    if url.password:
        return url.password in KNOWN_PASSWORDS
    # On a Unix socket, the server can ask the operating system which user has connected.
    is_local = all((host or "").startswith("/") for host, _ in hosts_of(url))
    return not is_local and not CREDENTIALS & set(url.query)


def is_guessable(key: str) -> bool:
    """Return whether a key is known, repetitive, a sequence or has few distinct characters."""
    known = any(word in key.lower() for word in (*KNOWN_KEYS, *KEYBOARD_ROWS))
    repeats = any(key[n:] == key[:-n] for n in range(1, len(key) // 2 + 1))
    return known or repeats or _is_sequence(key) or len(set(key)) < MIN_KEY_VARIETY


def _is_sequence(key: str) -> bool:
    """Return whether half of the characters have the same distance to the next, as in `9753`."""
    steps = Counter(ord(after) - ord(before) for before, after in pairwise(key))
    return 2 * max(steps.values(), default=0) >= len(key)
