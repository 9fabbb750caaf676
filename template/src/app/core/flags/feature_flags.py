"""Feature flags with OpenFeature, per user."""

import hashlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

from anyio import to_thread
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.flag_evaluation import FlagResolutionDetails, Reason
from openfeature.provider import FeatureProvider
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider
from openfeature.provider.no_op_provider import NoOpProvider

ALL = 100
NO_PROVIDER = NoOpProvider()


class FeatureFlags:
    """The flags of the application for one user, or for an anonymous client."""

    def __init__(self, client: OpenFeatureClient, user: str | None) -> None:
        self._client = client
        self._context = EvaluationContext(targeting_key=user)

    async def is_enabled(self, name: str) -> bool:
        """Return whether a flag is on: `False` if it is unknown or the provider fails."""
        return await self._client.get_boolean_value_async(name, False, self._context)


@asynccontextmanager
async def open_flags(provider: FeatureProvider) -> AsyncGenerator[OpenFeatureClient]:
    """Start a provider for one application, and stop it when the context ends.

    OpenFeature registers providers by domain for the whole process. Random domains separate the
    flags of several applications in one process.
    """
    domain = uuid4().hex
    await to_thread.run_sync(api.set_provider_and_wait, provider, domain)
    try:
        yield api.get_client(domain)
    finally:
        api.set_provider(NO_PROVIDER, domain)


def rollout_provider(percentages: Mapping[str, int]) -> InMemoryProvider:
    """Create a provider whose flags are on for a percentage of users, always the same users."""
    return InMemoryProvider({name: _flag(name, percentages[name]) for name in percentages})


def _flag(name: str, percentage: int) -> InMemoryFlag[bool]:
    def evaluate(
        flag: InMemoryFlag[bool], context: EvaluationContext
    ) -> FlagResolutionDetails[bool]:
        user = context.targeting_key
        is_on = percentage == ALL or (user is not None and _bucket(name, user) < percentage)
        variant = "on" if is_on else "off"
        return FlagResolutionDetails(flag.variants[variant], variant=variant, reason=Reason.SPLIT)

    return InMemoryFlag("off", {"on": True, "off": False}, context_evaluator=evaluate)


def _bucket(name: str, user: str) -> float:
    """Return a number from 0 to 100, always the same for one flag and one user."""
    digest = hashlib.sha256(f"{name}:{user}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 * ALL
