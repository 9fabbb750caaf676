"""Where an update asks an owner whose edits are those of edits.py."""

from tests.support.updates.releases import Release

ROUTER = "src/app/api/v1/router.py"
MODELS = "src/app/models/__init__.py"
SESSIONS = "src/app/services/accounts/sessions.py"
LIMITER = "src/app/core/limits/rate_limiter.py"
# The upgrade code of these releases has Git merge import statements as it does other lines.
OLD_CODE = ("0.2.0", "0.2.1")


def conflicts(release: Release, way: str) -> set[str]:
    """Return the files in which the owner and the release changed the same lines.

    There are fewer where an answer leaves out the lines beside those of the owner.
    """
    if way == "copier":
        return {ROUTER, MODELS, SESSIONS, LIMITER}
    return {ROUTER, MODELS, SESSIONS} if release.version in OLD_CODE else set()
