"""The feature flags of a caller."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from app.api.deps.authentication import get_claims
from app.api.deps.resources import resources_of
from app.core.flags.feature_flags import FeatureFlags


async def get_feature_flags(request: Request) -> FeatureFlags:
    """Return the flags for the user if the token is valid, else for an anonymous client."""
    claims = await get_claims(request)
    flags = resources_of(request).flags
    return FeatureFlags(flags, None if claims is None else str(claims.sub))


FlagsDep = Annotated[FeatureFlags, Depends(get_feature_flags)]


@dataclass(frozen=True, slots=True)
class RequireFlag:
    """Hides an operation from callers for whom a flag is off, as if it did not exist."""

    name: str

    async def __call__(self, request: Request) -> None:
        """Raise `HTTPException` (404) if the flag is off for the caller."""
        flags = await get_feature_flags(request)
        if not await flags.is_enabled(self.name):
            raise HTTPException(HTTPStatus.NOT_FOUND)
