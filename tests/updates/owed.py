"""Where an update asks an owner whose edits are those of edits.py."""

from releases import Release

MODELS = "src/app/models/__init__.py"
SESSIONS = "src/app/services/accounts/sessions.py"
LIMITER = "src/app/core/limits/rate_limiter.py"
# The upgrade code of these releases has Git merge import statements as it does other lines.
OLD_CODE = ("0.2.0", "0.2.1")


def conflicts(release: Release, way: str) -> set[str]:
    """Return the files in which the owner and the release changed the same lines."""
    if way == "copier":
        return {MODELS, SESSIONS, LIMITER}
    return {MODELS, SESSIONS} if release.version in OLD_CODE else set()
