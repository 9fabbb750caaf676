"""The `app` command."""

import asyncio
import json
import secrets
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from alembic.util import CommandError
from pydantic import SecretStr, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from typer.core import TyperGroup

from app.config import Settings, get_settings
from app.core.clock import utc_now
from app.core.db import revisions
from app.core.db.collations import find_collation_faults
from app.core.db.connections import count_granted_connections
from app.core.db.engine import DatabaseUnavailableError
from app.core.exceptions import AppException
from app.core.observability.logging import configure_logging
from app.core.outgoing.client import create_http_client
from app.core.serving.concurrency import workers
from app.core.serving.start import check_start
from app.core.validation import message_of
from app.main import create_app
from app.migration_settings import read_migration_settings
from app.resources import create_database, create_passwords
from app.schemas.user import UserCreate
from app.services import user as user_service
from app.services.accounts import passwords as password_service
from app.services.accounts.passwords import IssuedCode
from app.services.purge import purge_expired

ALEMBIC_INI = Path("alembic.ini")

Result = TypeVar("Result")


class Commands(TyperGroup):
    """Prints a one-line error instead of a traceback if Alembic or the database fails."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - typer does not export the type
        try:
            return super().invoke(ctx)
        except CommandError as error:
            raise SystemExit(f"Alembic: {error}.") from None
        except (DatabaseUnavailableError, SQLAlchemyError) as error:
            raise SystemExit(f"The database cannot be used: {_first_line(error)}") from None


main = typer.Typer(
    cls=Commands,
    help="Administer the service.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@main.command()
def migrate(revision: Annotated[str, typer.Argument()] = "head") -> None:
    """Migrate the database to the newest revision, or to REVISION."""
    settings = read_migration_settings()
    configure_logging(settings.log_level, settings.log_format)
    if not ALEMBIC_INI.exists():
        raise SystemExit("There is no alembic.ini here. Run this command in the project's folder.")
    typer.echo(f"The database is at revision {revisions.migrate(ALEMBIC_INI, revision)}.")


@main.command()
def create_admin(
    email: str,
    generate: Annotated[
        bool, typer.Option("--generate", help="Generate a password and print it.")
    ] = False,
) -> None:
    """Create an administrator. Prompts for the password, or reads it from standard input."""
    password = secrets.token_urlsafe(24) if generate else _read_password()
    try:
        data = UserCreate(email=email, password=SecretStr(password))
        asyncio.run(_create_admin(get_settings(), data))
    except ValidationError as error:
        wrong = error.errors()[0]
        raise SystemExit(f"{wrong['loc'][0]}: {message_of(wrong)}") from None
    except AppException as error:
        raise SystemExit(error.detail) from None
    typer.echo(f"{email} is an administrator{f'; password: {password}' if generate else ''}.")


@main.command()
def reset_password(email: str) -> None:
    """Issue a password reset code. Send it to the user over a channel you trust."""
    try:
        issued = asyncio.run(_in_transaction(get_settings(), partial(_issue_code, email)))
    except AppException as error:
        raise SystemExit(error.detail) from None
    until = f"{issued.expires_at:%Y-%m-%d %H:%M} UTC"
    typer.echo(f"The code for {email}, valid once and until {until}: {issued.code}")


@main.command()
def purge() -> None:
    """Delete expired sessions, reset codes and idempotency keys. Run it daily; it is idempotent."""
    number = asyncio.run(_in_transaction(get_settings(), partial(purge_expired, now=utc_now())))
    typer.echo(f"{number} expired rows were deleted.")


@main.command()
def check(
    database: Annotated[
        bool, typer.Option("--database", help="Also check connections, encoding and collations.")
    ] = False,
) -> None:
    """Check the settings, and print one line for each problem."""
    settings = get_settings()
    check_start(settings.metrics_port)
    typer.echo(f"The settings are valid for {settings.environment}.")
    if database:
        connections, are_enough = _compare_connections(settings)
        faults = asyncio.run(_in_transaction(settings, find_collation_faults))
        if are_enough:
            typer.echo(connections)
        else:
            faults.insert(0, connections)
        if faults:
            raise SystemExit("\n".join(faults))


@main.command()
def openapi() -> None:
    """Print the OpenAPI description of the API. This needs no settings."""
    settings = Settings(
        _env_file=None,
        environment="test",
        database_url="postgresql://localhost/none",
        secret_key=secrets.token_urlsafe(48),
    )
    typer.echo(json.dumps(create_app(settings).openapi(), indent=2))


def _compare_connections(settings: Settings) -> tuple[str, bool]:
    """Return a message about the needed and available connections, and whether they suffice."""
    granted = asyncio.run(_in_transaction(settings, count_granted_connections))
    processes, size = workers(), settings.database_pool_size
    needed = processes * size + 1
    sentence = (
        f"{needed} connections are needed ({processes} workers x {size}, and 1 for a command)"
        f" and {granted} are available"
    )
    if needed > granted:
        remedy = "lower DATABASE_POOL_SIZE or WEB_CONCURRENCY, or raise the database's limit"
        return f"{sentence}: {remedy}.", False
    return f"{sentence}: enough for {granted // needed} instances.", True


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


def _read_password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


async def _create_admin(settings: Settings, data: UserCreate) -> None:
    configure_logging(settings.log_level, settings.log_format)
    password = data.password.get_secret_value()
    async with create_http_client() as client:
        passwords = await create_passwords(settings, client)
        hashed_password = await passwords.hash_new(password, about=[data.email])

    async def create(session: AsyncSession) -> None:
        await user_service.create_user(session, data, hashed_password, is_superuser=True)

    await _in_transaction(settings, create)


async def _issue_code(email: str, session: AsyncSession) -> IssuedCode:
    user = await user_service.get_user_by_email(session, email)
    return await password_service.issue_code(session, user.id, utc_now())


async def _in_transaction(
    settings: Settings, work: Callable[[AsyncSession], Awaitable[Result]]
) -> Result:
    configure_logging(settings.log_level, settings.log_format)
    database = create_database(settings)
    try:
        async with database.begin() as session:
            return await work(session)
    finally:
        await database.dispose()
