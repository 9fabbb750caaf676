"""The `.env` file that `python -m dev` writes."""

import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values

from dev.dotenv import write_dotenv

EXAMPLE = "# Which?\nENVIRONMENT=production\nSECRET_KEY=\n# DATABASE_URL=postgresql://a\n"


@pytest.fixture(autouse=True)
def _example(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text(EXAMPLE)


def test_the_env_file_is_the_example_with_a_generated_secret(tmp_path: Path) -> None:
    assert write_dotenv(tmp_path)

    values = dotenv_values(tmp_path / ".env")
    secret = values["SECRET_KEY"]
    assert secret
    assert len(secret) == 64
    assert values == {"ENVIRONMENT": "local", "SECRET_KEY": secret}
    assert "# DATABASE_URL=postgresql://a\n" in (tmp_path / ".env").read_text()


def test_the_env_file_is_private_to_its_owner_and_no_temporary_file_is_left(tmp_path: Path) -> None:
    write_dotenv(tmp_path)

    assert stat.S_IMODE((tmp_path / ".env").stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {".env", ".env.example"}


def test_every_env_file_has_a_new_secret(tmp_path: Path) -> None:
    """CFG-04"""
    write_dotenv(tmp_path)
    first = (tmp_path / ".env").rename(tmp_path / "first")
    write_dotenv(tmp_path)

    assert dotenv_values(first)["SECRET_KEY"] != dotenv_values(tmp_path / ".env")["SECRET_KEY"]


def test_an_existing_env_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MINE=1\n")

    assert not write_dotenv(tmp_path)
    assert (tmp_path / ".env").read_text() == "MINE=1\n"


def test_the_env_file_is_written_without_an_example(tmp_path: Path) -> None:
    (tmp_path / ".env.example").unlink()

    assert write_dotenv(tmp_path)
    assert set(dotenv_values(tmp_path / ".env")) == {"ENVIRONMENT", "SECRET_KEY"}
