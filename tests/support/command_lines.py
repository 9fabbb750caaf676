"""Command lines of `poe resource` in a project with a few models."""

from dataclasses import replace

import pytest

from dev.resource import arguments
from dev.resource.grammar import parse
from dev.resource.known import Known, Target
from dev.resource.recipe import RecipeError, Resource

USER = Target(
    name="user",
    model="User",
    module="app.models.user",
    table="users",
    is_owned=False,
)
TICKET = replace(USER, name="ticket", table="tickets", deleted_with=frozenset({"users"}))
MODULES = {"src/app/models/item.py", "src/app/services/accounts/__init__.py"}
NAMES = {
    "the table users",
    "the operation create_token",
    "the table app_jobs",
    "the path /log-ins",
    "the model Session",
}
CUSTOMER = replace(
    USER, name="customer", table="customers", is_owned=True, refers_to=frozenset({"dealers"})
)
VISIT = replace(USER, name="visit", table="visits", refers_to=frozenset({"customers", "visits"}))
KNOWN = Known(
    {each.name: each for each in (USER, CUSTOMER, TICKET, VISIT)}, frozenset(MODULES | NAMES)
)


def parsed(line: str) -> Resource:
    """Return the resource that a command line describes."""
    command = arguments.read(line.split(" ") if line else [])
    return parse(command.words, command.options, KNOWN)


def mistakes(line: str) -> list[str]:
    """Return the mistakes of a command line."""
    with pytest.raises(RecipeError) as caught:
        parsed(line)
    return caught.value.mistakes
