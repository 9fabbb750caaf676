"""Compares two documents: operations, parameters, bodies, and responses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dev.contract.changes import Change, Direction, Place, Rule
from dev.contract.document import ANY, Document, Object
from dev.contract.schemas import SchemaComparison
from dev.contract.security import security_changes

# A proxy or the HTTP library sets these, and OpenAPI ignores parameters with these names.
NO_PARAMETERS = {("header", name) for name in ("accept", "content-type", "authorization")}
DEPRECATION_HEADERS = {"deprecation", "sunset", "link"}
STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


@dataclass(frozen=True)
class Operation:
    """An operation: its name is `METHOD /path`, and its key ignores the names in the path."""

    document: Document
    path: str
    method: str
    described: Object

    @property
    def name(self) -> str:
        """The method and the path."""
        return f"{self.method} {self.path}"

    @property
    def key(self) -> tuple[str, str]:
        """The method and the path without names, by which two documents have the same operation."""
        return self.method, re.sub(r"\{[^}]*\}", "{}", self.path)

    def parameters(self) -> dict[tuple[str, str], Object]:
        """Return the parameters. The key of one in the path is its position."""
        names = re.findall(r"\{([^}]*)\}", self.path)
        found = {}
        for part in self.described["parameters"]:
            each = self.document.resolve(part)
            place, name = each["in"], each["name"]
            key = name.lower() if place == "header" else name
            if place == "path":
                key = str(names.index(name)) if name in names else name
            found[place, key] = each
        return {key: each for key, each in found.items() if key not in NO_PARAMETERS}

    def body(self) -> Object:
        """Return the request body, which is empty if the operation takes none."""
        return self.document.resolve(self.described.get("requestBody", ANY))

    def responses(self) -> dict[str, Object]:
        """Return the responses by status."""
        described = self.described.get("responses", ANY).items()
        return {str(status): self.document.resolve(each) for status, each in described}


def operations_of(document: Document) -> dict[tuple[str, str], Operation]:
    """Return the operations of a document by their keys."""
    found = [Operation(document, *each) for each in document.operations()]
    return {each.key: each for each in found}


def breaking_changes(base: Document, new: Document) -> list[Change]:
    """Return the changes from `base` to `new` that break clients, each once."""
    operations = operations_of(new)
    found: dict[Change, None] = {}
    for key, old in operations_of(base).items():
        if key in operations:
            found |= dict.fromkeys(_Comparison(old, operations[key]).changes())
        else:
            place = Place(old.name, "operation")
            found[Change(Rule.OPERATION_REMOVED, place, "removed")] = None
    return [*found]


class _Comparison:
    """Compares two versions of an operation."""

    def __init__(self, old: Operation, new: Operation) -> None:
        self._old, self._new = old, new
        documents = old.document, new.document
        self._requests = SchemaComparison(*documents, Direction.REQUEST)
        self._responses = SchemaComparison(*documents, Direction.RESPONSE)

    def changes(self) -> Iterator[Change]:
        yield from security_changes(
            (self._old.document, self._old.described),
            (self._new.document, self._new.described),
            self._place("security"),
        )
        yield from self._parameter_changes()
        yield from self._body_changes()
        yield from self._response_changes()

    def _place(self, kind: str, member: str = "") -> Place:
        return Place(self._old.name, kind, member)

    def _parameter_changes(self) -> Iterator[Change]:
        before, after = self._old.parameters(), self._new.parameters()
        for key, old in before.items():
            place = self._place(f"{old['in']} parameter", old["name"])
            if (new := after.get(key)) is None:
                yield Change(Rule.PARAMETER_REMOVED, place, "removed")
                continue
            if _encoding(old) != _encoding(new):
                yield Change(Rule.PARAMETER_ENCODING, place, "encoded in another way")
            yield from self._requests.changes(_schema(old), _schema(new), place)
        for key, new in after.items():
            if new.get("required") and not before.get(key, ANY).get("required"):
                place = self._place(f"{new['in']} parameter", new["name"])
                yield Change(Rule.PARAMETER_REQUIRED, place, "now required")

    def _body_changes(self) -> Iterator[Change]:
        old, new = self._old.body(), self._new.body()
        place = self._place("request body")
        if old and not new:
            yield Change(Rule.BODY_REMOVED, place, "removed")
            return
        if new.get("required") and not old.get("required"):
            yield Change(Rule.BODY_REQUIRED, place, "now required")
        yield from self._content_changes(old, new, self._requests, place)

    def _response_changes(self) -> Iterator[Change]:
        after = self._new.responses()
        for status, old in self._old.responses().items():
            new = after.get(status, after.get(f"{status[0]}XX"))
            is_error = status[0] in "45d"  # 4xx, 5xx and `default`
            if new is not None:
                kind = "error" if is_error else "response"
                yield from self._header_changes(old, new, kind)
                place = self._place(f"{kind} body")
                yield from self._content_changes(old, new, self._responses, place)
            elif not is_error:  # a client may rely on success, but on no error
                yield Change(Rule.STATUS_REMOVED, self._place("status", status), "removed")

    def _header_changes(self, old: Object, new: Object, kind: str) -> Iterator[Change]:
        documents = self._old.document, self._new.document
        before, after = (
            {name.lower(): (name, document.resolve(each)) for name, each in described.items()}
            for document, described in zip(documents, _headers(old, new), strict=True)
        )
        for key, (name, header) in before.items():
            place = self._place(f"{kind} header", name)
            if key in after:
                other = after[key][1]
                if header.get("required") and not other.get("required"):
                    yield Change(Rule.HEADER_OPTIONAL, place, "may now be absent")
                yield from self._responses.changes(_schema(header), _schema(other), place)
            elif key not in DEPRECATION_HEADERS or not self._old.described.get("deprecated"):
                yield Change(Rule.HEADER_REMOVED, place, "removed")

    def _content_changes(
        self, old: Object, new: Object, comparison: SchemaComparison, place: Place
    ) -> Iterator[Change]:
        before, after = old.get("content", ANY), new.get("content", ANY)
        kind = place.kind.replace("body", "media type")
        for media_type, content in before.items():
            if media_type in after:
                schemas = content.get("schema", ANY), after[media_type].get("schema", ANY)
                yield from comparison.changes(*schemas, place)
            else:
                yield Change(Rule.MEDIA_TYPE_REMOVED, self._place(kind, media_type), "removed")


def _headers(old: Object, new: Object) -> tuple[Object, Object]:
    return old.get("headers", ANY), new.get("headers", ANY)


def _schema(part: Object) -> Object:
    """Return the schema of a parameter or header, which may stand in its only media type."""
    content = next(iter(part.get("content", ANY).values()), part)
    schema: Object = content.get("schema", ANY)
    return schema


def _encoding(parameter: Object) -> tuple[object, ...]:
    """Return how a parameter is written in a request, with the defaults of OpenAPI."""
    style = parameter.get("style", STYLES[parameter["in"]])
    return style, parameter.get("explode", style == "form"), *parameter.get("content", ANY)
