"""The API's description."""

from typing import Any

from fastapi import FastAPI

from app.schemas.problem import Problem

# Every operation may answer so; FastAPI's own schema of errors is not what callers get.
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": Problem, "description": "What is wrong with the request (RFC 9457)."},
    "5XX": {"model": Problem, "description": "What is wrong with the service (RFC 9457)."},
}


def describe_problems(app: FastAPI) -> None:
    """Give the errors in `app`'s description the media type that they have."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            for path in describe()["paths"].values():
                for operation in path.values():
                    _use_problem_json(operation["responses"])
        return describe()

    app.openapi = openapi  # type: ignore[method-assign] # the way that FastAPI documents


def _use_problem_json(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        if status.startswith(("4", "5")) and "application/json" in response.get("content", {}):
            content = response["content"]
            content["application/problem+json"] = content.pop("application/json")
