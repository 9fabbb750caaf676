"""The rules of OAuth 2.0 for forms and errors (RFC 6749)."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import HTTPException, Request

from app.api.responses import Responses

ERRORS = {
    **dict.fromkeys((400, 408, 413, 415, 422), "invalid_request"),
    **dict.fromkeys((429, 503), "temporarily_unavailable"),
    500: "server_error",
}
# RFC 6749 5.2 allows printable ASCII without quotation marks and backslashes.
NOT_IN_DESCRIPTIONS = re.compile(r"[^ !#-\[\]-~]")
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
SCHEMA = {"$ref": "#/components/schemas/OAuthProblem"}
# The 400 response of an operation whose errors have `error` and `error_description`.
OAUTH_REFUSAL: Responses = {
    HTTPStatus.BAD_REQUEST: {
        "description": "The request or its credentials are not valid: see `error_description`.",
        "content": {"application/problem+json": {"schema": SCHEMA}},
    }
}


def oauth_members(problem: Mapping[str, Any]) -> dict[str, str]:
    """Return `error` and `error_description` for a problem (RFC 6749 4.1.2.1, 5.2)."""
    if (error := ERRORS.get(problem["status"])) is None:
        return {}
    description, invalid = problem["detail"], problem.get("errors")
    if invalid:
        names = {each["loc"][-1] for each in invalid}
        if "grant_type" in names:
            error = "unsupported_grant_type"
        elif names == {"scope"}:
            error = "invalid_scope"
        description = f"{invalid[0]['loc'][-1]}: {invalid[0]['message']}."
    return {"error": error, "error_description": NOT_IN_DESCRIPTIONS.sub("'", description)}


async def require_oauth_form(request: Request) -> None:
    """Raise `HTTPException` if the body is not a form, or repeats a parameter (RFC 6749 3.2)."""
    media_type = request.headers.get("content-type", FORMS[0]).partition(";")[0].strip().lower()
    if media_type not in FORMS:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"The body must be a form: {FORMS[0]}.")
    names = [name for name, _ in (await request.form()).multi_items()]
    if len(names) > len(set(names)):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The form must not repeat a parameter.")
