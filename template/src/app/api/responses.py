"""What answers hold beside their bodies, for the API's description."""

from typing import Any

TEXT = {"type": "string"}
ETAG = {"ETag": {"description": "The version, for `If-Match` and `If-None-Match`.", "schema": TEXT}}
LOCATION = {"Location": {"description": "Where it is.", "schema": TEXT}}

CREATED: dict[str, Any] = {"headers": LOCATION | ETAG}
VERSIONED: dict[str, Any] = {"headers": ETAG}
NOT_MODIFIED: dict[str, Any] = {"description": "The caller has it already.", "headers": ETAG}
