"""Reads the models, tables, paths and files of a project from its source."""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from dev.resource.known import Known, Target
from dev.resource.recipe import OnDelete

ENDPOINTS = "src/app/api/v1/endpoints"
# Its tables belong to the template, so no resource refers to them.
ACCOUNTS = "app.models.accounts."
ON_DELETE: dict[str, OnDelete] = {"CASCADE": "cascade", "SET NULL": "null"}
BASES = {"Record", "VersionedRecord"}


def read_project(project: Path) -> Known:
    """Return what a project has; modules that Python cannot parse are left out."""
    models = [
        (node, _target(node, module, project))
        for module, tree in _modules(project, "src", b"__tablename__")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and _table(node)
    ]
    modules = [file for folder in ("src", "tests") for file in (project / folder).rglob("*.py")]
    taken = [
        *(file.relative_to(project).as_posix() for file in modules),
        *(f"the table {target.table}" for _, target in models),
        *(f"the model {target.model}" for _, target in models),
        *(f"the path {prefix}" for prefix in _paths(project)),
        *(f"the operation {name}" for name in _operations(project)),
    ]
    targets = {target.name: target for node, target in models if _is_possible(node, target)}
    return Known(targets, frozenset(taken))


def _modules(project: Path, folder: str, text: bytes) -> Iterator[tuple[str, ast.Module]]:
    """Yield the name and the syntax tree of each module with a text in a folder."""
    for file in sorted((project / folder).rglob("*.py")):
        name = ".".join(file.relative_to(project / "src").with_suffix("").parts)
        if text in (source := file.read_bytes()):
            with suppress(SyntaxError, ValueError):
                yield name.removesuffix(".__init__"), ast.parse(source)


def _target(node: ast.ClassDef, module: str, project: Path) -> Target:
    name, table = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", node.name).lower(), _table(node)
    access = project / f"tests/access/{table}.py"
    return Target(
        name=name,
        model=node.name,
        module=module,
        table=table,
        is_owned="owner_id" in _columns(node),
        has_access_table=access.exists() and f"def add_{name}(".encode() in access.read_bytes(),
        refs=frozenset(_refs(node)),
    )


def _refs(node: ast.ClassDef) -> Iterator[tuple[str, OnDelete]]:
    """Yield the tables of a model's foreign keys, except that of the owner, with `on-delete`."""
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and ast.unparse(each.target) == "owner_id":
            continue
        for call in ast.walk(each):
            match call:
                case ast.Call(
                    func=ast.Name(id="ForeignKey") | ast.Attribute(attr="ForeignKey"),
                    args=[ast.Constant(value=str(column)), *_],
                    keywords=keywords,
                ):
                    given = {key.arg: ast.unparse(key.value).strip("'") for key in keywords}
                    on_delete = ON_DELETE.get(given.get("ondelete", "").upper(), "restrict")
                    yield column.rpartition(".")[0].rpartition(".")[2], on_delete


def _table(node: ast.ClassDef) -> str:
    """Return the name of a model's table, or an empty string if a class is no model."""
    for each in node.body:
        match each:
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=name)):
                return str(name)
    return ""


def _columns(node: ast.ClassDef) -> dict[str, str]:
    """Return the annotations of a class by name."""
    return {
        each.target.id: ast.unparse(each.annotation)
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }


def _is_possible(node: ast.ClassDef, target: Target) -> bool:
    """Return whether a ref can name a model, which needs a UUID as `id`."""
    annotation = _columns(node).get("id", "")
    bases = {ast.unparse(each).rpartition(".")[2] for each in node.bases}
    has_uuid = re.fullmatch(r"Mapped\[(\w+\.)?UUID\]", annotation) or (bases & BASES)
    return bool(has_uuid) and not target.module.startswith(ACCOUNTS)


def _paths(project: Path) -> Iterator[str]:
    """Yield the prefixes of the routers."""
    for _, tree in _modules(project, ENDPOINTS, b"prefix"):
        for node in ast.walk(tree):
            match node:
                case ast.keyword(arg="prefix", value=ast.Constant(value=str(prefix))):
                    yield prefix


def _operations(project: Path) -> Iterator[str]:
    """Yield the names of the functions that routers serve."""
    for _, tree in _modules(project, ENDPOINTS, b"router"):
        for node in tree.body:
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.decorator_list:
                yield node.name
