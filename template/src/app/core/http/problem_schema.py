"""How errors look, for the API's description."""

from pydantic import BaseModel, Field


class InvalidField(BaseModel):
    """One thing that is wrong with a request, and where; never what was sent."""

    loc: list[str] = Field(examples=[["body", "email"]])
    message: str
    type: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str
    instance: str = Field(description="The path of the request.")
    error_code: str = Field(examples=["NOT_FOUND"])
    request_id: str = Field(description="Stands in the logs, too.")
    errors: list[InvalidField] | None = Field(None, description="Only with status 422.")
