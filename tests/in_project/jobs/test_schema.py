"""The tables of the queue, which have no models."""

import shutil
from pathlib import Path

from alembic import command
from sqlalchemy import URL

from tests.databases import alembic_config, execute, new_database
from tests.in_project.processes import PROJECT


def test_a_generated_revision_restores_a_missing_index_of_the_queue(
    server_url: str, template: URL, tmp_path: Path
) -> None:
    shutil.copy(PROJECT / "alembic.ini", tmp_path)
    shutil.copytree(PROJECT / "migrations", tmp_path / "migrations")
    with new_database(server_url, template=template) as url:
        execute(url, "DROP INDEX pgqueuer.pgqueuer_ep_ea_idx")
        config = alembic_config(url, tmp_path / "alembic.ini")
        config.set_section_option("post_write_hooks", "hooks", "")

        command.revision(config, "Change the queue", autogenerate=True)
        command.upgrade(config, "head")
        command.check(config)
