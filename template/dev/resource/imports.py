"""Adds imports to generated source, from the names that the source uses."""

import ast
from collections import defaultdict
from collections.abc import Mapping

# The names that generated modules may import, by module. A module `package:name` is imported from
# its package, as `name_service`.
NAMES = {
    "collections.abc": "Callable Iterator Mapping Sequence",
    "datetime": "UTC date datetime timedelta",
    "decimal": "Decimal",
    "http": "HTTPStatus",
    "typing": "Annotated Any Literal Self",
    "uuid": "UUID",
    "fastapi": "Depends Query Response",
    "httpx": "AsyncClient",
    "pydantic": "AfterValidator BeforeValidator EmailStr Field model_validator",
    "sqlalchemy": "ARRAY BigInteger Boolean CheckConstraint Date DateTime Double ForeignKey Index "
    "Integer Numeric String Text UniqueConstraint Uuid bindparam func select text",
    "sqlalchemy.dialects.postgresql": "JSONB",
    "sqlalchemy.ext.asyncio": "AsyncSession",
    "sqlalchemy.orm": "Mapped mapped_column",
    "app.api.deps": "AdminUser CurrentUser CursorsDep DbReads DbSession LinkNext PreconditionsDep "
    "accept_idempotency_key",
    "app.api.responses": "CREATED_ONCE CREATED_UNVERSIONED PAGED VERSIONED VERSIONED_READ",
    "app.api.routing": "APIRouter",
    "app.core.db.base": "Record VersionedRecord",
    "app.core.db.letter_case": "ignoring_case",
    "app.core.db.reads": "Reads",
    "app.core.db.records": "insert_record",
    "app.core.db.sqlstate": "conflict_if_referenced conflicts_on not_found_if_deleted",
    "app.core.exceptions": "NotFoundError ValidationError",
    "app.core.http.preconditions": "Preconditions entity_tag",
    "app.core.lists.cursors": "Cursors Page",
    "app.core.lists.filters": "at_least at_most contains_all contains_any contains_text equals",
    "app.core.lists.orders": "Order Orders",
    "app.core.lists.query": "KeysetQuery RowDict SearchText keyset_page",
    "app.core.clock": "utc_now",
    "app.core.validation": "DISTINCT DecimalText NO_NUL PLAIN_DECIMAL PLAIN_INT InputSchema Line "
    "NotNullPatchSchema Nullable OutputSchema WebUrl json_within to_places",
    "app.schemas.user": "Email",
    "app.services.accounts.authentication": "Caller",
    "app.services.accounts.locks": "find_for_reference find_for_update",
    "app.services.accounts:administration": "administration_service",
}
MODULES = {name: module for module, names in NAMES.items() for name in names.split()}

DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def with_imports(source: str, own: Mapping[str, str]) -> str:
    """Return the source with the imports that it needs; `own` adds names with their modules.

    A name without a module is that of a module. A name that the source itself defines is not
    imported.
    """
    tree = ast.parse(source)
    nodes = ast.walk(tree)
    names = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    modules = {**MODULES, **own}
    imported = defaultdict[str, list[str]](list)
    for name in sorted((names & modules.keys()) - _defined(tree)):
        imported[modules[name]].append(name)
    lines = source.splitlines(keepends=True)
    head = tree.body[0].end_lineno or 0
    added = [_statement(module, names) for module, names in imported.items()]
    return "".join([*lines[:head], "\n", *added, *lines[head:]])


def _defined(tree: ast.Module) -> set[str]:
    """Return the names that a module defines."""
    stored = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return stored | {node.name for node in tree.body if isinstance(node, DEFINITIONS)}


def _statement(module: str, names: list[str]) -> str:
    if not module:
        return "".join(f"import {name}\n" for name in names)
    package, _, submodule = module.partition(":")
    if submodule:
        return f"from {package} import {submodule} as {names[0]}\n"
    return f"from {module} import {', '.join(names)}\n"
