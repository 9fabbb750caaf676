"""Describes the API of the app with the defaults of all settings."""

import secrets
from typing import Any

from pydantic import SecretStr

from app.config import Settings
from app.main import create_app


def describe() -> dict[str, Any]:
    """Return the OpenAPI description of the app, without reading the environment or a file."""
    settings = Settings.model_construct(
        environment="test",
        database_url=SecretStr("postgresql://localhost/none"),
        secret_key=SecretStr(secrets.token_urlsafe(48)),
    )
    return create_app(settings).openapi()
