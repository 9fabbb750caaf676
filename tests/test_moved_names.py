"""Names of modules that a release moved are found and rewritten in an owner's files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.services import Render
from tests.support.variants import EVERY_OPTION
from upgrade.imports import find
from upgrade.moves import MODULES, NAMES, PACKAGES
from upgrade.names import Modules, Names

Rewrite = Callable[..., str]

OWN = Path("src/app/services/mine.py")

REWRITTEN = {
    "from app.core.rate_limit import Hit": "from app.core.limits.rate_limiter import Hit",
    "import app.core.rate_limit as r": "import app.core.limits.rate_limiter as r",
    "import os, app.core.ids": "import os, app.core.db.ids",
    "from app.core import pagination": "from app.core.lists import cursors as pagination",
    "from app.core import pagination as cursors": "from app.core.lists import cursors",
    "from app.core import cors, problems": "from app.core.http import cors, problems",
    "from app import connection": "from app.core.db import engine as connection",
    "from app.jobs import queue": "from app.core.jobs import queue",
    "from app.jobs.context import JobContext": "from app.worker_context import JobContext",
    "from app.core.pagination import *": "from app.core.lists.cursors import *",
    "from app.core.cache import Cache": "from app.core.cache.cache import Cache",
    "from app.core.cache import *": "from app.core.cache.cache import *",
    "from app.core import cache": "from app.core.cache import cache",
    "from app.core import cache as c": "from app.core.cache import cache as c",
    "import app.core.cache": "import app.core.cache.cache",
    "import app.core.cache as c": "import app.core.cache.cache as c",
    "from .session import end": "from app.services.accounts.sessions import end",
    "from ..core.rate_limit import Hit": "from app.core.limits.rate_limiter import Hit",
    "from app.core.metrics import measured_pool": "from app.core.db.pool import measured_pool",
    "patch('app.core.metrics.measured_pool', 1)": "patch('app.core.db.pool.measured_pool', 1)",
    "x = request.app.state.http_client": "x = request.app.state.resources.http_client",
    "from app.core.db.base import Row": "from app.core.db.base import Record as Row",
    "from app.models.base import Row, Base": "from app.core.db.base import Record as Row, Base",
    "from app.models import PasswordResetCode": (
        "from app.models.accounts.password_reset import PasswordReset as PasswordResetCode"
    ),
    'x = "app.core.cache.Cache.get"': 'x = "app.core.cache.cache.Cache.get"',
    "cmd: python -m app.server.Worker": (
        "cmd: python -m app.core.serving.gunicorn_worker.GunicornWorker"
    ),
    'k = "app.server.Worker"': 'k = "app.core.serving.gunicorn_worker.GunicornWorker"',
    "# see app.core.audit": "# see app.core.observability.audit_log",
    "import app.connection\napp.connection.x": "import app.core.db.engine\napp.core.db.engine.x",
    "if TYPE_CHECKING: from app import config, connection": (
        "if TYPE_CHECKING: from app import config; from app.core.db import engine as connection"
    ),
    "def f():\n    from app.core import clock, ids  # late": (
        "def f():\n    from app.core import clock\n    from app.core.db import ids  # late"
    ),
    "from app.core \\\n    import ids, \\\n    clock": (
        "from app.core.db import ids\nfrom app.core import clock"
    ),
    "<<<<<<< HEAD\nfrom app.core import ids": "<<<<<<< HEAD\nfrom app.core.db import ids",
    ">>> from app.core import ids, clock": (
        ">>> from app.core.db import ids; from app.core import clock"
    ),
}
LEFT_ALONE = [
    "from app.core import clock, exceptions",
    "from app.core.cachet import Cache",
    "from app.core.cache import store",
    "from app.core.cache.cache import Cache",
    "from app.core.rate_limits import Hit",
    "from myapp.core.rate_limit import Hit",
    "from x.app.core.rate_limit import Hit",
    "from .user import get",
    "from . import user",
    '"https://app.server/x" "me@app.server" "src/app.core.ids"',
    'host = "app.server.internal"',
    "app.connection.close()",
    "app.state.is_stopping or my.app.stated",
    'modules = ["app.core.cache"]',
    "app.kubernetes.io/name: app.server-2",
]
COMMENTED = """\
from app.core import (  # why these
    # lists
    pagination,  # pages
    clock,
    # never None
    cache as kept,
    # the last
)
"""
SPLIT = """\
from app.core.lists import (
    # why these
    # lists
    cursors as pagination,  # pages
)
from app.core import (
    clock,
)
from app.core.cache import (
    # never None
    # the last
    cache as kept,
)
"""


@pytest.fixture(scope="module")
def project(render: Render) -> Path:
    """Return a project with every module that moved."""
    return render(**EVERY_OPTION)


@pytest.fixture
def rewritten(project: Path) -> Rewrite:
    """Rewrite the old names in the text of a file."""

    def rewrite(text: str, file: Path = OWN, project: Path = project) -> str:
        return find(text, Names(Modules(project), file)).applied(text)

    return rewrite


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(("old", "new"), REWRITTEN.items(), ids=REWRITTEN)
def test_rewriting_old_names_is_idempotent(
    old: str, new: str, end: str, rewritten: Rewrite
) -> None:
    before, after = (f"{text}\n".replace("\n", end) for text in (old, new))

    assert rewritten(before) == after
    assert rewritten(after) == after


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_other_names_are_unchanged(text: str, rewritten: Rewrite) -> None:
    assert rewritten(text) == text


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_comments_are_preserved_when_an_import_is_split(end: str, rewritten: Rewrite) -> None:
    assert rewritten(COMMENTED.replace("\n", end)) == SPLIT.replace("\n", end)


def test_relative_imports_in_a_moved_file_become_absolute_if_their_module_did_not_move(
    rewritten: Rewrite,
) -> None:
    file = Path("src/app/services/accounts/sessions.py")

    assert rewritten("from .user import get", file) == "from app.services.user import get"
    assert rewritten("from . import item", file) == "from app.services import item"
    assert rewritten("from .refresh_tokens import x", file) == "from .refresh_tokens import x"


def test_an_old_name_that_the_project_uses_again_is_unchanged(
    tmp_path: Path, rewritten: Rewrite
) -> None:
    package = tmp_path / "src/app/core"
    package.mkdir(parents=True)
    (package / "audit.py").touch()
    text = "from app.core.audit import x\nfrom app.core import audit, cors\n"

    assert "from app.core.audit import x\nfrom app.core import audit\n" in rewritten(
        text, project=tmp_path
    )


def test_no_new_name_is_also_an_old_name(project: Path) -> None:
    names = Modules(project)
    for new in (MODULES | NAMES | PACKAGES).values():
        assert names.new_name(new) is None, new


def test_names_of_application_state_are_unchanged_outside_python_files(rewritten: Rewrite) -> None:
    assert rewritten("app.state.settings.theme", Path("frontend/store.ts")) == (
        "app.state.settings.theme"
    )
