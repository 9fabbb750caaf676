"""Pure ASGI middleware: around every request, whatever becomes of it."""

from app.core.middleware.body_limit import BodyLimitMiddleware
from app.core.middleware.head import HeadMiddleware
from app.core.middleware.metrics import MetricsMiddleware
from app.core.middleware.request_context import RequestContextMiddleware
from app.core.middleware.request_log import RequestLogMiddleware
from app.core.middleware.request_timeout import RequestTimeoutMiddleware
from app.core.middleware.security_headers import SecurityHeadersMiddleware
from app.core.middleware.trusted_host import TrustedHostMiddleware
from app.core.middleware.unexpected_errors import UnexpectedErrorMiddleware

__all__ = [
    "BodyLimitMiddleware",
    "HeadMiddleware",
    "MetricsMiddleware",
    "RequestContextMiddleware",
    "RequestLogMiddleware",
    "RequestTimeoutMiddleware",
    "SecurityHeadersMiddleware",
    "TrustedHostMiddleware",
    "UnexpectedErrorMiddleware",
]
