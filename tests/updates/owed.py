"""What an update from before 0.1.0 asks of an owner; since then it asks for nothing of the kind."""

from collections.abc import Callable
from pathlib import Path

from edits import SETTINGS, add_setting
from merges import keep_both, take_theirs
from tests.support.how_to_steps import insert

Resolve = Callable[[Path], None]

MODELS = "src/app/models/__init__.py"
ROUTER = "src/app/api/v1/router.py"
ACCESS = '''"""Who may do what with notes."""

ACCESS = {
    "POST /api/v1/notes": (401, 201, 201, 201),
    "GET /api/v1/notes/{note_id}": (401, 404, 200, 404),
}

BODIES = {
    "POST /api/v1/notes": {"json": {"text": "Buy tea"}},
}
'''


def set_anew(path: Path) -> None:
    """Take the settings of the release, and write one's own below them."""
    take_theirs(path)
    add_setting(path)


def guard_the_notes(folder: Path) -> None:
    """Give the owner's router and operations what UPGRADING.md asks of them."""
    endpoints = folder / "src/app/api/v1/endpoints/notes.py"
    insert(endpoints, 'tags=["notes"]', ", route_class=GuardedRoute", after=True)
    imported = "from app.api.guarded_route import GuardedRoute\n"
    insert(endpoints, "from app.models.note", imported)
    (folder / "tests/access/notes.py").write_text(ACCESS)


# Until 0.1.0 nothing was promised, as UPGRADING.md says. From no other release may a file be in
# conflict that is edited as in edits.py.
CONFLICTS: dict[str, dict[str, Resolve]] = {
    "0.0.2": {
        MODELS: keep_both,  # the release brought three tables, around the owner's
        ROUTER: keep_both,  # it brought two routers, and turned their order round
        SETTINGS: set_anew,  # the validator below the owner's setting gave way to two settings
    },
}
STEPS: dict[str, Resolve] = {"0.0.2": guard_the_notes}
