"""The description of the API by the app, and the same in `openapi.json`."""

import json
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from dev.contract.document import Object

FILE = "openapi.json"
WRITE = "uv run poe contract --write"
# The version of a build must not change the file, but OpenAPI requires a version.
VERSION = "1"
ANNOTATIONS = {"title", "description", "summary"}
# These contain values of the API, in which any name may occur.
VALUES = {"default", "example", "examples", "const", "enum"}
SHOWN = 5


class ContractError(Exception):
    """The API cannot be compared; the message says why, and what to do."""


def describe_api() -> dict[str, Any]:
    """Return the app's description of the API, as parsed JSON.

    It depends on no setting: not on the environment, and not on `.env`. Raise `ContractError` if
    the app cannot be imported or described.
    """
    try:
        described = import_module("dev.contract.app").describe()
    except Exception as error:  # noqa: BLE001 - the project's code can raise anything
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ContractError(
            f"The app cannot describe its API ({reason}): `uv run app openapi` shows the traceback."
        ) from None
    info = {**described["info"], "version": VERSION}
    kept = {name: value for name, value in described.items() if name != "servers"}
    parsed: dict[str, Any] = json.loads(json.dumps({**kept, "info": info}))
    return parsed


def as_text(description: Object) -> str:
    """Return a description with sorted names, one a line."""
    return json.dumps(description, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def drift(folder: Path, description: Object) -> tuple[str | None, str | None]:
    """Return an error if the file in a folder is not what the app says, and a warning.

    Differences of titles and descriptions are only a warning.
    """
    file = folder / FILE
    if not file.is_file():
        return f"There is no {FILE}: run `{WRITE}`, and commit the file.", None
    try:
        text = file.read_text("utf-8")
        recorded = json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"{FILE} is not valid JSON ({error}): run `{WRITE}`.", None
    if bare(recorded) != bare(description):
        places = islice(_differences(bare(recorded), bare(description)), SHOWN)
        listed = "".join(f"\n  {place}" for place in places)
        return f"{FILE} is not what the app says: run `{WRITE}`, and commit it.{listed}", None
    if text != as_text(description):
        return None, f"{FILE} has old titles or descriptions, or another format: run `{WRITE}`."
    return None, None


def bare(part: object, *, is_named: bool = False) -> object:
    """Return a part of a description without titles, summaries and descriptions."""
    if isinstance(part, list):
        return [bare(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        name: value
        if name in VALUES and not is_named
        else bare(value, is_named=name == "properties" and not is_named)
        for name, value in part.items()
        if is_named or name not in ANNOTATIONS or not isinstance(value, str)
    }


def _differences(recorded: object, described: object, place: str = "") -> Iterator[str]:
    """Yield the places at which two descriptions differ."""
    if isinstance(recorded, dict) and isinstance(described, dict):
        for name in dict.fromkeys([*recorded, *described]):
            where = f"{place} > {name}" if place else name
            if name not in recorded:
                yield f"{where}: missing in the file"
            elif name not in described:
                yield f"{where}: missing in the app"
            else:
                yield from _differences(recorded[name], described[name], where)
    elif recorded != described:
        yield f"{place or 'all of it'}: different"
