"""Reads the words that describe a resource; reports all mistakes at once."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dev.resource import reserved
from dev.resource.arguments import Options
from dev.resource.flags import LATER, Flags
from dev.resource.kinds import KINDS, kind_of
from dev.resource.kinds.base import Kind
from dev.resource.kinds.times import DateTime
from dev.resource.known import Known, problems_of_refs, problems_of_taken
from dev.resource.names import nearest
from dev.resource.recipe import Field, OnDelete, RecipeError, Resource
from dev.resource.rules import problems_of_modifiers, problems_of_operations, problems_of_resource

FLAGS = ("optional", "index", "immutable", "readonly")
COMMON = {"optional", "immutable", "readonly"}
MODIFIERS = COMMON.union(*(kind.modifiers for kind in KINDS.values()))
CHOICES = {"unique": (None, "global"), "on-delete": ("restrict", "cascade", "null")}


def parse(words: Sequence[str], options: Options, known: Known) -> Resource:
    """Return the resource that the words describe; raise `RecipeError` with all mistakes."""
    resource, mistakes = read(words, options)
    mistakes += [*problems_of_taken(resource, known), *problems_of_refs(resource, known)]
    if mistakes:
        raise RecipeError(mistakes)
    return resource


def read(
    words: Sequence[str | Sequence[str] | None], options: Options
) -> tuple[Resource, list[str]]:
    """Return the resource and the mistakes that need no knowledge of the project.

    A field is a word, or a list of its parts, which may then contain colons. `None` stands for
    fields that have neither form.
    """
    name, *rest = [*words] or [""]
    mistakes = [*reserved.problems_of_resource(str(name))]
    is_valid = not mistakes
    split = [_parts(each, mistakes) for each in rest if each is not None]
    fields = [read_field(parts, mistakes) for parts in split]
    valid = tuple(each for each in fields if each)
    flags = Flags(options, {parts[0] for parts in split}, {each.name: each for each in valid})
    resource = flags.resource(str(name), valid)
    if is_valid or options.plural is not None:
        mistakes += reserved.problems_of_plural(resource.plural, resource.name)
    mistakes += flags.mistakes
    if None not in [*fields, *rest]:
        mistakes += problems_of_operations(resource)
    return resource, [*mistakes, *problems_of_resource(resource)]


def _parts(word: str | Sequence[str], mistakes: list[str]) -> list[str]:
    """Return the parts of a field; add a mistake if a default in a word contains a colon."""
    if not isinstance(word, str):
        return [*word] or [""]
    head, default, rest = word.partition(":default=")
    value, *others = re.split(r":(?!\d)", rest)  # no modifier begins with a digit
    parts = [*head.split(":"), *[f"default={value}"] * bool(default), *others]
    if ":" in value:
        form = f"works only in a file for --from, as {json.dumps(parts, ensure_ascii=False)}"
        here = " On the command line, the only default is now." * (parts[1] == DateTime.name)
        mistakes.append(f"{parts[0]}: a default with a colon {form}.{here}")
    return parts


def read_field(parts: Sequence[str], mistakes: list[str]) -> Field | None:
    """Return a field, or `None` after adding its mistakes."""
    name, kind, *rest = [*parts, ""] if len(parts) == 1 else parts
    found = [*reserved.problems_of_field(name, is_ref=kind == "ref")]
    field = Field(name=name, kind=kind)
    if kind in KINDS:
        field = _with_parts(field, rest, found)
    else:
        found.append(_unknown_kind(kind))
    if not found:
        found += problems_of_modifiers(field)
    mistakes += [f"{name}: {each}" for each in found]
    return None if found else field


def field_parts(field: Field) -> list[str]:
    """Return the parts of the word that describes a field."""
    kind, separator = kind_of(field), "." if field.kind == "decimal" else ","
    parts = [field.name, field.kind]
    parts += [separator.join(field.arguments)] if field.arguments else []
    parts += [f"{name}={kind.text(value)}" for name, value in field.bounds.items()]
    parts += [f"default={kind.text(field.default)}"] if field.default is not None else []
    if field.on_delete != _usual_on_delete(field):
        parts.append(f"on-delete={field.on_delete}")
    parts += [flag for flag in FLAGS if getattr(field, flag)]
    return parts + {None: [], "owner": ["unique"], "global": ["unique=global"]}[field.unique]


def _unknown_kind(kind: str) -> str:
    if kind == "via":
        return f"access through a parent {LATER}."
    if not kind:
        return "a field needs a type, as in name:str."
    return f"the type {kind} is unknown.{nearest(kind, KINDS)}"


def _with_parts(field: Field, parts: Sequence[str], found: list[str]) -> Field:
    """Return a field with the arguments of its type and its modifiers; add its mistakes."""
    kind = KINDS[field.kind]
    if kind.arguments:
        text, *parts = [*parts] or [""]
        try:
            field = replace(field, arguments=kind.read_arguments(text))
        except ValueError as error:
            found.append(f"{error}.")
    seen = set[str]()
    # A default must be within the bounds, so it is read after them.
    for part in sorted(parts, key=lambda each: each.startswith("default=")):
        key, equals, value = part.partition("=")
        try:
            _check_modifier(kind, key, seen)
            if not (found and kind.arguments):
                field = replace(field, **_attribute(field, key, value if equals else None))
        except ValueError as error:
            found.append(str(error))
    return field if "on-delete" in seen else replace(field, on_delete=_usual_on_delete(field))


def _usual_on_delete(field: Field) -> OnDelete:
    if field.kind != "ref":
        return "restrict"
    if field.optional:
        return "null"
    # A row of one user must not prevent the deletion of the account of another user.
    return "cascade" if field.arguments == ("user",) else "restrict"


def _check_modifier(kind: Kind, key: str, seen: set[str]) -> None:
    valid = COMMON | kind.modifiers
    if key == "via":
        raise ValueError(f"access through a parent {LATER}.")
    if key not in valid:
        what = f"does not fit {kind.name}" if key in MODIFIERS else "is no modifier"
        raise ValueError(f"{key} {what}.{nearest(key, valid)}")
    if key in seen:
        raise ValueError(f"{key} is given twice.")
    seen.add(key)


def _attribute(field: Field, key: str, value: str | None) -> dict[str, Any]:
    """Return the attribute of a field that a modifier sets; raise `ValueError` with a sentence."""
    if key in FLAGS:
        if value is not None:
            raise ValueError(f"{key} has no value.")
        return {key: True}
    if key in CHOICES:
        if value not in CHOICES[key]:
            valid = ", ".join(f"{key}={each}" if each else key for each in CHOICES[key])
            raise ValueError(f"{key}={value} is unknown. Valid: {valid}.")
        return {key.replace("-", "_"): value or "owner"}
    if not value:
        raise ValueError(f"{key} needs a value, as in {key}=...")
    try:
        if key == "default":
            return {"default": kind_of(field).read(field, value)}
        return {"bounds": {**field.bounds, key: _bound(field, key, value)}}
    except ValueError as error:
        raise ValueError(f"{key}={value} {error}.") from error


def _bound(field: Field, key: str, value: str) -> Any:  # noqa: ANN401 - by the type
    kind = kind_of(field)
    if key not in kind.counts:
        return kind.read(replace(field, bounds={}), value)
    valid = kind.counts[key]
    if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or int(value) not in valid:
        raise ValueError(f"must be from {valid.start} to {valid.stop - 1}")
    return int(value)
