"""`resources.toml`: the recipes of the generated resources, and the files of `--from`."""

import json
import re
import tomllib
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import Any

from dev.resource.arguments import LISTS, Command, Options
from dev.resource.flags import Flags
from dev.resource.grammar import field_parts
from dev.resource.grammar import read as read_words
from dev.resource.known import Known, problems_of_refs, problems_of_taken
from dev.resource.names import nearest
from dev.resource.recipe import OPERATIONS, Field, RecipeError, Resource

HEADER = "# The recipes of the generated resources, for `poe resource NAME --add`.\n"
TEXT, TEXTS, FLAG = "a text", "a list of texts", "true or false"
FORMS = {
    **dict.fromkeys(("generator", "plural", "access", "without", *LISTS), TEXT),
    **dict.fromkeys(("fields", "unique", "before"), TEXTS),
    "versioned": FLAG,
}
ALONE = (
    "--from takes no NAME, no FIELD and no flag that describes a resource, because the files do."
)


def read(path: Path) -> dict[str, Resource]:
    """Return the recipes in a file, by name; raise `RecipeError` with all mistakes."""
    if not path.exists():
        return {}
    found, mistakes = _read_all([path], may_be_empty=True)
    if mistakes:
        raise RecipeError(mistakes)
    return found


def read_from(command: Command, known: Known) -> list[Resource]:
    """Return the recipes in the files of a command, each after those that it refers to.

    Raise `RecipeError` with all mistakes.
    """
    found, mistakes = _read_all(command.files)
    unknown = Flags(command.options, set(), {}).mistakes
    mistakes = [*unknown, *[ALONE] * command.described, *mistakes]
    ordered = _ordered(found)
    # Included twice, because the first may refer to the last.
    complete = reduce(Known.including, [*ordered, *ordered], known)
    for each in ordered:
        problems = [*problems_of_taken(each, known), *problems_of_refs(each, complete)]
        mistakes += [f"{each.name}: {problem}" for problem in problems]
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
    if count != 1 or not _is_toml(new):
        form = f"have the form that `poe resource` writes, from [{resource.name}] on"
        raise RecipeError([f"{resource.name}: its recipe must {form}."])
    return new


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except ValueError:
        return False
    return True


def options_of(resource: Resource) -> Options:
    """Return the flags that describe a resource."""
    return Options(**_flags(resource))


def _table(resource: Resource, generator: str) -> str:
    lines = [f"[{resource.name}]"]
    lines += [f"generator = {_toml(generator)}"] if generator else []
    lines += ["fields = [", *(f"    {_toml(_word(each))}," for each in resource.fields), "]"]
    lines += [f"{key} = {_toml(value)}" for key, value in _flags(resource).items()]
    return "\n".join([*lines, ""])


def _word(field: Field) -> str | list[str]:
    """Return the word that describes a field, or its parts if one contains a colon."""
    parts = field_parts(field)
    return parts if any(":" in part for part in parts) else ":".join(parts)


def _flags(resource: Resource) -> dict[str, Any]:
    without = [each for each in OPERATIONS if each not in resource.operations]
    flags: dict[str, Any] = {"plural": resource.plural, "access": resource.access}
    if "list" in resource.operations:
        flags |= {each: ",".join(getattr(resource, each)) for each in LISTS}
    flags |= {"without": ",".join(without)} if without else {}
    for name in ("unique", "before"):
        flags[name] = [",".join(names) for names in getattr(resource, name)]
    return flags | {"versioned": resource.versioned}


def _toml(value: object) -> str:
    """Return a text, a flag or a list in TOML, which writes these as JSON does."""
    return json.dumps(value, ensure_ascii=False)


def _read_all(
    paths: Sequence[Path], *, may_be_empty: bool = False
) -> tuple[dict[str, Resource], list[str]]:
    found: dict[str, Resource] = {}
    mistakes: list[str] = []
    for path in paths:
        try:
            recipes = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            mistakes.append(f"There is no file {path}.")
            continue
        except (OSError, ValueError, RecursionError) as error:
            mistakes.append(f"{path.name}: {getattr(error, 'strerror', error)}.")
            continue
        if not (recipes or may_be_empty):
            mistakes.append(f"{path.name} has no recipe, which is a table such as [invoice].")
        for name, recipe in recipes.items():
            if name in found:
                mistakes.append(f"{path.name}: {name} has two recipes.")
            resource, problems = _read_one(name, recipe)
            found |= {name: resource} if resource else {}
            mistakes += [f"{path.name}: {name}: {problem}" for problem in problems]
    return found, mistakes


def _read_one(name: str, recipe: object) -> tuple[Resource | None, list[str]]:
    if not isinstance(recipe, dict):
        return None, ["a recipe is a table, as in [invoice]."]
    wrong = {key for key in recipe if _form(recipe[key], nested=key == "fields") != FORMS.get(key)}
    problems = [_problem_of_key(key) for key in recipe if key in wrong]
    if "fields" in wrong:  # so do not look for the names of fields
        wrong |= {*LISTS, "unique", "before"}
    flags = {key: recipe[key] for key in recipe.keys() - wrong - {"generator", "fields"}}
    fields = [None] if "fields" in wrong else recipe.get("fields", [])
    resource, more = read_words([name, *fields], Options(**flags))
    return resource, [*problems, *more]


def _problem_of_key(key: str) -> str:
    form = f"{key} must be {FORMS[key]}." if key in FORMS else ""
    return form or f"{key} is unknown.{nearest(key, FORMS)}"


def _form(value: object, *, nested: bool = False) -> str:
    """Return what a value is; if it is nested, each text in it may be a list of texts."""
    if isinstance(value, list):
        forms = {TEXT, TEXTS} if nested else {TEXT}
        return TEXTS if {_form(each) for each in value} <= forms else ""
    return FLAG if isinstance(value, bool) else TEXT if isinstance(value, str) else ""


def _ordered(found: dict[str, Resource]) -> list[Resource]:
    """Return the resources, each after those that it refers to unless these refer to it."""
    waiting, ordered = {**found}, list[Resource]()
    while waiting:
        ready = (each for each in waiting if not _targets(waiting[each]) & waiting.keys() - {each})
        ordered.append(waiting.pop(next(ready, next(iter(waiting)))))
    return ordered


def _targets(resource: Resource) -> set[str]:
    return {each.arguments[0] for each in resource.refs}
