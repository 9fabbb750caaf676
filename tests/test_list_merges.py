"""Routers and models that an owner added are added to the lists that a release rewrote."""

import pytest

from upgrade.list_merges import with_additions

BASE = '''"""The endpoints."""

from fastapi import APIRouter, Depends

from app.api.deps import limit_default
from app.api.v1.endpoints.auth import router as auth_router
from app.api.v1.endpoints.users import router as users_router

api_router = APIRouter(dependencies=[Depends(limit_default)])
# The most frequent first.
api_router.include_router(users_router)
api_router.include_router(auth_router)
'''
NEW = '''"""The endpoints. Include yours here."""

from app.api.routing import APIRouter
from app.api.v1.endpoints.accounts.router import router as accounts_router

api_router = APIRouter()
api_router.include_router(accounts_router)
'''
IMPORT = "from app.api.v1.endpoints.notes import router as notes_router\n"
CALL = "# What users write down.\napi_router.include_router(notes_router)\n"
MODELS = '''"""The tables."""

from app.core.db.base import Base
from app.models.item import Item
from app.models.user import User

__all__ = [
    "Base",
    "Item",
    "User",
]
'''
NEW_MODELS = '''"""The tables. Import yours here."""

from app.core.db.base import Base
from app.models import accounts
from app.models.user import User
'''
INVOICES = "from app.models.invoice import (\n    Customer,\n    Invoice,\n)\n"
VISITS = "from app.models.visit import Visit\n"


def test_a_router_added_by_the_project_is_included_after_those_of_the_release() -> None:
    own = BASE.replace(
        "from app.api.v1.endpoints.users", f"{IMPORT}from app.api.v1.endpoints.users"
    )

    merged = with_additions(BASE, own + CALL, NEW)

    assert merged == NEW.replace("\n\napi_router =", f"\n{IMPORT}\napi_router =") + CALL


def test_imports_of_models_added_by_the_project_are_merged_in_order() -> None:
    own = MODELS.replace("from app.models.item", f"{INVOICES}from app.models.item")
    own = own.replace("User\n\n", f"User\n{VISITS}\n").replace(
        '    "Item",', '    "Invoice",\n    "Item",'
    )

    merged = with_additions(MODELS, own, NEW_MODELS)

    assert (
        merged
        == NEW_MODELS.replace("from app.models.user", f"{INVOICES}from app.models.user") + VISITS
    )


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_an_import_at_the_end_of_the_file_is_merged(end: str) -> None:
    own = MODELS.partition("\n__all__")[0] + VISITS.rstrip() + end

    assert with_additions(MODELS, own, NEW_MODELS) == NEW_MODELS + VISITS


@pytest.mark.parametrize("comment", ["", "# Ours.\n"])
def test_added_exports_are_dropped_if_the_release_exports_nothing(comment: str) -> None:
    own = MODELS.replace("User\n\n", f"User\n{VISITS}\n") + f'{comment}__all__ += ["Visit"]\n'

    assert with_additions(MODELS, own, NEW_MODELS) == NEW_MODELS + VISITS


@pytest.mark.parametrize(
    "own",
    [
        BASE.replace("api_router.include_router(auth_router)\n", ""),
        BASE.replace("# The most frequent first.", "# Mine."),
        BASE.replace("api_router.include_router(users_router)\n", "")
        + "api_router.include_router(users_router)\n",
        BASE.replace("# The most", f"{CALL}# The most"),
        BASE.replace("(users_router)", "(users_router, prefix='/v1')"),
        f"{BASE}<<<<<<< HEAD\n",
    ],
)
def test_changes_other_than_additions_are_not_merged(own: str) -> None:
    assert with_additions(BASE, own, NEW) is None
