"""Compares the credentials that an operation requires."""

from collections.abc import Iterator

from dev.contract.changes import Change, Place, Rule
from dev.contract.document import ANY, Document, Object

NOTHING: Object = {}
IDENTITY = ("type", "in", "name", "scheme", "openIdConnectUrl")
URLS = ("authorizationUrl", "tokenUrl", "refreshUrl")

Side = tuple[Document, Object]


def security_changes(old: Side, new: Side, place: Place) -> Iterator[Change]:
    """Yield a change for each set of credentials that is no longer sufficient."""
    sufficient = _requirements(new)
    for requirement in _requirements(old):
        if not any(_suffices(old[0], requirement, new[0], each) for each in sufficient):
            given = _named(requirement) or "a request without credentials"
            wanted = " or ".join(_named(each) or "nothing" for each in sufficient)
            text = f"now requires {wanted}, so {given} is no longer sufficient"
            yield Change(Rule.SECURITY_REQUIRED, place, text)


def _requirements(side: Side) -> list[Object]:
    """Return the alternatives of an operation; an empty one requires nothing."""
    document, operation = side
    return operation.get("security", document.root.get("security", [])) or [NOTHING]


def _suffices(old: Document, given: Object, new: Document, wanted: Object) -> bool:
    """Return whether credentials for one requirement satisfy another one."""
    return all(
        any(
            _is_accepted(_scheme(old, own), _scheme(new, name)) and {*scopes} <= {*given[own]}
            for own in given
        )
        for name, scopes in wanted.items()
    )


def _scheme(document: Document, name: str) -> Object:
    return document.resolve(document.components.get("securitySchemes", ANY).get(name, ANY))


def _is_accepted(old: Object, new: Object) -> bool:
    """Return whether a client of one scheme can use the other one."""
    if any(old.get(key) != new.get(key) for key in IDENTITY):
        return False
    after = new.get("flows", ANY)
    return all(
        flow in after and all(each.get(url) == after[flow].get(url) for url in URLS)
        for flow, each in old.get("flows", ANY).items()
    )


def _named(requirement: Object) -> str:
    scopes = {name: f" ({', '.join(each)})" if each else "" for name, each in requirement.items()}
    return " and ".join(f"{name}{scopes[name]}" for name in requirement)
