"""Where the application is put together."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI
from slowapi import Limiter
from slowapi.util import get_remote_address

from app import project
from app.api.deps.preconditions import answer_not_modified
from app.api.docs import OPENAPI_URL, add_docs
from app.api.health import router as health_router
from app.api.openapi import describe_problems
from app.api.v1.router import api_router
from app.config import Settings, get_settings
from app.core.cache import Cache
from app.core.clock import Clock, utc_now
from app.core.cors import ProblemCORSMiddleware
from app.core.feature_flags import open_flags, rollout_provider
from app.core.http_client import create_http_client
from app.core.logging import configure_logging
from app.core.middleware import (
    BodyLimitMiddleware,
    HeadMiddleware,
    RequestContextMiddleware,
    RequestLogMiddleware,
    RequestTimeoutMiddleware,
    SecurityHeadersMiddleware,
    TrustedHostMiddleware,
    UnexpectedErrorMiddleware,
)
from app.core.pagination import Cursors
from app.core.passwords import Passwords
from app.core.preconditions import NotModified
from app.core.problems import add_problem_handlers
from app.core.rate_limit import RateLimiter
from app.core.redis_pool import create_redis_pool
from app.core.security import AccessTokens
from app.database import Database, create_engine
from app.services.session import SessionLifetimes

CORS_METHODS = ("GET", "POST", "PATCH", "DELETE")
CORS_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Request-ID",
)
CORS_EXPOSED = (
    "Deprecation",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "X-Request-ID",
)


def create_app(settings: Settings, clock: Clock = utc_now) -> FastAPI:
    """Make the application; what it needs open, its lifespan opens and closes."""
    app = FastAPI(
        title=settings.app_name,
        debug=settings.debug,
        lifespan=lifespan,
        openapi_url=OPENAPI_URL if settings.docs_wanted else None,
        docs_url=None,
        redoc_url=None,
        # An operation that wants files says so by a `form_limits` of its own.
        form_limits={"max_fields": 100, "max_files": 0},
    )
    _add_state(app, settings, clock)
    _add_middleware(app, settings)
    add_problem_handlers(app)
    app.exception_handler(NotModified)(answer_not_modified)
    app.include_router(health_router)
    app.include_router(api_router, prefix="/api/v1")
    if settings.docs_wanted:
        add_docs(app)
    describe_problems(app)
    return app


def create_database(settings: Settings) -> Database:
    """Make the database of `settings`; it connects when it is first used."""
    engine = create_engine(
        settings.sqlalchemy_url,
        application_name=settings.app_name,
        pool_size=settings.database_pool_size,
        pool_timeout_seconds=settings.database_pool_timeout_seconds,
        statement_timeout_seconds=settings.database_statement_timeout_seconds,
        pgbouncer=settings.database_pgbouncer,
    )
    return Database(engine)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Open what the application needs in the process that serves, and close it at the end."""
    settings: Settings = app.state.settings
    async with AsyncExitStack() as stack:
        app.state.database = create_database(settings)
        stack.push_async_callback(app.state.database.dispose)
        app.state.http_client = await stack.enter_async_context(create_http_client())
        # Another provider of OpenFeature, such as flagd's, goes in here.
        provider = rollout_provider(settings.feature_flags)
        app.state.flags = await stack.enter_async_context(open_flags(provider))
        pool = None
        if settings.redis_url is not None:
            pool = create_redis_pool(settings.redis_url.get_secret_value())
            stack.push_async_callback(pool.aclose)
        app.state.cache = Cache(pool, project.SLUG)
        app.state.rate_limiter = RateLimiter(pool if settings.shared_rate_limits else None)
        app.state.passwords = await Passwords.create(
            settings.password_min_length, settings.app_name
        )
        yield


def _add_state(app: FastAPI, settings: Settings, clock: Clock) -> None:
    app.state.settings = settings
    app.state.clock = clock
    app.state.is_stopping = False  # until the server says so
    app.state.access_tokens = AccessTokens.create(
        settings.secret_keys,
        settings.algorithm,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        lifetime=timedelta(minutes=settings.access_token_expire_minutes),
    )
    app.state.cursors = Cursors.create(settings.secret_keys)
    app.state.session_lifetimes = SessionLifetimes(
        idle=timedelta(days=settings.session_idle_days),
        absolute=timedelta(days=settings.session_absolute_days),
    )
    # For slowapi's decorator, which counts in this process; `RateLimit` counts for all.
    app.state.limiter = Limiter(get_remote_address, enabled=settings.rate_limit_enabled)


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """Wrap the application; the one added last is outermost."""
    app.add_middleware(BodyLimitMiddleware, max_bytes=settings.max_body_bytes)
    app.add_middleware(UnexpectedErrorMiddleware, debug=settings.debug)
    app.add_middleware(RequestTimeoutMiddleware, seconds=settings.request_timeout_seconds)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=settings.allowed_hosts)
    if settings.cors_origins:
        # Tokens come in a header, never in a cookie: no credentials for browsers to send along.
        app.add_middleware(
            ProblemCORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=CORS_METHODS,
            allow_headers=CORS_HEADERS,
            expose_headers=CORS_EXPOSED,
        )
    app.add_middleware(HeadMiddleware)
    if settings.log_requests:
        app.add_middleware(RequestLogMiddleware)
    app.add_middleware(SecurityHeadersMiddleware, https_only=not settings.is_development)
    app.add_middleware(RequestContextMiddleware)


def __getattr__(name: str) -> FastAPI:
    """Make `app.main:app` when a server first asks, so that importing needs no environment."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    settings = get_settings()
    configure_logging(settings.log_level, settings.log_format)
    app = globals()["app"] = create_app(settings)
    return app
