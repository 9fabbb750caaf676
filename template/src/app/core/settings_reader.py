"""Reads settings, and describes invalid ones in one line each."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsError

SECRETS_FOLDER = Path("/run/secrets")
AnySettings = TypeVar("AnySettings", bound=BaseSettings)


def read_settings(settings_class: type[AnySettings]) -> AnySettings:
    """Read the settings. If some are invalid, exit with one line for each problem."""
    try:
        return settings_class()
    except ValidationError as error:
        raise SystemExit("\n".join(describe_errors(error))) from None
    except (OSError, SettingsError, UnicodeError) as error:
        place = f"{SECRETS_FOLDER} or the file .env"
        raise SystemExit(f"{place} cannot be read as UTF-8: {error}.") from None


def describe_errors(error: ValidationError) -> list[str]:
    """Return a line for each invalid setting, without its value: it may be a secret."""
    details = error.errors(include_url=False, include_input=False, include_context=False)
    return [_describe(detail) for detail in details]


def _describe(detail: ErrorDetails) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    return f"{detail['loc'][0]}".upper() + f": {message}" if detail["loc"] else message
