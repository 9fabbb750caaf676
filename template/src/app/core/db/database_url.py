"""Parses DATABASE_URL, a connection URI of libpq (PostgreSQL documentation, 34.1.1.2)."""

import re
from collections.abc import Sequence
from urllib.parse import unquote, unquote_plus

from sqlalchemy import URL

URI = re.compile(
    r"postgres(?:ql)?(?:\+\w+)?://"
    r"(?:(?P<user>[^:/?]*)(?::(?P<password>[^@]*))?@)?"
    r"(?P<hosts>[^/?]*)(?:/(?P<dbname>[^?]*))?(?:\?(?P<query>.*))?"
)
HOST = re.compile(r"(?:\[(?P<ipv6>[^\]]+)\]|(?P<name>[^:\[\]@]*))(?::(?P<port>[0-9]*))?")
EXAMPLE = "such as postgresql://user:password@host:5432/database"
NOT_SET = f"must be set, {EXAMPLE}"
NOT_A_URI = f"must be a URI {EXAMPLE}; in a password, write @ as %40, : as %3A and / as %2F"
# PostgreSQL rejects NUL, and the surrogates that Python substitutes for invalid UTF-8 bytes.
NOT_TEXT = re.compile("[\0\ud800-\udfff]")
DEFAULT_PORT, MAX_PORT = 5432, 65_535

TLS_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
ALWAYS_TLS = TLS_MODES[3:]
TLS_LIMITS = ("ssl_min_protocol_version", "ssl_max_protocol_version")
TLS_VERSIONS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
TARGETS = ("any", "read-write", "read-only", "primary", "standby", "prefer-standby")
CHOICES = {
    "channel_binding": ("disable", "prefer", "require"),
    "gsslib": ("gssapi", "sspi"),
    **dict.fromkeys(TLS_LIMITS, TLS_VERSIONS),
    "sslmode": TLS_MODES,
    "sslnegotiation": ("postgres", "direct"),
    "target_session_attrs": TARGETS,
}
# Parameters that asyncpg does not support, with the values that match its fixed behavior.
FIXED = {
    "client_encoding": ("utf8", "UTF8", "utf-8", "UTF-8"),
    "gssencmode": ("disable", "prefer"),
    "keepalives": ("0",),
    "load_balance_hosts": ("disable",),
    "sslcertmode": ("allow",),
    "sslcompression": ("0",),
    "sslsni": ("1",),
}
CLIENT_TLS = ("sslcert", "sslkey", "sslpassword", "sslcrl", *TLS_LIMITS)
SUPPORTED = {
    *("host", "port", "user", "password", "dbname", "passfile", "service"),
    *("application_name", "fallback_application_name", "options", "connect_timeout"),
    *("krbsrvname", "sslrootcert", *CLIENT_TLS, *CHOICES, *FIXED),
}
PREPARED = ("prepared_statement_cache_size", "statement_cache_size")
# Parameters of other drivers, and the setting or parameter to use instead.
REPLACEMENTS = {
    "DATABASE_PGBOUNCER=true": ("pgbouncer", *PREPARED),
    "DATABASE_POOL_SIZE": ("connection_limit", "pool_size"),
    "DATABASE_POOL_TIMEOUT_SECONDS": ("pool_timeout",),
    "DATABASE_STATEMENT_TIMEOUT_SECONDS": ("command_timeout", "statement_timeout"),
    "connect_timeout": ("timeout",),
    "options=-csearch_path%3DNAME": ("currentSchema", "schema", "search_path"),
}


def read_database_url(uri: str | URL) -> URL:
    """Parse a URI; return a URL that has each parameter once, as `connect_arguments` expects.

    As in libpq, a parameter in the query overrides the same parameter before the query. Raise
    `ValueError` for an invalid URI; the message contains no value, because values may be secret.
    """
    text = uri if isinstance(uri, str) else _to_libpq(uri)
    parts = URI.fullmatch(text)
    if parts is None or NOT_TEXT.search(unquote(text)):
        raise ValueError(NOT_A_URI if text else NOT_SET)
    given = {name: unquote(parts[name] or "") for name in ("user", "password", "dbname")}
    given |= _read_parameters(parts["query"] or "")
    hosts, ports = _hosts(parts["hosts"], given.pop("host", ""), given.pop("port", ""))
    if "sslmode" in given:
        given["ssl"] = given.pop("sslmode")  # the name in asyncpg and SQLAlchemy
    is_named = len(hosts) == 1 and not hosts[0].startswith("/")
    if not is_named:
        given["host"] = ",".join(hosts)
    if len(hosts) > 1:
        given["port"] = ",".join(str(port or DEFAULT_PORT) for port in ports)
    return URL.create(
        "postgresql+asyncpg",
        username=given.pop("user") or None,
        password=given.pop("password") or None,
        host=(hosts[0] or None) if is_named else None,
        port=ports[0] if len(hosts) == 1 else None,
        database=given.pop("dbname") or None,
        query=given,
    )


def hosts_of(url: URL) -> list[tuple[str | None, int | None]]:
    """Return the host (or the folder of a socket) and the port of each server in the URL."""
    if "host" not in url.query:
        return [(url.host, url.port)]
    hosts = str(url.query["host"]).split(",")
    if "port" not in url.query:
        return [(host, url.port) for host in hosts]
    return list(zip(hosts, map(int, str(url.query["port"]).split(",")), strict=True))


def _to_libpq(url: URL) -> str:
    """Return `url` in libpq's syntax, where a space in the query is `%20`, not `+`."""
    address, mark, query = url.render_as_string(hide_password=False).partition("?")
    return address + mark + query.replace("+", "%20")


def _read_parameters(query: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for parameter in filter(None, query.split("&")):
        name, _, encoded = parameter.partition("=")
        # Unlike libpq, most libraries write a space as +. In a password, + is a plus sign.
        value = (unquote if "password" in name else unquote_plus)(encoded)
        if name == "ssl":  # JDBC's `ssl=true`, which libpq reads too, and SQLAlchemy's `ssl=MODE`
            name, value = "sslmode", "require" if value == "true" else value
        elif name == "database":
            name = "dbname"
        elif name not in SUPPORTED and ("@" in query or not name.isprintable()):
            raise ValueError(NOT_A_URI)  # the name may be a part of a password
        _check(name, value)
        if name in {"host", "port"} and name in given:  # SQLAlchemy repeats both for several hosts
            value = f"{given[name]},{value}"
        given[name] = value
    _check_tls(given)
    if name := given.pop("fallback_application_name", ""):
        given.setdefault("application_name", name)
    return {name: value for name, value in given.items() if value and name not in FIXED}


def _check(name: str, value: str) -> None:
    for replacement, names in REPLACEMENTS.items():
        if name in names:
            raise _error(f"write {replacement} instead of {name}")
    if name not in SUPPORTED:
        raise _error(f"asyncpg does not support {name}")
    choices = CHOICES.get(name) or FIXED.get(name)
    if choices and value and value not in choices:
        raise _error(f"{name} must be {' or '.join(choices)}")
    if name == "connect_timeout" and value and not value.isdecimal():
        raise _error("connect_timeout must be a number of seconds")


def _check_tls(given: dict[str, str]) -> None:
    mode = given.get("sslmode")
    if given.pop("channel_binding", None) == "require":
        if mode not in ALWAYS_TLS:
            raise _error("channel_binding=require needs sslmode=require or sslmode=verify-full")
        if mode == "require":
            # asyncpg has no channel binding, so the certificate must prove the server's identity.
            given |= {"sslmode": "verify-full"}
            given.setdefault("sslrootcert", "system")
    if given.get("sslrootcert") == "system":
        if given.setdefault("sslmode", "verify-full") != "verify-full":
            raise _error("sslrootcert=system needs sslmode=verify-full")
        if names := [name for name in CLIENT_TLS if name in given]:
            raise _error(f"{names[0]} needs a file as sslrootcert, not system")
    if given.get("sslnegotiation") == "direct" and mode not in ALWAYS_TLS:
        raise _error("sslnegotiation=direct needs sslmode=require or stricter")


def _hosts(authority: str, hosts: str, ports: str) -> tuple[Sequence[str], Sequence[int | None]]:
    """Return the hosts and ports in `authority`, or those in the query, which override them."""
    servers = [_read_server(host, is_encoded=True) for host in authority.split(",")]
    if hosts:
        own_port = servers[0][1] if len(servers) == 1 else None
        servers = [_read_server(host) for host in hosts.split(",")]
        servers = [(host, port or own_port) for host, port in servers]
    if len(servers) > 1 and not all(host for host, _ in servers):
        raise ValueError(NOT_A_URI)
    if ports:
        numbers = [_read_port(port) for port in ports.split(",")]
        if len(numbers) not in {1, len(servers)}:
            raise _error("port must be one number, or one number for each host")
        numbers *= len(servers) if len(numbers) == 1 else 1
        servers = [(host, port) for (host, _), port in zip(servers, numbers, strict=True)]
    return [host for host, _ in servers], [port for _, port in servers]


def _read_server(text: str, *, is_encoded: bool = False) -> tuple[str, int | None]:
    is_plain = text.startswith("/") or (text.count(":") > 1 and not text.startswith("["))
    if is_plain and not is_encoded:  # the folder of a socket, or an IPv6 address
        return text, None
    parts = HOST.fullmatch(text)
    if parts is None:
        raise ValueError(NOT_A_URI)
    host = parts["ipv6"] or parts["name"]
    return unquote(host) if is_encoded else host, _read_port(parts["port"] or "")


def _read_port(text: str) -> int | None:
    if text and not (text.isdecimal() and 0 < int(text) <= MAX_PORT):
        raise _error("a port must be a number from 1 to 65535")
    return int(text) if text else None


def _error(reason: str) -> ValueError:
    return ValueError(f"must be changed: {reason}")
