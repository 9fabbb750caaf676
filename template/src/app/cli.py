"""The `app` command."""

import asyncio
import json
import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer
from alembic import command
from alembic.config import Config
from pydantic import SecretStr, ValidationError

from app.config import Settings, get_settings
from app.core.exceptions import AppException
from app.core.logging import configure_logging
from app.core.passwords import Passwords
from app.main import create_app, create_database
from app.schemas.user import UserCreate
from app.services import user as user_service

ALEMBIC_INI = Path("alembic.ini")

main = typer.Typer(
    help="Run and look after the service.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@main.command()
def migrate(revision: Annotated[str, typer.Argument()] = "head") -> None:
    """Bring the database to the newest revision, or to the one given."""
    settings = get_settings()
    configure_logging(settings.log_level, settings.log_format)
    if not ALEMBIC_INI.exists():
        raise SystemExit("There is no alembic.ini here: run this in the project's folder.")
    command.upgrade(Config(ALEMBIC_INI), revision)
    typer.echo(f"The database is at revision {revision}.")


@main.command()
def create_admin(
    email: str,
    generate: Annotated[bool, typer.Option(help="Make a password and print it, once.")] = False,
) -> None:
    """Create an administrator; the password is asked for, or read from standard input."""
    password = secrets.token_urlsafe(24) if generate else _read_password()
    try:
        data = UserCreate(email=email, password=SecretStr(password))
        asyncio.run(_create_admin(get_settings(), data))
    except ValidationError as error:
        raise SystemExit(f"{error.errors()[0]['loc'][0]}: {error.errors()[0]['msg']}") from None
    except AppException as error:
        raise SystemExit(error.detail) from None
    typer.echo(f"{email} is an administrator{f'; password: {password}' if generate else ''}.")


@main.command()
def check() -> None:
    """Say what keeps the service from starting in this environment, one line a reason."""
    typer.echo(f"The settings are fit for {get_settings().environment}.")


@main.command()
def openapi() -> None:
    """Print the API's description; it needs no settings."""
    settings = Settings(
        _env_file=None,
        environment="test",
        database_url="postgresql://localhost/none",
        secret_key=secrets.token_urlsafe(48),
    )
    typer.echo(json.dumps(create_app(settings).openapi(), indent=2))


def _read_password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


async def _create_admin(settings: Settings, data: UserCreate) -> None:
    passwords = await Passwords.create(settings.password_min_length)
    hashed_password = await passwords.hash_new(data.password.get_secret_value())
    database = create_database(settings)
    try:
        async with database.begin() as session:
            await user_service.create_user(session, data, hashed_password, is_superuser=True)
    finally:
        await database.dispose()
