"""Creates the application."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from slowapi import Limiter
from slowapi.util import get_remote_address

from app.api.deps.preconditions import answer_not_modified
from app.api.docs import OPENAPI_URL, add_docs
from app.api.health import add_health
from app.api.openapi import describe_problems, name_operation
from app.api.routing import MAX_FORM_BYTES, MAX_FORM_FIELDS
from app.api.v1.router import api_router
from app.config import Settings, get_settings
from app.core.clock import Clock, utc_now
from app.core.http.cors import CORS_EXPOSED, CORS_HEADERS, CORS_METHODS, ProblemCORSMiddleware
from app.core.http.flat_routes import Application
from app.core.http.middleware import (
    BodyLimitMiddleware,
    HeadMiddleware,
    MetricsMiddleware,
    RequestContextMiddleware,
    RequestLogMiddleware,
    RequestTimeoutMiddleware,
    RootPathMiddleware,
    SecurityHeadersMiddleware,
    TrustedHostMiddleware,
    UnexpectedErrorMiddleware,
)
from app.core.http.preconditions import NotModified
from app.core.http.problems import add_problem_handlers
from app.core.http.slash_redirects import add_slash_redirects
from app.core.observability.logging import configure_logging
from app.core.observability.metrics import Metrics
from app.core.observability.telemetry import telemetry_config
from app.resources import open_resources


def create_app(settings: Settings, clock: Clock = utc_now) -> FastAPI:
    """Create the application. It opens its resources at startup and closes them at shutdown."""
    metrics = Metrics()
    app = Application(
        title=settings.app_name,
        debug=settings.debug,
        lifespan=partial(lifespan, settings=settings, clock=clock, metrics=metrics),
        openapi_url=OPENAPI_URL if settings.docs_wanted else None,
        servers=[{"url": settings.root_path or "/"}],
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=name_operation,
        # Limits for all forms. An operation for files or larger forms sets its own `form_limits`.
        form_limits={
            "max_fields": MAX_FORM_FIELDS,
            "max_files": 0,
            "max_part_size": MAX_FORM_BYTES,
        },
        telemetry=telemetry_config(settings.root_path),
    )
    # For slowapi's decorator, which counts per process; `RateLimit` can use Redis instead.
    app.state.limiter = Limiter(get_remote_address, enabled=settings.rate_limit_enabled)
    _add_middleware(app, settings, metrics)
    add_problem_handlers(app)
    app.exception_handler(NotModified)(answer_not_modified)
    _add_routes(app, settings)
    add_slash_redirects(app)
    describe_problems(app, settings.root_path)
    return app


@asynccontextmanager
async def lifespan(
    app: FastAPI, settings: Settings, clock: Clock, metrics: Metrics
) -> AsyncGenerator[None]:
    """Keep the resources open while the application runs."""
    async with open_resources(settings, clock, metrics) as app.state.resources:
        yield


def _add_routes(app: FastAPI, settings: Settings) -> None:
    add_health(app)
    app.include_router(api_router, prefix="/api/v1")
    if settings.docs_wanted:
        add_docs(app)


def _add_middleware(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """Add the middleware. The last one to be added is the outermost."""
    app.add_middleware(BodyLimitMiddleware, max_bytes=settings.max_body_bytes)
    app.add_middleware(UnexpectedErrorMiddleware, debug=settings.debug)
    app.add_middleware(RequestTimeoutMiddleware, seconds=settings.request_timeout_seconds)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=settings.allowed_hosts)
    if settings.cors_origins:
        # Tokens are sent in a header, never in a cookie, so browsers need not send credentials.
        app.add_middleware(
            ProblemCORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=CORS_METHODS,
            allow_headers=(*CORS_HEADERS, *settings.cors_allowed_headers),
            expose_headers=CORS_EXPOSED,
        )
    app.add_middleware(HeadMiddleware)
    if settings.log_requests:
        app.add_middleware(RequestLogMiddleware)
    app.add_middleware(SecurityHeadersMiddleware, https_only=not settings.is_development)
    app.add_middleware(RequestContextMiddleware)
    app.add_middleware(MetricsMiddleware, metrics=metrics)
    if settings.root_path:
        app.add_middleware(RootPathMiddleware, root_path=settings.root_path)


def __getattr__(name: str) -> FastAPI:
    """Create `app.main:app` on first access, so that importing this module needs no settings."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    settings = get_settings()
    configure_logging(settings.log_level, settings.log_format)
    app = globals()["app"] = create_app(settings)
    return app
