"""An OpenAPI document (3.1): its operations, references, and the alternatives of its schemas."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, product
from typing import Any

Object = Mapping[str, Any]
Schema = Mapping[str, Any] | bool

ANY: Object = {}
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
UNIONS = ("anyOf", "oneOf")
TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


class DocumentError(Exception):
    """A document does not describe an API; the message says why."""


class Document:
    """A parsed OpenAPI document."""

    def __init__(self, root: Object) -> None:
        self.root = root
        if not isinstance(root, dict) or not isinstance(root.get("paths"), dict):
            raise DocumentError("it has no paths")

    @classmethod
    def parse(cls, text: str) -> "Document":
        """Parse a document; raise `DocumentError` for another text."""
        try:
            return cls(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise DocumentError(f"it is not valid JSON: {error}") from None

    @property
    def components(self) -> Object:
        """The parts to which references refer."""
        components: Object = self.root.get("components", ANY)
        return components

    def operations(self) -> Iterator[tuple[str, str, Object]]:
        """Yield the path, the method and the description of each operation.

        An operation includes the parameters of its path.
        """
        for path, item in self.root["paths"].items():
            shared = self.resolve(item)
            for method in METHODS:
                if method in shared:
                    own = shared[method]
                    parameters = [*shared.get("parameters", ()), *own.get("parameters", ())]
                    yield path, method.upper(), {**own, "parameters": parameters}

    def resolve(self, part: Object) -> Object:
        """Return a part, or the part to which it refers; raise `DocumentError` if it is missing."""
        seen: set[str] = set()
        while "$ref" in part:
            reference = part["$ref"]
            if reference in seen:
                raise DocumentError(f"{reference} refers to itself")
            seen.add(reference)
            part = self._find(reference)
        return part

    def _find(self, reference: str) -> Object:
        found: Any = self.root
        try:
            for name in reference.removeprefix("#/").split("/"):
                found = found[name.replace("~1", "/").replace("~0", "~")]
        except (KeyError, TypeError):
            raise DocumentError(f"{reference} is missing") from None
        target: Object = found
        return target

    def alternatives(self, schema: Schema, seen: frozenset[str] = frozenset()) -> list[Object]:
        """Return schemas without references, unions and lists of types. A value matches one."""
        if isinstance(schema, bool):
            return [ANY] if schema else []
        own = {key: value for key, value in schema.items() if key not in {"$ref", "allOf", *UNIONS}}
        parts = [[*_split(own)]]
        if reference := schema.get("$ref"):
            followed = seen | {reference}
            is_new = reference not in seen
            parts.append(self.alternatives(self._find(reference), followed) if is_new else [])
        parts += [self.alternatives(each, seen) for each in schema.get("allOf", ())]
        for union in UNIONS:
            if union in schema:
                each_of = (self.alternatives(each, seen) for each in schema[union])
                parts.append([*chain.from_iterable(each_of)])
        merged = (_merge(combination) for combination in product(*parts))
        return [each for each in merged if each is not None]


def _split(schema: Object) -> Iterator[Object]:
    """Yield a schema for each of its types; an enumeration without a type implies its types."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    rest = {key: value for key, value in schema.items() if key not in {"const", "enum", "type"}}
    types = schema.get("type", [] if values is None else dict.fromkeys(map(type_of, values)))
    for each in [types] if isinstance(types, str) else types:
        if values is None or each == "null":
            yield {**rest, "type": each}
        elif fitting := [value for value in values if is_within(type_of(value), each)]:
            yield {**rest, "type": each, "enum": fitting}
    if not types:
        yield rest


def type_of(value: object) -> str:
    """Return the name of a JSON value's type."""
    return TYPES.get(type(value), "array" if isinstance(value, list) else "object")


def is_within(narrow: str | None, wide: str | None) -> bool:
    """Return whether each value of a type is one of another type; `None` is any type."""
    return wide in {None, narrow} or (narrow, wide) == ("integer", "number")


def _merge(parts: Iterable[Object]) -> Object | None:
    """Return the conjunction of schemas, or `None` if no value can match it."""
    merged: dict[str, Any] = {}
    for part in parts:
        narrow, wide = sorted((part.get("type"), merged.get("type")), key=lambda each: each is None)
        if narrow and wide:
            fitting = [(a, b) for a, b in ((narrow, wide), (wide, narrow)) if is_within(a, b)]
            if not fitting:
                return None
            narrow = fitting[0][0]
        properties = {**merged.get("properties", {}), **part.get("properties", {})}
        required = dict.fromkeys([*merged.get("required", ()), *part.get("required", ())])
        merged |= part
        merged |= {"type": narrow} if narrow else {}
        merged |= {"properties": properties} if properties else {}
        merged |= {"required": [*required]} if required else {}
    return merged
