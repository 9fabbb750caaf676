"""`poe contract` names each breaking change of a random schema, and lets all others pass."""

from copy import deepcopy

import pytest
from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st

from dev.contract.changes import Rule
from dev.contract.document import Document
from dev.contract.operations import breaking_changes
from tests.support.api_mutations import MUTATIONS, Mutation
from tests.support.api_schemas import COMPONENTS, SCHEMAS, Schema, document, parts

settled = settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=[*HealthCheck]
)
BOOLEAN: Schema = {"type": "boolean"}
Sides = tuple[Schema, dict[str, Schema]]


def rules(old: Sides, new: Sides, *, is_request: bool) -> set[Rule]:
    """Return the broken rules when a schema changes in a request, or in a response."""
    documents = []
    for schema, components in (old, new):
        request, response = (schema, BOOLEAN) if is_request else (BOOLEAN, schema)
        documents.append(Document(document(request, response, components)))
    return {change.rule for change in breaking_changes(*documents)}


def mutated(data: st.DataObject, mutation: Mutation) -> tuple[Sides, Sides]:
    """Return a random schema before and after a mutation of one of its parts."""
    schema, components = deepcopy((data.draw(SCHEMAS), COMPONENTS))
    before = deepcopy((schema, components))
    used = [part for name in components if name in str(schema) for part in parts(components[name])]
    places = [part for part in [*parts(schema), *used] if mutation.applies(part)]
    assume(places)
    mutation.apply(data.draw(st.sampled_from(places)))
    return before, (schema, components)


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
@given(data=st.data())
@settled
@seed(19)
def test_a_change_of_a_random_schema_breaks_the_rule_of_its_kind(
    data: st.DataObject, mutation: Mutation
) -> None:
    before, after = mutated(data, mutation)

    expected = {
        "request": {mutation.request} - {None},
        "response": {mutation.response} - {None},
        "undone request": {mutation.undone_request} - {None},
        "undone response": {mutation.undone_response} - {None},
    }
    assert {
        "request": rules(before, after, is_request=True),
        "response": rules(before, after, is_request=False),
        "undone request": rules(after, before, is_request=True),
        "undone response": rules(after, before, is_request=False),
    } == expected


@given(schema=SCHEMAS)
@settled
@seed(19)
def test_a_schema_is_compatible_with_itself_although_components_differ(schema: Schema) -> None:
    more = {**COMPONENTS, "Unused": BOOLEAN}

    for is_request in (True, False):
        sides = (schema, COMPONENTS), (deepcopy(schema), more)
        assert rules(*sides, is_request=is_request) == set()
