"""The settings of `app migrate`, which needs neither keys, host names nor Redis."""

from typing import Literal, Self

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings
from sqlalchemy import URL

from app.config import Settings
from app.core.db.database_url import read_database_url
from app.core.setting_types import is_unprotected
from app.core.settings_reader import read_settings


class MigrationSettings(BaseSettings):
    """The settings that migrations need, from the same places as `Settings`."""

    model_config = Settings.model_config

    environment: Literal["local", "test", "staging", "production"] = "production"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    database_url: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def check_database_url(self) -> Self:
        """Reject an invalid URL, and outside development also a URL without a safe password."""
        url = self.database_url.get_secret_value()
        try:
            read_database_url(url)
        except ValueError as error:
            raise ValueError(f"DATABASE_URL {error}") from None
        if self.environment not in {"local", "test"} and is_unprotected(url):
            raise ValueError("DATABASE_URL must contain a password that is not well known")
        return self

    @property
    def sqlalchemy_url(self) -> URL:
        """The parsed `DATABASE_URL`, for `app.core.db.engine`."""
        return read_database_url(self.database_url.get_secret_value())


def read_migration_settings() -> MigrationSettings:
    """Read the settings. If some are invalid, exit with one line for each problem."""
    return read_settings(MigrationSettings)
