"""The schemas of error responses in the API's description."""

from typing import Literal

from pydantic import BaseModel, Field


class InvalidField(BaseModel):
    """An invalid part of the request, and its location. The value itself is not included."""

    loc: list[str] = Field(examples=[["body", "email"]])
    message: str
    type: str


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str
    instance: str = Field(description="The path of the request.")
    error_code: str = Field(examples=["NOT_FOUND"])
    request_id: str = Field(description="The id of the request, which is also in the logs.")
    errors: list[InvalidField] | None = Field(
        None, description="The invalid parts of the request, if its validation failed."
    )


class OAuthProblem(Problem):
    """An error for OAuth 2.0 libraries (RFC 6749 5.2)."""

    error: Literal[
        "invalid_grant", "invalid_request", "invalid_scope", "unsupported_grant_type"
    ] = Field(description="The error code of OAuth 2.0.")
    error_description: str = Field(description="The first problem of the request, in ASCII.")
