"""Projects with random resources that refer to each other, the same in each run."""

import random
from dataclasses import replace
from functools import cache
from itertools import combinations_with_replacement

from hypothesis import HealthCheck, Phase, given, seed, settings

from dev.resource.kinds import KINDS
from dev.resource.known import Known
from dev.resource.names import plural_of
from dev.resource.recipe import Resource
from dev.resource.recipe_file import append
from tests.support.command_lines import USER
from tests.support.recipes import resources

# The depot is a model that was written by hand.
TARGETS = {"user": USER, "depot": replace(USER, name="depot", table="depots")}
PROJECTS, RESOURCES = 20, 10
# Hypothesis begins with simple examples, so a later one is chosen.
EXAMPLES = 4
PAIRS = [*combinations_with_replacement(KINDS, 2)]
# Names with unusual articles and plurals, long names, and words of Python, SQL and the tests.
NAMES = (  # noqa: SIM905 - a list would have a line for each name
    "hour honest_offer unit user_group one_off euro_account umbrella x_ray category bus "
    "church day box quiz address analysis series child purchase_order_line_allotment "
    "international_delivery_notice b2b_deal q order match case client table select insert "
    "update result row group order_line key content column statement test app router config "
    "event message voucher accountant comment limit cursor path body note customer invoice "
    "ticket team task membership room booking country time url json uuid4 base_rate "
    "index_card service schema model problem request alice head fixture other error status "
    "access_rule stored"
).split()
PLURALS = {
    "analysis": "analyses",
    "child": "children",
    "quiz": "quizzes",
    "series": "all_series",
}


@cache
def project(number: int) -> list[Resource]:
    """Return resources, each of which may refer to itself and to those before it."""
    names = random.Random(number).sample(NAMES, RESOURCES)  # noqa: S311 - no secret
    known, found = Known(TARGETS, frozenset()), []
    for index, name in enumerate(names):
        drawn = _drawn(number * RESOURCES + index, name, (*known.targets, name))
        found.append(_cascading(drawn, known))
        known = known.including(found[-1])
    return found


def _cascading(resource: Resource, known: Known) -> Resource:
    """Return a resource without refs that would prevent the deletion of an account."""
    complete = known.including(resource)
    prevented = complete.prevented_by(resource.name)
    if not prevented:
        return resource
    fields = (
        replace(each, on_delete="cascade")
        if each.kind == "ref" and complete.targets[each.arguments[0]].table in prevented
        else each
        for each in resource.fields
    )
    return _cascading(replace(resource, fields=tuple(fields)), known)


def _drawn(number: int, name: str, targets: tuple[str, ...]) -> Resource:
    """Return the random resource with a number; two of its fields have the types of a pair."""
    found: list[Resource] = []

    @seed(number)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(resources(name, targets, first=PAIRS[number % len(PAIRS)]))
    def keep(resource: Resource) -> None:
        found.append(resource)

    keep()
    return replace(found[-1], plural=PLURALS.get(name, plural_of(name)))


def recipes(number: int) -> str:
    """Return the recipes of a project as a file, in any order."""
    found, text = project(number), ""
    for each in random.Random(number).sample(found, len(found)):  # noqa: S311 - no secret
        text = append(text, each)
    return text
