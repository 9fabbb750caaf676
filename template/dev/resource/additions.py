"""Reads an addition to a resource: fields, and values of enums."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from dev.resource import grammar, recipe_file
from dev.resource.addition_branch import Addition
from dev.resource.arguments import LISTS, Command, Options
from dev.resource.emit import emit
from dev.resource.kinds import kind_of
from dev.resource.known import files_of, problems_of_refs
from dev.resource.names import nearest, plural_of
from dev.resource.project import read_project
from dev.resource.recipe import Field, RecipeError, Resource
from dev.resource.steps import RECIPES, generator

ROWS = "of a table that may hold rows must be optional"
ALONE = (
    "--add and --add-value take one name, and of the flags only --search, --sort, --filter and"
    " --dry-run."
)


def read_addition(folder: Path, command: Command) -> Addition:
    """Return an addition to a resource of a project; raise `RecipeError` with all mistakes."""
    recipes, known = recipe_file.read(folder / RECIPES), read_project(folder)
    others = replace(command.options, search=None, sort=None, filter=None, unknown=())
    if len(command.words) != 1 or others != Options() or command.files or command.json:
        raise RecipeError([ALONE])
    name = command.words[0]
    if (old := recipes.get(name)) is None:
        raise RecipeError([_without_recipe(folder, name, recipes)])
    new, mistakes = extended(old, command)
    mistakes += [*problems_of_refs(new, known), *_written_by_hand(folder, old, new)]
    if mistakes:
        raise RecipeError(mistakes)
    text = (folder / RECIPES).read_text("utf-8")
    added = [each.partition(":")[0] for each in command.add]
    added += [each.replace(":", " ") for each in command.add_value]
    return Addition(
        f"Add {', '.join(added)} to {old.nouns}",
        emit(old, known.targets),
        emit(new, known.targets),
        recipe_file.replaced(text, new, generator(folder)),
    )


def extended(old: Resource, command: Command) -> tuple[Resource, list[str]]:
    """Return a resource with the fields and values of a command, and the mistakes."""
    fields = {each.name: grammar.field_parts(each) for each in old.fields}
    problems = [why for each in command.add_value for why in _add_values(old, fields, each)]
    words = [old.name, *fields.values(), *command.add]
    new, mistakes = grammar.read(words, _options(old, command.options))
    problems += [why for each in _added(old, new) for why in _problems(each)]
    return new, [*problems, *mistakes]


def _added(old: Resource, new: Resource) -> list[Field]:
    return [each for each in new.fields if each.name not in old.by_name]


def _written_by_hand(folder: Path, old: Resource, new: Resource) -> Iterator[str]:
    """Yield a sentence for each new field that the model has already."""
    file = folder / f"src/app/models/{old.name}.py"
    text = file.read_text("utf-8") if file.is_file() else ""
    for field in _added(old, new):
        if re.search(rf"^\s+{field.member}\s*:", text, re.MULTILINE):
            yield f"{field.name}: {file.name} has {field.member} already."


def _problems(field: Field) -> Iterator[str]:
    """Yield why a table that may hold rows cannot have a new field."""
    can_default = "default" in kind_of(field).modifiers and not field.unique
    if not (field.optional or (can_default and field.default is not None)):
        column = "unique column" if field.unique else "column"
        yield f"{field.name}: a new {column} {ROWS}{' or have a default' * can_default}."


def _add_values(old: Resource, fields: dict[str, list[str]], word: str) -> Iterator[str]:
    """Add values to the parts of an enum; yield the mistakes."""
    name, colon, values = word.partition(":")
    enums = [each.name for each in old.fields if each.kind == "enum"]
    if not colon:
        yield f"--add-value takes FIELD:VALUE, not {name}."
    elif name not in enums:
        yield f"--add-value: {name} is no enum of {old.name}.{nearest(name, enums)}"
    else:
        known, new = fields[name][2].split(","), values.split(",")
        for value in filter(known.__contains__, new):
            yield f"--add-value: {value} is a value of {name} already."
        fields[name][2] = ",".join(dict.fromkeys([*known, *new]))


def _options(old: Resource, given: Options) -> Options:
    """Return the flags of a resource, with those that are given for the new fields.

    A list flag that has its default for the old fields also has it for the new ones.
    """
    lists: dict[str, Any] = {}
    for flag in LISTS:
        default = tuple(each.name for each in old.fields if kind_of(each).flags.get(flag))
        names, more = getattr(old, flag), getattr(given, flag)
        is_default = names == default and more is None
        named = [*names, *(each.strip() for each in (more or "").split(","))]
        lists[flag] = None if is_default else ",".join(filter(None, dict.fromkeys(named)))
    return replace(recipe_file.options_of(old), unknown=given.unknown, **lists)


def _without_recipe(folder: Path, name: str, recipes: dict[str, Resource]) -> str:
    """Return why nothing can be added to a resource without a recipe, with the places to edit."""
    resource = Resource(name=name, plural=plural_of(name), fields=())
    places = [path for path in sorted(files_of(resource)) if (folder / path).exists()]
    if not places:
        return f"There is no recipe of {name} in {RECIPES}.{nearest(name, recipes)}"
    listed = "".join(f"\n  {path}" for path in places)
    return (
        f"There is no recipe of {name} in {RECIPES}, so the addition stays by hand. Edit these"
        f" files, and then run `uv run poe migration`:{listed}"
    )
