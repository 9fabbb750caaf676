"""A resource is added to the registries of models and routers without any other change."""

import pytest

from dev.resource.insertion import is_harmless
from dev.resource.recipe import Field, Resource
from dev.resource.registries import UnknownShapeError, entries, register

INVOICE = Resource(name="invoice", plural="invoices", fields=(Field(name="number", kind="str"),))
MODEL, ROUTER = entries(INVOICE)
PLAIN_MODELS = b"""\
\"\"\"The models.\"\"\"

from app.core.db.base import Base
from app.models.item import Item
from app.models.user import User
"""
PLAIN_ROUTER = b"""\
from app.api.routing import APIRouter
from app.api.v1.endpoints.users import router as users_router

api_router = APIRouter()
api_router.include_router(users_router)
"""


def test_the_lines_of_the_rendered_registries_stand_behind_their_neighbours() -> None:
    models, added = register(PLAIN_MODELS, MODEL)
    router, both = register(PLAIN_ROUTER, ROUTER)

    assert models == PLAIN_MODELS + b"from app.models.invoice import Invoice\n"
    assert added == ["from app.models.invoice import Invoice"]
    assert router.splitlines()[2:] == [
        b"from app.api.v1.endpoints.invoices import router as invoices_router",
        b"",
        b"api_router = APIRouter()",
        b"api_router.include_router(users_router)",
        b"api_router.include_router(invoices_router)",
    ]
    assert len(both) == 2


@pytest.mark.parametrize(
    "present",
    [
        b"from app.api.v1.endpoints.invoices import router as bills\n",
        b"from .endpoints.invoices import router as bills\n",
    ],
)
def test_an_import_under_another_name_is_included_by_that_name(present: bytes) -> None:
    new, added = register(present + PLAIN_ROUTER, ROUTER)

    (inclusion,) = added
    assert inclusion == "api_router.include_router(bills)"
    assert new == present + PLAIN_ROUTER + inclusion.encode() + b"\n"


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b'"""No import."""\n',
        b"from app.models.user import User\nclass Invoice: ...\n",
        b"from app.models.bill import Invoice\n",
        b"from app.models.user import User \\\n\n",
        b"not python\n",
        b"from app.models.user import User\nname = '\x00'\n",
        b"# coding: unknown\nfrom app.models.user import User\n",
    ],
)
def test_a_registry_without_a_known_place_is_refused(source: bytes) -> None:
    with pytest.raises(UnknownShapeError) as refused:
        register(source, MODEL)

    assert str(refused.value) == (
        "src/app/models/__init__.py has no known place for these lines: add\n"
        "    from app.models.invoice import Invoice"
    )


def test_an_import_is_inserted_before_the_inclusion_that_uses_it() -> None:
    late = b"from app.api.v1.endpoints.items import router as items_router\n"

    new, _ = register(PLAIN_ROUTER + late, ROUTER)

    assert new.index(b"import router as invoices_router") < new.index(b"api_router =")


def test_a_long_import_is_written_on_several_lines() -> None:
    plural = "lines_of_purchase_orders_of_suppliers"
    entry = entries(Resource(name="line", plural=plural, fields=()))[1]

    new, _ = register(PLAIN_ROUTER, entry)

    assert max(map(len, new.splitlines())) <= 100
    assert f"import (\n    router as {plural}_router,\n)\n" in new.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"import a\n", b"import a  # why\nimport b\n"),
        (b"import a\n", b"import a\nimport b\nimport b\n"),
        (b"import a\n", b"import b\n"),
        (b"import a\n", b"import a\r\nimport b\n"),
        (b"x = '''a\nc'''\n", b"x = '''a\n\nc'''\nimport b\n"),
        (b"import a\n", b"import a\n# import b\n"),
    ],
)
def test_any_other_change_is_noticed(before: bytes, after: bytes) -> None:
    assert not is_harmless(before, after, ["import b"])
    assert is_harmless(before, before + b"\nimport b\n", ["import b"])
