"""Notifications of the queue, in databases with any locale."""

import asyncio

import asyncpg
import pytest
from pgqueuer.models import AnyEvent
from sqlalchemy import make_url

from app.core.jobs.queue import NAMES, ListeningDriver

EVENT = """
    {{"channel": "{channel}", "operation": "{operation}", "sent_at": "2026-01-01T00:00:00Z",
    "table": "pgqueuer", "type": "table_changed_event"}}
"""


@pytest.mark.parametrize("operation", ["insert", "\u0131nsert", "update"])
async def test_notifications_of_new_jobs_are_parsed_in_a_turkish_locale(
    own_database: str, operation: str
) -> None:
    url = make_url(own_database).set(drivername="postgresql")
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    heard = asyncio.get_running_loop().create_future()
    driver = ListeningDriver(connection)
    await driver.add_listener(NAMES.channel, heard.set_result)

    await driver.notify(NAMES.channel, EVENT.format(channel=NAMES.channel, operation=operation))
    event = AnyEvent.model_validate_json(await heard)
    await connection.close()

    assert getattr(event.root, "operation", None) in {"insert", "update"}
