"""Feature flags by OpenFeature: what is on, and for whom."""

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
    """The flags of one application, as they are for one user or for somebody unknown."""

    def __init__(self, client: OpenFeatureClient, user: str | None) -> None:
        self._client = client
        self._context = EvaluationContext(targeting_key=user)

    async def is_enabled(self, name: str) -> bool:
        """Say whether a flag is on; one that nobody knows, or cannot be asked for, is off."""
        return await self._client.get_boolean_value_async(name, False, self._context)


@asynccontextmanager
async def open_flags(provider: FeatureProvider) -> AsyncGenerator[OpenFeatureClient]:
    """Start a provider for one application, and stop it at the end.

    OpenFeature keeps providers by domain for the whole process; this one's is the application's
    alone, so that several do not share their flags.
    """
    domain = uuid4().hex
    await to_thread.run_sync(api.set_provider_and_wait, provider, domain)
    try:
        yield api.get_client(domain)
    finally:
        api.set_provider(NO_PROVIDER, domain)


def rollout_provider(percentages: Mapping[str, int]) -> InMemoryProvider:
    """Make a provider of flags that are on for a part of the users, always the same ones."""
    return InMemoryProvider({name: _flag(name, percentages[name]) for name in percentages})


def _flag(name: str, percentage: int) -> InMemoryFlag[bool]:
    def evaluate(
        flag: InMemoryFlag[bool], context: EvaluationContext
    ) -> FlagResolutionDetails[bool]:
        user = context.targeting_key
        is_on = percentage == ALL or (user is not None and _place(name, user) < percentage)
        variant = "on" if is_on else "off"
        return FlagResolutionDetails(flag.variants[variant], variant=variant, reason=Reason.SPLIT)

    return InMemoryFlag("off", {"on": True, "off": False}, context_evaluator=evaluate)


def _place(name: str, user: str) -> float:
    """Give a user a place from 0 to 100 in the queue for a flag; in each queue another."""
    digest = hashlib.sha256(f"{name}:{user}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 * ALL
