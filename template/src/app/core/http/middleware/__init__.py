"""Pure ASGI middleware, which wraps every request."""

from app.core.http.middleware.body_limit import BodyLimitMiddleware
from app.core.http.middleware.head import HeadMiddleware
from app.core.http.middleware.metrics import MetricsMiddleware
from app.core.http.middleware.request_context import RequestContextMiddleware
from app.core.http.middleware.request_log import RequestLogMiddleware
from app.core.http.middleware.request_timeout import RequestTimeoutMiddleware
from app.core.http.middleware.root_path import RootPathMiddleware
from app.core.http.middleware.security_headers import SecurityHeadersMiddleware
from app.core.http.middleware.trusted_host import TrustedHostMiddleware
from app.core.http.middleware.unexpected_errors import UnexpectedErrorMiddleware

__all__ = [
    "BodyLimitMiddleware",
    "HeadMiddleware",
    "MetricsMiddleware",
    "RequestContextMiddleware",
    "RequestLogMiddleware",
    "RequestTimeoutMiddleware",
    "RootPathMiddleware",
    "SecurityHeadersMiddleware",
    "TrustedHostMiddleware",
    "UnexpectedErrorMiddleware",
]
