"""`resources.toml`: the recipes of the generated resources, and the files of `--from`."""

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import fields
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from dev.resource.arguments import LISTS, Options
from dev.resource.grammar import field_parts
from dev.resource.grammar import read as read_words
from dev.resource.known import Known, conflicts
from dev.resource.names import nearest
from dev.resource.recipe import OPERATIONS, RecipeError, Resource

HEADER = "# The recipes of the generated resources, for `poe resource NAME --add`.\n"
TEXTS = {"generator", "plural", "access", "without", *LISTS}
LISTS_OF_TEXTS = {"fields", "unique", "before"}
KEYS = {"versioned", *TEXTS, *LISTS_OF_TEXTS}


def read(path: Path) -> dict[str, Resource]:
    """Return the recipes in a file, by name; raise `RecipeError` with all mistakes."""
    if not path.exists():
        return {}
    found, mistakes = _read_all([path])
    if mistakes:
        raise RecipeError(mistakes)
    return found


def read_from(paths: Sequence[Path], known: Known) -> list[Resource]:
    """Return the recipes in files, each after those that it refers to.

    Raise `RecipeError` with all mistakes.
    """
    found, mistakes = _read_all(paths)
    ordered = _ordered(found, mistakes)
    for each in ordered:
        mistakes += [f"{each.name}: {problem}" for problem in conflicts(each, known)]
        known = known.including(each)
    if mistakes:
        raise RecipeError(mistakes)
    return ordered


def append(text: str, resource: Resource, generator: str = "") -> str:
    """Return the text of a recipe file with one more recipe; `generator` is the version."""
    return f"{text or HEADER}\n{_table(resource, generator)}"


def replaced(text: str, resource: Resource, generator: str = "") -> str:
    """Return the text of a recipe file with another recipe in the place of the former one.

    Raise `RecipeError` if the former one has an unusual form.
    """
    # Blank lines and comments at its end belong to the next table.
    former = rf"^\[{resource.name}\]\n(?:(?!\[).*\n)*?(?=(?:#.*\n|\n)*(?:\[|\Z))"
    table = _table(resource, generator)
    new, count = re.subn(former, lambda _: table, text.rstrip() + "\n", flags=re.MULTILINE)
    if count != 1:
        raise RecipeError([f"{resource.name}: its recipe must begin with [{resource.name}]."])
    return new


def options_of(resource: Resource) -> Options:
    """Return the flags that describe a resource."""
    return _read_options(_options(resource))


def _table(resource: Resource, generator: str) -> str:
    lines = [f"[{resource.name}]"]
    if generator:
        lines.append(f"generator = {_toml(generator)}")
    lines.append("fields = [")
    for field in resource.fields:
        parts = field_parts(field)
        has_colon = any(":" in part for part in parts)
        lines.append(f"    {_toml(parts if has_colon else ':'.join(parts))},")
    lines += ["]", *(f"{key} = {_toml(value)}" for key, value in _options(resource).items())]
    return "\n".join([*lines, ""])


def _options(resource: Resource) -> dict[str, Any]:
    without = [each for each in OPERATIONS if each not in resource.operations]
    lists = LISTS if "list" in resource.operations else ()
    options: dict[str, Any] = {"plural": resource.plural, "access": resource.access}
    options |= {each: ",".join(getattr(resource, each)) for each in lists}
    options |= {"without": ",".join(without)} if without else {}
    for name in ("unique", "before"):
        options |= {name: [",".join(names) for names in getattr(resource, name)]}
    return options | {"versioned": resource.versioned}


def _toml(value: object) -> str:
    """Return a text, a flag or a list in TOML, which writes these as JSON does."""
    return json.dumps(value, ensure_ascii=False)


def _read_all(paths: Sequence[Path]) -> tuple[dict[str, Resource], list[str]]:
    found: dict[str, Resource] = {}
    mistakes: list[str] = []
    for path in paths:
        try:
            recipes = tomllib.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            mistakes.append(f"{path.name}: {error}.")
            continue
        for name, recipe in recipes.items():
            if name in found:
                mistakes.append(f"{path.name}: {name} is there twice.")
            problems = _problems_of_table(recipe)
            if not problems:
                words = [name, *recipe.get("fields", [])]
                found[name], problems = read_words(words, _read_options(recipe))
            mistakes += [f"{path.name}: {name}: {problem}" for problem in problems]
    return found, mistakes


def _problems_of_table(recipe: Any) -> list[str]:  # noqa: ANN401 - any TOML
    if not isinstance(recipe, dict):
        return ["a recipe is a table, as in [invoice]."]
    problems = [f"{key} is unknown.{nearest(key, KEYS)}" for key in recipe if key not in KEYS]
    for key, value in recipe.items():
        if key in TEXTS and not isinstance(value, str):
            problems.append(f"{key} must be a text.")
        if key in LISTS_OF_TEXTS and not _is_list_of_texts(value, nested=key == "fields"):
            problems.append(f"{key} must be a list of texts.")
        if key == "versioned" and not isinstance(value, bool):
            problems.append("versioned must be true or false.")
    return problems


def _is_list_of_texts(value: object, *, nested: bool) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, str) or (nested and bool(each) and _is_list_of_texts(each, nested=False))
        for each in value
    )


def _read_options(recipe: dict[str, Any]) -> Options:
    names = {each.name for each in fields(Options)} & recipe.keys()
    values: dict[str, Any] = {name: recipe[name] for name in names}
    values |= {name: tuple(recipe[name]) for name in ("unique", "before") if name in recipe}
    return Options(**values)


def _ordered(found: dict[str, Resource], mistakes: list[str]) -> list[Resource]:
    """Return the resources, each after those that it refers to; add a mistake for a cycle."""
    targets = {
        name: {each.arguments[0] for each in resource.refs} & found.keys() - {name}
        for name, resource in found.items()
    }
    try:
        return [found[name] for name in TopologicalSorter(targets).static_order()]
    except CycleError as error:
        cycle = " > ".join(error.args[1])
        mistakes.append(f"{cycle}: these refer to each other. Add one ref later, with --add.")
        return []
