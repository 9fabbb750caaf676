"""Calls a started service with the client that openapi-python-client generated; prints statuses."""

import sys
from http import HTTPStatus

from api_client import AuthenticatedClient, Client
from api_client.api.auth import create_token, logout
from api_client.api.items import create_item, delete_item, list_items, read_item, update_item
from api_client.api.users import create_user, read_me
from api_client.models import (
    ItemCreate,
    ItemResponse,
    ItemUpdate,
    TokenRequest,
    TokenResponse,
    UserCreate,
)

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"


def show(status: HTTPStatus) -> None:
    """Print the number of a status."""
    print(status.value)  # noqa: T201 - the test reads it


def sign_in(url: str) -> AuthenticatedClient:
    """Register and log in; return a client that sends the access token."""
    anonymous = Client(base_url=url)
    user = UserCreate(email=EMAIL, password=PASSWORD)
    show(create_user.sync_detailed(client=anonymous, body=user).status_code)
    grant = TokenRequest(username=EMAIL, password=PASSWORD)
    response = create_token.sync_detailed(client=anonymous, body=grant)
    show(response.status_code)
    assert isinstance(response.parsed, TokenResponse)
    return AuthenticatedClient(base_url=url, token=response.parsed.access_token)


def use_items(client: AuthenticatedClient) -> None:
    """Create, list, read, change and delete an item, with conditional requests."""
    tea = ItemCreate(name="Tea", price="19.99", quantity=3, tags=["green"])
    created = create_item.sync_detailed(client=client, body=tea)
    show(created.status_code)
    assert isinstance(created.parsed, ItemResponse)
    item, old = created.parsed.id, created.headers["etag"]
    show(list_items.sync_detailed(client=client, tag=["green"]).status_code)
    show(read_me.sync_detailed(client=client).status_code)
    show(read_item.sync_detailed(item, client=client, if_none_match=old).status_code)
    more = ItemUpdate(quantity=4)
    other = update_item.sync_detailed(item, client=client, body=more, if_match='"99"')
    show(other.status_code)
    changed = update_item.sync_detailed(item, client=client, body=more, if_match=old)
    show(changed.status_code)
    new = changed.headers["etag"]
    show(delete_item.sync_detailed(item, client=client, if_match=new).status_code)


if __name__ == "__main__":
    signed_in = sign_in(sys.argv[1])
    use_items(signed_in)
    show(logout.sync_detailed(client=signed_in, body=None).status_code)
