"""The settings of the service. Only `migration_settings` also reads some from the environment."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal, Self

from pydantic import Field, ModelWrapValidatorHandler, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL

from app import project
from app.core.db.database_url import read_database_url
from app.core.setting_types import (
    BROWSER_HEADERS,
    MIN_KEY_BYTES,
    FlagShares,
    HeaderNames,
    Hosts,
    Keys,
    Limit,
    Origins,
    Proxies,
    RangeUrl,
    RedisUrl,
    RootPath,
    is_guessable,
    is_unprotected,
)
from app.core.settings_reader import SECRETS_FOLDER, describe_errors, read_settings

NEW_KEY = 'python -c "import secrets; print(secrets.token_urlsafe(48))"'


class Settings(BaseSettings):
    """All settings, from the environment, `.env` and `/run/secrets`; see `.env.example`."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # the input may be a secret, and errors are logged
        secrets_dir=SECRETS_FOLDER if SECRETS_FOLDER.is_dir() else None,
    )

    environment: Literal["local", "test", "staging", "production"] = "production"
    app_name: str = project.NAME
    debug: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    log_requests: bool = True

    database_url: SecretStr = SecretStr("")
    database_pool_size: int = Field(10, ge=1)
    database_pool_timeout_seconds: float = Field(2, gt=0, le=60)
    database_statement_timeout_seconds: float = Field(5, gt=0, le=3600)
    database_pgbouncer: bool = False
    redis_url: RedisUrl | None = None

    secret_key: SecretStr = SecretStr("")
    previous_secret_keys: Keys = ()
    algorithm: Literal["HS256", "HS384", "HS512"] = "HS256"
    token_issuer: str = project.SLUG
    token_audience: str = project.SLUG
    access_token_expire_minutes: int = Field(15, ge=1, le=60)
    session_idle_days: float = Field(14, gt=0, le=3650)
    session_absolute_days: float = Field(90, gt=0, le=3650)
    password_min_length: int = Field(15, ge=8, le=128)
    breached_passwords_url: RangeUrl | None = None

    root_path: RootPath = ""
    cors_origins: Origins = ()
    cors_allowed_headers: HeaderNames = BROWSER_HEADERS
    allowed_hosts: Hosts = ()
    forwarded_allow_ips: Proxies = ""
    rate_limit_enabled: bool = True
    rate_limit_default: Limit = "300/minute"
    rate_limit_login: Limit = "10/minute"
    rate_limit_storage: Literal["redis", "memory"] | None = None
    max_body_bytes: int = Field(1_048_576, ge=1)
    request_timeout_seconds: float = Field(30, gt=0, le=3600)
    drain_seconds: float | None = Field(None, ge=0, le=300)
    docs_enabled: bool | None = None
    metrics_port: int = Field(9090, ge=0, le=65_535)
    feature_flags: FlagShares = {}

    @model_validator(mode="wrap")
    @classmethod
    def check_all(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401
        """Reject invalid, missing and unsafe settings; report all of them together (CFG-01)."""
        reasons = []
        try:
            settings = handler(values)
        except ValidationError as error:
            reasons = describe_errors(error)
            names = {detail["loc"][0] for detail in error.errors()}
            # Validate the other settings too, to report missing and unsafe values among them.
            settings = handler({name: values[name] for name in values if name not in names})
        reasons += settings._missing()
        if not settings.is_development:
            reasons += [*settings._unsafe(), *settings._exposed()]
        if reasons:
            raise ValueError("\n".join(reasons))
        return settings

    @property
    def is_development(self) -> bool:
        """Whether this is a local or a test environment."""
        return self.environment in {"local", "test"}

    @property
    def sqlalchemy_url(self) -> URL:
        """The parsed `DATABASE_URL`, for `app.core.db.engine`."""
        return read_database_url(self.database_url.get_secret_value())

    @property
    def shares_rate_limits(self) -> bool:
        """Whether Redis counts requests for all processes; otherwise, each counts its own."""
        return self.redis_url is not None and self.rate_limit_storage != "memory"

    @property
    def drain_period(self) -> float:
        """Seconds to accept requests after SIGTERM, until load balancers notice the stop."""
        default = 0 if self.is_development else 5
        return default if self.drain_seconds is None else self.drain_seconds

    @property
    def docs_wanted(self) -> bool:
        """Whether to serve the API documentation, by default only in the local environment."""
        return self.environment == "local" if self.docs_enabled is None else self.docs_enabled

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The key that signs, then the previous keys, whose signatures are still accepted."""
        return tuple(k.get_secret_value() for k in (self.secret_key, *self.previous_secret_keys))

    def _named_keys(self) -> Iterator[tuple[str, str]]:
        yield "SECRET_KEY", self.secret_key.get_secret_value()
        for key in self.previous_secret_keys:
            yield "PREVIOUS_SECRET_KEYS", key.get_secret_value()

    def _missing(self) -> Iterator[str]:
        try:
            self.sqlalchemy_url  # noqa: B018 - the property parses the URL
        except ValueError as error:
            yield f"DATABASE_URL {error}"
        for name, key in self._named_keys():
            if len(key.encode()) < MIN_KEY_BYTES:
                yield f"{name} must be {MIN_KEY_BYTES} random bytes or more: use {NEW_KEY}"
        if self.rate_limit_storage == "redis" and self.redis_url is None:
            yield "REDIS_URL must be set if RATE_LIMIT_STORAGE is redis"

    def _unsafe(self) -> Iterator[str]:
        for name, key in self._named_keys():
            if is_guessable(key):
                yield f"{name} is well known or easy to guess: generate a key with {NEW_KEY}"
        if is_unprotected(self.database_url.get_secret_value()):
            yield "DATABASE_URL must contain a password that is not well known"
        if self.request_timeout_seconds <= 2 * self.database_statement_timeout_seconds:
            yield "REQUEST_TIMEOUT_SECONDS must exceed twice DATABASE_STATEMENT_TIMEOUT_SECONDS"
        if self.rate_limit_enabled and self.redis_url is None and self.rate_limit_storage is None:
            yield "REDIS_URL must be set, or RATE_LIMIT_STORAGE=memory to accept per-process limits"

    def _exposed(self) -> Iterator[str]:
        if self.debug:
            yield "DEBUG must be off"
        if not self.allowed_hosts or "*" in self.allowed_hosts:
            yield "ALLOWED_HOSTS must name the hosts, such as api.example.com, instead of *"
        if "*" in self.cors_origins:
            yield "CORS_ORIGINS must name the origins, such as https://example.com, instead of *"
        if "*" in self.forwarded_allow_ips:
            yield "FORWARDED_ALLOW_IPS must name the proxies, such as 10.0.0.0/8, instead of *"
        if (self.breached_passwords_url or "").startswith("http:"):
            yield "BREACHED_PASSWORDS_URL must begin with https://"
        if self.docs_wanted:
            yield "DOCS_ENABLED must be off"


@lru_cache
def get_settings() -> Settings:
    """Read the settings once. If some are invalid, exit with one line for each problem."""
    return read_settings(Settings)
