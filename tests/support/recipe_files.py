"""Files of recipes, as `poe resource --from` reads them."""

from pathlib import Path

import pytest

from dev.resource import arguments
from dev.resource.known import Known
from dev.resource.recipe import RecipeError, Resource
from dev.resource.recipe_file import read_from

KNOWN = Known({}, frozenset())


def written(folder: Path, text: str, name: str = "resources.toml") -> Path:
    """Write a file, and return its path."""
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def ordered(*paths: Path, words: str = "") -> list[Resource]:
    """Return the resources that files describe, beside the words of a command line."""
    files = [f"--from={path}" for path in paths]
    return read_from(arguments.read([*words.split(), *files]), KNOWN)


def mistakes(*paths: Path, words: str = "") -> list[str]:
    """Return the mistakes in files and in the words beside them."""
    with pytest.raises(RecipeError) as caught:
        ordered(*paths, words=words)
    return caught.value.mistakes
