"""A resource is added to the registries of models and routers without any other change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from dev.resource.insertion import is_harmless
from dev.resource.recipe import Field, Resource
from dev.resource.registries import Entry, UnknownShapeError, entries, register

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

COMMENTS = ["", "  # noqa: F401", "  # für später; 中", "\t# tab"]
MODEL_IMPORTS = [
    "from app.models.item import Item",
    "from app.models.item import (\n\tItem,  # the first\n    ITEMS\n)",
    "from .user import User as Person",
    "from . import accounts",
    "from app.models import item, user",
    "import app.models.user as people",
    "from app.core.db.base import \\\n    Base",
]
ROUTER_IMPORTS = [
    "from app.api.v1.endpoints.users import router as users_router",
    "from app.api.v1.endpoints.items import (\n    router as items_router # last\n)",
    "from .endpoints import orders",
    "from app.api.v1 import endpoints as all_endpoints",
    "import json, typing as t",
]
OTHERS = [
    "NAMES = [\n    'a',\n\n    'b'\n]",
    'TEXT = """api_router.include_router(invoices_router)\nfrom app.models.item import Item\n"""',
    "if True:\n\tfrom app.late import late",
    "try:\n    import fast\nexcept ImportError:\n    fast = None",
    "# api_router.include_router(old_router)",
    "# Bücher und 書籍",
    "def find():\n    return api_router",
    "x = 1; y = [\n  2]; z = 3",
    "x = 1 \\\n    + 1",
    "",
]
INCLUSIONS = [
    "api_router.include_router(users_router)",
    "api_router.include_router(\n    items_router,\n    prefix='/items', tags=['é']\n)",
    "api_router.include_router(router=users_router); last = 1",
    "first = 1; api_router.include_router(users_router); many = [\n]",
    "if last_year:\n    api_router.include_router(items_router)",
    "for each in (users_router,): api_router.include_router(each)",
]
ROUTERS = [
    "api_router = APIRouter()",
    "api_router: APIRouter = APIRouter(\n\tprefix='', # none\n)",
    "api_router, other = APIRouter(), APIRouter()",
]


@dataclass
class Thing:
    """Stands for a module, for a name that it contains, and for a router."""

    name: str = ""
    included: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> "Thing":
        if name.startswith("__"):
            raise AttributeError(name)
        return Thing(f"{self.name}.{name}")

    def __call__(self, *_: object, **__: object) -> "Thing":
        return Thing("router")

    def include_router(self, router: "Thing", **_: object) -> None:
        self.included.append(router.name)


def run(source: bytes, package: str) -> dict[str, Any]:
    """Run a module whose imports all succeed; return its names."""

    def load(name: str, _: object, __: object, names: object = None, level: int = 0) -> Thing:
        parts = package.split(".")
        above = parts[: len(parts) - level + 1] if level else []
        loaded = name if names else name.partition(".")[0]
        return Thing(".".join([*above, *filter(None, [loaded])]))

    names: dict[str, Any] = {
        "__builtins__": {"__import__": load, "ImportError": ImportError},
        **{name: Thing(name) for name in ("APIRouter", "users_router", "items_router")},
        "last_year": False,
    }
    exec(compile(source, "registry", "exec"), names)  # noqa: S102
    return names


def written(lines: list[str], ending: str, prefix: bytes, *, has_end: bool) -> bytes:
    """Return a module with these line endings, after a BOM or a declaration of its encoding."""
    text = ending.join("\n".join(lines).split("\n")) + (ending if has_end else "")
    encoding = "latin-1" if b"latin" in prefix else "utf-8"
    return prefix.replace(b"\n", ending.encode()) + text.encode(encoding, "replace")


def registries(*parts: list[str]) -> st.SearchStrategy[bytes]:
    """Return a strategy for modules that contain some of each part, in this order."""
    comments = st.sampled_from(COMMENTS)
    rows = [
        st.lists(st.tuples(st.one_of(*map(st.sampled_from, each)), comments), max_size=4)
        for each in zip(parts, repeat(OTHERS))
    ]
    lines = st.tuples(*rows).map(
        lambda groups: [f"{line}{comment}" for group in groups for line, comment in group]
    )
    return st.builds(
        written,
        lines,
        st.sampled_from(["\n", "\r\n"]),
        st.sampled_from([b"", b"\xef\xbb\xbf", b'"""Doc."""\n', b"# coding: latin-1\n"]),
        has_end=st.booleans(),
    )


def names_of(source: bytes, package: str) -> Mapping[str, str]:
    """Return what the names of a module stand for."""
    return {
        name: value.name if isinstance(value, Thing) else repr(value)
        for name, value in run(source, package).items()
        if isinstance(value, Thing | list | int | str | None)
    }


def assert_unharmed(source: bytes, entry: Entry) -> bool:
    """Check that a registry has gained its lines and nothing else; return whether it has."""
    try:
        new, added = register(source, entry)
    except UnknownShapeError:
        return False
    rest = iter(new.splitlines())
    assert all(line in rest for line in source.splitlines())
    assert len(new.splitlines()) == len(source.splitlines()) + len(added)
    assert new.endswith(b"\n") == source.endswith(b"\n")
    assert (b"\r\n" in new) >= (b"\r\n" in source)
    assert new.count(b"\n") == new.count(b"\r\n") or b"\r\n" not in source
    before, after = names_of(source, entry.package), names_of(new, entry.package)
    assert {**before, entry.bound: f"{entry.module}.{entry.name}"} == after
    assert register(new, entry) == (new, [])
    return True


@seed(18)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(registries(MODEL_IMPORTS, OTHERS))
def test_a_random_registry_of_models_is_unharmed_or_refused(source: bytes) -> None:
    assert_unharmed(source, MODEL)


@seed(18)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(registries(ROUTER_IMPORTS, ROUTERS, INCLUSIONS))
def test_a_random_registry_of_routers_is_unharmed_or_refused(source: bytes) -> None:
    try:
        before = run(source, ROUTER.package)
    except NameError:  # an inclusion precedes the router
        return
    if assert_unharmed(source, ROUTER):
        after = run(register(source, ROUTER)[0], ROUTER.package)["api_router"].included
        after.remove(f"{ROUTER.module}.router")
        assert after == before["api_router"].included


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
