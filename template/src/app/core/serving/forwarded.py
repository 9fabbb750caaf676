"""The address of the client, as trusted proxies report it."""

from functools import lru_cache
from ipaddress import ip_address

from uvicorn import Config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware, _TrustedHosts


class AddressesOnly(_TrustedHosts):
    """Ignores clients in `X-Forwarded-For` that are not IP addresses; the proxy is then the client.

    A proxy may report `unknown`, or a text that the client chose. Neither may identify the client
    in logs and rate limits (RTL-04).
    """

    def get_trusted_client_address(self, x_forwarded_for: str) -> tuple[str, int]:
        """Return the host and port of the client, or an empty host, which uvicorn ignores."""
        host, port = super().get_trusted_client_address(x_forwarded_for)
        return (host, port) if _is_address(host) else ("", 0)


def accept_only_addresses(config: Config) -> None:
    """Load the application, and make its proxy middleware accept only IP addresses as clients."""
    config.load()
    if isinstance(config.loaded_app, ProxyHeadersMiddleware):
        config.loaded_app.trusted_hosts = AddressesOnly(config.forwarded_allow_ips)


@lru_cache(4096)
def _is_address(host: str) -> bool:
    try:
        return not getattr(ip_address(host), "scope_id", None)  # the zone may be any text
    except ValueError:
        return False
