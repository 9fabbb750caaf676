"""The settings of `app migrate`, which needs neither keys, host names nor Redis."""

from typing import Literal, Self

from pydantic import SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsError
from sqlalchemy import URL

from app.config import SECRETS_FOLDER, Settings
from app.core.db.database_url import read_database_url
from app.core.setting_types import is_unprotected


class MigrationSettings(BaseSettings):
    """The settings that migrations need, from the same places as `Settings`."""

    model_config = Settings.model_config

    environment: Literal["local", "test", "staging", "production"] = "production"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"
    database_url: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def check_database_url(self) -> Self:
        """Reject an invalid address, and outside development one without a safe password."""
        url = self.database_url.get_secret_value()
        read_database_url(url)
        if self.environment not in {"local", "test"} and is_unprotected(url):
            raise ValueError("must contain a password that is not well known")
        return self

    @property
    def sqlalchemy_url(self) -> URL:
        """The parsed `DATABASE_URL`, for `app.core.db.engine`."""
        return read_database_url(self.database_url.get_secret_value())


def read_migration_settings() -> MigrationSettings:
    """Read the settings. If some are invalid, exit with one line for each problem."""
    try:
        return MigrationSettings()
    except ValidationError as error:
        reasons = [
            f"{detail['loc'][0]}: ".upper() + detail["msg"]
            if detail["loc"]
            else "DATABASE_URL " + detail["msg"].removeprefix("Value error, ")
            for detail in error.errors(include_url=False, include_input=False)
        ]
        raise SystemExit("\n".join(reasons)) from None
    except (OSError, SettingsError, UnicodeError) as error:
        place = f"{SECRETS_FOLDER} or the file .env"
        raise SystemExit(f"{place} cannot be read as UTF-8: {error}.") from None
