"""The arguments of `poe resource`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dev.resource.recipe import OPERATIONS

LISTS = ("search", "sort", "filter")


@dataclass(frozen=True, kw_only=True)
class Options:
    """The flags that describe a resource, as they were given. Names are separated by commas.

    A list flag is `None` if it was not given. `unknown` holds unknown flags.
    """

    plural: str | None = None
    access: str = "owner"
    unique: Sequence[str] = field(default_factory=list)
    before: Sequence[str] = field(default_factory=list)
    search: str | None = None
    sort: str | None = None
    filter: str | None = None
    without: str = ""
    versioned: bool = True
    unknown: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Command:
    """The words that describe a resource, or files of recipes, and the flags of the command.

    `described` says whether words or flags describe a resource.
    """

    options: Options
    described: bool
    words: Sequence[str]
    files: Sequence[Path]
    add: Sequence[str]
    add_value: Sequence[str]
    resume: bool
    abort: bool
    dry_run: bool
    json: bool


def flags() -> list[str]:
    """Return all flags."""
    return [flag for action in _parser()._actions for flag in action.option_strings]


def read(arguments: Sequence[str]) -> Command:
    """Return the command; exit with 2 if a flag has no value."""
    given, unknown = _parser().parse_known_intermixed_args(arguments)
    values = vars(given)
    options = {each.name: values.pop(each.name) for each in fields(Options) if each.name in values}
    described = bool(values["words"] or options)
    return Command(options=Options(**options, unknown=unknown), described=described, **values)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="poe resource",
        allow_abbrev=False,
        description="Write a resource with its migration and tests.",
        epilog="A field is name:type[:modifier...], as in price:decimal:12.2:gt=0.",
    )
    add, absent = parser.add_argument, argparse.SUPPRESS
    add("words", nargs="*", metavar="NAME FIELD", help="the name in the singular, and the fields")
    add("--plural", default=absent, help="the plural, if it is irregular")
    add("--access", default=absent, help="owner (default), shared or admin")
    for name, about in (("unique", "fields unique together"), ("before", "A must be less than B")):
        add(f"--{name}", action="append", default=absent, metavar="A,B", help=about)
    for name, verb in zip(LISTS, ("search in", "sort by", "filter by"), strict=True):
        add(f"--{name}", default=absent, metavar="A,B", help=f"the fields that lists {verb}")
    add("--without", default=absent, metavar="A,B", help=f"any of {','.join(OPERATIONS)}")
    switch = argparse.BooleanOptionalAction
    add("--versioned", action=switch, default=absent, help="ETag and If-Match")
    several: dict[str, Any] = {"nargs": "+", "action": "extend", "default": []}
    add("--add", **several, metavar="FIELD", help="add fields to a generated resource")
    add("--add-value", **several, metavar="FIELD:VALUE", help="add values to its enums")
    add("--continue", dest="resume", action="store_true", help="continue after conflicts")
    add("--abort", action="store_true", help="undo an addition: remove .resource and its branch")
    add("--from", dest="files", action="append", type=Path, default=[], help="a file of recipes")
    add("--dry-run", action="store_true", help="show what would be written")
    add("--json", action="store_true", help="show it for programs")
    return parser
