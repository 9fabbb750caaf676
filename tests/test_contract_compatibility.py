"""`poe contract` lets compatible changes of an operation pass, and refuses invalid documents."""

from copy import deepcopy

import pytest

from dev.contract.document import Document, DocumentError
from dev.contract.operations import breaking_changes
from tests.support.api_example import BASE, Edit, add, changed, patch, response, schemes

COMPATIBLE: dict[str, Edit] = {
    "an operation is added": lambda it: it["paths"]["/health"].update(
        head={"responses": {"200": {"description": "OK"}}}
    ),
    "an optional parameter is added": lambda it: add(it, **{"in": "query", "name": "since"}),
    "a header parameter is written in lower case": lambda it: patch(it)["parameters"][1].update(
        name="if-match"
    ),
    "a parameter states a default of its encoding": lambda it: patch(it)["parameters"][2].update(
        style="form", explode=True
    ),
    "parameters change their order": lambda it: patch(it)["parameters"].reverse(),
    "a media type is added": lambda it: response(it)["content"].update({"text/csv": {}}),
    "an error status is removed": lambda it: patch(it)["responses"].pop("404"),
    "an error status is added": lambda it: patch(it)["responses"].update(
        {"409": {"description": "Conflict"}}
    ),
    "a header is added": lambda it: response(it)["headers"].update(
        {"Location": {"schema": {"type": "string"}}}
    ),
    "a header is written in lower case": lambda it: response(it)["headers"].update(
        etag=response(it)["headers"].pop("ETag")
    ),
    "a scope is no longer necessary": lambda it: patch(it)["security"][0]["OAuth2"].clear(),
    "credentials are no longer necessary": lambda it: patch(it)["security"].append({}),
    "a security scheme gets another name": lambda it: (
        schemes(it).update(ApiKey=schemes(it).pop("Key")),
        patch(it)["security"][1].update(ApiKey=patch(it)["security"][1].pop("Key")),
    ),
    "an operation is deprecated": lambda it: patch(it).update(deprecated=True),
    "summaries and tags change": lambda it: patch(it).update(summary="Other", tags=["Other"]),
    "a response is a reference": lambda it: (
        it["components"]["responses"].update(Accepted=response(it, "202")),
        patch(it)["responses"].update({"202": {"$ref": "#/components/responses/Accepted"}}),
    ),
}


@pytest.mark.parametrize("edit", COMPATIBLE.values(), ids=COMPATIBLE)
def test_a_compatible_change_passes(edit: Edit) -> None:
    assert breaking_changes(Document(BASE), Document(changed(edit))) == []


def test_a_parameter_in_the_path_may_change_its_name() -> None:
    described = deepcopy(BASE)
    item = described["paths"].pop("/items/{item_id}")
    item["parameters"][0]["name"] = "id"
    described["paths"]["/items/{id}"] = item

    assert breaking_changes(Document(BASE), Document(described)) == []


def test_deprecated_operations_may_lose_the_headers_of_their_deprecation() -> None:
    old = changed(
        lambda it: (
            patch(it).update(deprecated=True),
            response(it)["headers"].update(Sunset={"schema": {"type": "string"}}),
        )
    )

    assert breaking_changes(Document(old), Document(BASE)) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "it is not valid JSON"),
        ("[" * 100_000, "it is not valid JSON"),
        ("[]", "it has no paths"),
        ('{"paths": []}', "it has no paths"),
    ],
)
def test_a_text_that_describes_no_api_is_refused(text: str, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        Document.parse(text)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("#/components/schemas/None", "is missing"),
        ("other.json#/Item", "is missing"),
        ("#/components/responses/Self", "refers to itself"),
    ],
)
def test_an_invalid_reference_is_refused(reference: str, reason: str) -> None:
    described = changed(
        lambda it: (
            it["components"]["responses"].update(Self={"$ref": reference}),
            patch(it)["responses"].update({"202": {"$ref": "#/components/responses/Self"}}),
        )
    )

    with pytest.raises(DocumentError, match=reason):
        breaking_changes(Document(BASE), Document(described))
