"""Errors that become responses with their status code. See `app.core.http.problems`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

MAX_NAME_LENGTH = 100  # errors contain at most this many characters of a name from a client


class AppException(Exception):  # noqa: N818 - a public name
    """An error with a message for the client."""

    status_code: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    error_code: ClassVar[str] = "INTERNAL_SERVER_ERROR"

    def __init__(
        self,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.headers = dict(headers or {})
        self.extensions = dict(extensions or {})


class NotFoundError(AppException):
    """The resource does not exist, or is not visible to this user."""

    status_code = HTTPStatus.NOT_FOUND
    error_code = "NOT_FOUND"

    def __init__(self, resource: str, id: object, detail: str = "") -> None:  # noqa: A002 - public
        super().__init__(detail or f"{resource} with id {id} not found")


class ConflictError(AppException):
    """The request conflicts with the current state."""

    status_code = HTTPStatus.CONFLICT
    error_code = "CONFLICT"


class PreconditionFailedError(AppException):
    """The resource has changed since the client read it."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    error_code = "PRECONDITION_FAILED"

    def __init__(self) -> None:
        super().__init__("The resource has changed since you read it. Fetch it again and retry.")


class ValidationError(AppException):
    """The request is well-formed but breaks a rule."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    error_code = "VALIDATION_ERROR"

    def __init__(self, detail: str, *loc: str) -> None:
        place = [part[:MAX_NAME_LENGTH] for part in loc]
        errors = [{"loc": place, "message": detail, "type": "value_error"}]
        super().__init__(detail, extensions={"errors": errors})


class ForbiddenError(AppException):
    """The user is authenticated but lacks the permission."""

    status_code = HTTPStatus.FORBIDDEN
    error_code = "FORBIDDEN"


class UnauthorizedError(AppException):
    """The request is not authenticated.

    If the request has a token, the challenge contains `invalid_token` (RFC 6750 3.1).
    """

    status_code = HTTPStatus.UNAUTHORIZED
    error_code = "UNAUTHORIZED"

    def __init__(self, detail: str, *, token_was_sent: bool) -> None:
        challenge = 'Bearer error="invalid_token"' if token_was_sent else "Bearer"
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class InvalidGrantError(AppException):
    """The credentials are invalid. The response does not say which (RFC 6749 5.2, ASVS 6.3.8)."""

    status_code = HTTPStatus.BAD_REQUEST
    error_code = "INVALID_GRANT"

    def __init__(self, detail: str = "The e-mail address or password is wrong.") -> None:
        super().__init__(detail, extensions={"error": "invalid_grant", "error_description": detail})


class InvalidCodeError(AppException):
    """The code is invalid; the response is the same for every cause (ASVS 6.4.3)."""

    status_code = HTTPStatus.BAD_REQUEST
    error_code = "INVALID_CODE"

    def __init__(self) -> None:
        super().__init__("The code is wrong, used or expired. Ask for a new one.")


class ServiceUnavailableError(AppException):
    """A server that this service needs is unavailable; the client may retry."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    error_code = "SERVICE_UNAVAILABLE"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})
