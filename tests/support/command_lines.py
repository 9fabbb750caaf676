"""Command lines of `poe resource` in a project with a few models."""

from dataclasses import replace

import pytest

from dev.resource import arguments
from dev.resource.grammar import parse
from dev.resource.known import Known, Target
from dev.resource.recipe import OnDelete, RecipeError, Resource

USER = Target(
    name="user",
    model="User",
    module="app.models.user",
    table="users",
    is_owned=False,
)


def _target(name: str, *refs: tuple[str, OnDelete], is_owned: bool = False) -> Target:
    return replace(USER, name=name, table=f"{name}s", is_owned=is_owned, refs=frozenset(refs))


MODULES = {"src/app/models/item.py", "src/app/services/accounts/__init__.py"}
NAMES = {
    "the table users",
    "the operation create_token",
    "the table app_jobs",
    "the path /log-ins",
    "the model Session",
}
CUSTOMER = _target("customer", ("dealers", "cascade"), is_owned=True)
# A room is shared, a team and a player have owners.
TARGETS = (
    *(USER, CUSTOMER),
    _target("ticket", ("users", "cascade")),
    _target("visit", ("customers", "null"), ("visits", "null")),
    *(_target("team", is_owned=True), _target("player", ("teams", "restrict"), is_owned=True)),
    *(_target("room"), _target("mark", ("customers", "cascade"))),
)
KNOWN = Known({each.name: each for each in TARGETS}, frozenset(MODULES | NAMES))


def parsed(line: str) -> Resource:
    """Return the resource that a command line describes."""
    command = arguments.read(line.split(" ") if line else [])
    return parse(command.words, command.options, KNOWN)


def mistakes(line: str) -> list[str]:
    """Return the mistakes of a command line."""
    with pytest.raises(RecipeError) as caught:
        parsed(line)
    return caught.value.mistakes
