"""Random registries of models and routers, which run without the modules that they import."""

from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from hypothesis import strategies as st

CALLS = b"\napi_router = APIRouter()\napi_router.include_router(users_router)\n"
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
