"""The requests that all servers are loaded with."""

import json
from urllib.parse import urlencode

from wrk import Workload

EMAIL, PASSWORD = "bench@example.com", "a lamp beside the river"
ITEM = {"name": "Lamp", "price": "19.99", "quantity": 3, "tags": ["brass", "small"]}
SIGN_IN = Workload(
    "login",
    "/api/v1/auth/token",
    "POST",
    urlencode({"username": EMAIL, "password": PASSWORD}),
    "application/x-www-form-urlencoded",
    has_token=False,
)
HEALTH = Workload("health", "/health", has_token=False)
WORKLOADS = (
    HEALTH,
    Workload("me", "/api/v1/users/me"),
    Workload("list", "/api/v1/items?limit=50"),
    Workload("create", "/api/v1/items", "POST", json.dumps(ITEM)),
    SIGN_IN,
)
SIGN_IN_CONNECTIONS = 8
