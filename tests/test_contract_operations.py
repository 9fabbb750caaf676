"""`poe contract` names each breaking change of an operation."""

import pytest

from dev.contract.changes import Rule
from dev.contract.document import Document
from dev.contract.operations import breaking_changes
from tests.support.api_example import (
    BASE,
    PATCH,
    Edit,
    add,
    changed,
    patch,
    problem,
    response,
    schemes,
)
from tests.support.api_mutations import MUTATIONS

BREAKING: list[tuple[Rule, str, Edit]] = [
    (
        Rule.OPERATION_REMOVED,
        "GET /health: operation removed",
        lambda it: it["paths"].pop("/health"),
    ),
    (
        Rule.OPERATION_REMOVED,
        f"{PATCH}: operation removed",
        lambda it: it["paths"]["/items/{item_id}"].pop("patch"),
    ),
    (
        Rule.PARAMETER_REMOVED,
        f"{PATCH}: query parameter limit removed",
        lambda it: patch(it)["parameters"].pop(0),
    ),
    (
        Rule.PARAMETER_REMOVED,
        f"{PATCH}: header parameter If-Match removed",
        lambda it: patch(it)["parameters"][1].update({"in": "query"}),
    ),
    (
        Rule.PARAMETER_REQUIRED,
        f"{PATCH}: header parameter If-Match now required",
        lambda it: patch(it)["parameters"][1].update(required=True),
    ),
    (
        Rule.PARAMETER_REQUIRED,
        f"{PATCH}: query parameter since now required",
        lambda it: add(it, **{"in": "query", "name": "since", "required": True}),
    ),
    (
        Rule.PARAMETER_ENCODING,
        f"{PATCH}: query parameter tags encoded in another way",
        lambda it: patch(it)["parameters"][2].update(explode=False),
    ),
    (
        Rule.BOUND,
        f"{PATCH}: query parameter limit maximum changed from 100 to 50",
        lambda it: it["components"]["parameters"]["Limit"]["schema"].update(maximum=50),
    ),
    (
        Rule.CONSTRAINT,
        f"{PATCH}: path parameter item_id format changed from none to uuid",
        lambda it: it["paths"]["/items/{item_id}"]["parameters"][0]["schema"].update(format="uuid"),
    ),
    (Rule.BODY_REMOVED, f"{PATCH}: request body removed", lambda it: patch(it).pop("requestBody")),
    (
        Rule.BODY_REQUIRED,
        f"{PATCH}: request body now required",
        lambda it: patch(it)["requestBody"].update(required=True),
    ),
    (
        Rule.MEDIA_TYPE_REMOVED,
        f"{PATCH}: request media type application/merge-patch+json removed",
        lambda it: patch(it)["requestBody"]["content"].pop("application/merge-patch+json"),
    ),
    (
        Rule.MEDIA_TYPE_REMOVED,
        f"{PATCH}: response media type application/json removed",
        lambda it: response(it).pop("content"),
    ),
    (
        Rule.STATUS_REMOVED,
        f"{PATCH}: status 202 removed",
        lambda it: patch(it)["responses"].pop("202"),
    ),
    (
        Rule.HEADER_REMOVED,
        f"{PATCH}: response header ETag removed",
        lambda it: response(it).pop("headers"),
    ),
    (
        Rule.HEADER_OPTIONAL,
        f"{PATCH}: response header ETag may now be absent",
        lambda it: response(it)["headers"]["ETag"].pop("required"),
    ),
    (
        Rule.TYPE,
        f"{PATCH}: response header ETag type changed from string to integer",
        lambda it: response(it)["headers"]["ETag"]["schema"].update(type="integer"),
    ),
    (
        Rule.MEMBER_REMOVED,
        f"{PATCH}: error member detail removed",
        lambda it: problem(it)["properties"].clear(),
    ),
    (
        Rule.SECURITY_REQUIRED,
        f"{PATCH}: security now requires Key, so OAuth2 (items:write) is no longer sufficient",
        lambda it: patch(it)["security"].pop(0),
    ),
    (
        Rule.SECURITY_REQUIRED,
        f"{PATCH}: security now requires OAuth2 (items:write) or Key, so Key is no longer"
        " sufficient",
        lambda it: schemes(it)["Key"].update(name="X-Other"),
    ),
    (
        Rule.SECURITY_REQUIRED,
        "GET /health: security now requires Key, so a request without credentials is no longer"
        " sufficient",
        lambda it: it["paths"]["/health"]["get"].update(security=[{"Key": []}]),
    ),
    (
        Rule.SECURITY_REQUIRED,
        f"{PATCH}: security now requires OAuth2 (items:write, admin) or Key, so OAuth2"
        " (items:write) is no longer sufficient",
        lambda it: patch(it)["security"][0]["OAuth2"].append("admin"),
    ),
    (
        Rule.SECURITY_REQUIRED,
        f"{PATCH}: security now requires OAuth2 (items:write) or Key, so OAuth2 (items:write) is no"
        " longer sufficient",
        lambda it: schemes(it)["OAuth2"]["flows"]["password"].update(tokenUrl="/other"),
    ),
]


@pytest.mark.parametrize(("rule", "line", "edit"), BREAKING, ids=[each[1] for each in BREAKING])
def test_a_breaking_change_has_one_line(rule: Rule, line: str, edit: Edit) -> None:
    found = breaking_changes(Document(BASE), Document(changed(edit)))

    assert [(each.rule, str(each)) for each in found] == [(rule, line)]


def test_every_rule_has_a_test() -> None:
    of_schemas = {
        rule
        for each in MUTATIONS
        for rule in (each.request, each.response, each.undone_request, each.undone_response)
    }

    assert {rule for rule, _, _ in BREAKING} | of_schemas == {*Rule, None}
