"""The search for the programs of PostgreSQL and Valkey."""

from pathlib import Path

import pytest

from dev import binaries
from dev.binaries import postgres_binaries, valkey_binary
from dev.errors import ServerError


def write_program(path: Path, prints: str) -> None:
    path.write_text(f"#!/bin/sh\necho '{prints}'\n")
    path.chmod(0o755)


@pytest.fixture(autouse=True)
def _on_a_bare_machine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POSTGRES_BIN", raising=False)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(binaries, "DEBIAN", folder / "lib/postgresql")


@pytest.fixture
def no_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_wheel", lambda _: [])


def test_binaries_from_wheels_take_precedence_over_the_path(folder: Path) -> None:
    for name in ("postgres", "initdb", "valkey-server"):
        write_program(folder / name, "initdb (PostgreSQL) 18.4")

    assert postgres_binaries() != folder
    assert valkey_binary().parent != folder


@pytest.mark.usefixtures("no_wheels")
def test_the_path_is_searched_if_no_wheel_is_installed(folder: Path) -> None:
    for name in ("postgres", "initdb", "redis-server"):
        write_program(folder / name, "initdb (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)")

    assert postgres_binaries() == folder
    assert valkey_binary() == folder / "redis-server"


@pytest.mark.usefixtures("no_wheels")
def test_the_newest_postgresql_in_the_debian_folder_is_used(folder: Path) -> None:
    for version in ("9", "15", "17"):
        programs = folder / f"lib/postgresql/{version}/bin"
        programs.mkdir(parents=True)
        write_program(programs / "initdb", f"initdb (PostgreSQL) {version}.1")

    assert postgres_binaries() == folder / "lib/postgresql/17/bin"


@pytest.mark.usefixtures("no_wheels")
def test_an_old_postgresql_is_rejected_with_an_error_that_names_the_remedies(folder: Path) -> None:
    for name in ("postgres", "initdb"):
        write_program(folder / name, "initdb (PostgreSQL) 14.9")

    with pytest.raises(ServerError) as caught:
        postgres_binaries()

    for remedy in ("DATABASE_URL", "`uv sync`", "install a server"):
        assert remedy in str(caught.value)


@pytest.mark.usefixtures("no_wheels")
def test_the_error_for_a_missing_valkey_names_the_remedies() -> None:
    with pytest.raises(ServerError) as caught:
        valkey_binary()

    for remedy in ("REDIS_URL", "`uv sync`", "install a server"):
        assert remedy in str(caught.value)


def test_postgres_bin_takes_precedence_over_wheels(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_program(folder / "initdb", "initdb (PostgreSQL) 16.2")
    monkeypatch.setenv("POSTGRES_BIN", str(folder))

    assert postgres_binaries() == folder


def test_a_postgres_bin_folder_without_postgresql_is_rejected(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTGRES_BIN", str(folder))

    with pytest.raises(ServerError, match=r"POSTGRES_BIN is .* contains no PostgreSQL >= 15"):
        postgres_binaries()
