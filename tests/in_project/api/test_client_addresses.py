"""Client addresses in rate limits."""

from fastapi import FastAPI

from tests.api.test_rate_limits import ME, limited, statuses
from tests.clients import client_of

__all__ = ["limited"]


async def test_addresses_of_one_ipv6_network_share_a_rate_limit(limited: FastAPI) -> None:
    """RTL-04"""
    addresses = ("2001:db8::1", "2001:db8::2%eth0", "2001:db8::ffff:1", "2001:db8:0:0:1::")
    clients = [client_of(limited, address=address) for address in addresses]

    answers = [(await client.get(ME)).status_code for client in clients]

    assert answers == [401, 401, 401, 429]
    assert await statuses(client_of(limited, address="2001:db8:0:1::1"), 1) == [401]
    assert await statuses(client_of(limited, address="no:address"), 1) == [401]


async def test_an_ipv4_address_and_its_ipv6_mapping_share_a_rate_limit(limited: FastAPI) -> None:
    """RTL-04, RTL-09"""
    addresses = ("::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1")
    clients = [client_of(limited, address=address) for address in addresses]

    answers = [(await client.get(ME)).status_code for client in clients]

    assert answers == [401, 401, 401, 429]
    assert await statuses(client_of(limited, address="::ffff:192.0.2.2"), 1) == [401]
