"""Lets models read values that JSON has no type for, at any depth."""

from collections.abc import Callable
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from typing import Any, cast

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from app.core.json.types import INTEGER_KEY, TEXT_FORMS, EnumForm

Node = dict[str, Any]
Read = Callable[[Any], Any]

# The keys under which a core schema holds the schemas of its parts.
PARTS = (
    *("schema", "fields", "choices", "steps", "items_schema", "keys_schema", "values_schema"),
    *("extras_schema", "python_schema"),
)
COLLECTIONS = {"tuple", "set", "frozenset"}
ADDRESSES = {IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network}
# Types that build their own schema, which is left unchanged.
CLASSES = {"model", "dataclass", "named-tuple"}
# Marks a schema that already reads JSON, such as that of a base class.
READ = {"reads_json": True}


def read_json_types(schema: CoreSchema, handler: GetCoreSchemaHandler) -> CoreSchema:
    """Make the core schema of a model read values that JSON has no type for.

    UUIDs, dates, times, durations and decimals are read from their canonical text. A strict model
    also reads members of enums, IP addresses, tuples and sets. All other types stay as strict as
    they are. Instances of each Python type are accepted as before.
    """
    model = cast("Node", handler.resolve_ref_schema(schema))
    while model["type"] != "model":  # inside validators of the whole model
        model = model["schema"]
    _Reader(handler, strict=model["config"].get("strict", False)).read_parts(model)
    return schema


class _Reader:
    def __init__(self, handler: GetCoreSchemaHandler, *, strict: bool) -> None:
        self._handler, self._strict, self._seen = handler, strict, set[str]()

    def read_parts(self, node: Node) -> None:
        for name in PARTS:
            if name in node:
                node[name] = self._read_all(node[name])
        if node["type"] == "union":
            node["choices"] = [_labelled(choice) for choice in node["choices"]]
        if node["type"] == "dict" and node.get("keys_schema", {}).get("type") == "int":
            node["keys_schema"] = _before(INTEGER_KEY, node["keys_schema"])

    def _read_all(self, parts: Any) -> Any:  # noqa: ANN401 - one schema or several
        if isinstance(parts, list | tuple):
            return type(parts)(self._read_all(part) for part in parts)
        if isinstance(parts, dict) and not isinstance(parts.get("type"), str):
            return {name: self._read_all(part) for name, part in parts.items()}
        return self._read(parts) if isinstance(parts, dict) else parts

    def _read(self, node: Node) -> Node:
        """Return a schema that reads JSON: a wrapper of `node`, or `node` with changed parts."""
        target = self._resolve(node)
        kind = target["type"]
        if kind in CLASSES or "reads_json" in target.get("metadata", ()):
            return node
        if kind in TEXT_FORMS:
            return node if target.get("strict") is False else _before(TEXT_FORMS[kind], node)
        if self._strict and kind == "enum":
            return _before(EnumForm(target["cls"]), node)
        if self._strict and _is_address(target):
            target["strict"] = False
            return _wrap(_read_canonical, node)
        if self._strict and kind in COLLECTIONS:
            target["strict"] = False
        if target.get("ref") not in self._seen:
            self._seen |= {target["ref"]} if "ref" in target else set()
            self.read_parts(target)
        return _wrap(_read_collection, node) if self._strict and kind in COLLECTIONS else node

    def _resolve(self, node: Node) -> Node:
        try:
            return cast("Node", self._handler.resolve_ref_schema(cast("CoreSchema", node)))
        except LookupError:  # a recursive class that is still being built
            return {"type": "model"}


def _is_address(node: Node) -> bool:
    instances = node.get("strict_schema", {}).get("python_schema", {})
    return instances.get("cls") in ADDRESSES


def _labelled(choice: Any) -> Any:  # noqa: ANN401 - a schema, perhaps with a label
    """Label a choice of a union with its type. Errors would otherwise name an internal function."""
    if isinstance(choice, tuple) or choice.get("metadata") is not READ:
        return choice
    return choice, choice["schema"]["type"].replace("definition-ref", "enum")


def _before(form: Read, node: Node) -> Node:
    inner = cast("CoreSchema", node)
    return cast("Node", core_schema.no_info_before_validator_function(form, inner, metadata=READ))


def _wrap(read: Callable[[Any, Read], Any], node: Node) -> Node:
    inner = cast("CoreSchema", node)
    return cast("Node", core_schema.no_info_wrap_validator_function(read, inner, metadata=READ))


def _read_collection(value: Any, read: Read) -> object:  # noqa: ANN401
    """Convert a list to its collection type; raise `ValueError` if a set would drop duplicates."""
    values = read(value)
    if isinstance(value, list) and len(values) != len(value):
        raise ValueError("must not contain a value twice")
    return values


def _read_canonical(value: Any, read: Read) -> object:  # noqa: ANN401
    """Read an address; raise `ValueError` if the text is not its canonical form."""
    address = read(value)
    if not isinstance(value, type(address)) and str(address) != value:
        raise ValueError("must be in its canonical form")
    return address
