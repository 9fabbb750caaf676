"""Feature flags for tests, independent of the settings."""

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import FastAPI
from openfeature import api
from openfeature.client import OpenFeatureClient

from app.core.flags.feature_flags import ALL, rollout_provider


@contextmanager
def flags_on(app: FastAPI, *names: str) -> Iterator[None]:
    """Within the context, turn on these flags for all users and turn off all other flags."""
    client: OpenFeatureClient = app.state.resources.flags
    usual = client.provider
    api.set_provider_and_wait(rollout_provider(dict.fromkeys(names, ALL)), client.domain)
    try:
        yield
    finally:
        api.set_provider_and_wait(usual, client.domain)
