"""Errors that are answered to the client; each knows its status. See `app.core.http.problems`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar


class AppException(Exception):  # noqa: N818 - the name that FastAPI's users know
    """What went wrong, in a sentence for the caller."""

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
    """What was asked for does not exist, or not for this caller."""

    status_code = HTTPStatus.NOT_FOUND
    error_code = "NOT_FOUND"

    def __init__(self, resource: str, id: object) -> None:  # noqa: A002 - the guide's name
        super().__init__(f"{resource} with id {id} not found")


class ConflictError(AppException):
    """What was asked for contradicts what is there."""

    status_code = HTTPStatus.CONFLICT
    error_code = "CONFLICT"


class PreconditionFailedError(AppException):
    """It is not the version that the caller has seen."""

    status_code = HTTPStatus.PRECONDITION_FAILED
    error_code = "PRECONDITION_FAILED"

    def __init__(self) -> None:
        super().__init__("This is another version than the headers ask for: read it again.")


class ValidationError(AppException):
    """What was sent is well formed, but breaks a rule."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    error_code = "VALIDATION_ERROR"

    def __init__(self, detail: str, *loc: str) -> None:
        errors = [{"loc": list(loc), "message": detail, "type": "value_error"}]
        super().__init__(detail, extensions={"errors": errors})


class ForbiddenError(AppException):
    """The caller is known, and may not do this."""

    status_code = HTTPStatus.FORBIDDEN
    error_code = "FORBIDDEN"


class UnauthorizedError(AppException):
    """The caller is not known; a token that was sent and is no good is named so (RFC 6750 3.1)."""

    status_code = HTTPStatus.UNAUTHORIZED
    error_code = "UNAUTHORIZED"

    def __init__(self, detail: str, *, token_was_sent: bool) -> None:
        challenge = 'Bearer error="invalid_token"' if token_was_sent else "Bearer"
        super().__init__(detail, headers={"WWW-Authenticate": challenge})


class InvalidGrantError(AppException):
    """The credentials are refused; the same for every reason (RFC 6749 5.2, ASVS 6.3.8)."""

    status_code = HTTPStatus.BAD_REQUEST
    error_code = "INVALID_GRANT"

    def __init__(self, detail: str = "Wrong e-mail address or password.") -> None:
        super().__init__(detail, extensions={"error": "invalid_grant", "error_description": detail})


class InvalidCodeError(AppException):
    """The code is refused; the same for every reason (ASVS 6.4.3)."""

    status_code = HTTPStatus.BAD_REQUEST
    error_code = "INVALID_CODE"

    def __init__(self) -> None:
        super().__init__("The code is wrong, used or too old. Ask for another.")


class ServiceUnavailableError(AppException):
    """Something that the service needs is away; worth another try."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    error_code = "SERVICE_UNAVAILABLE"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})
