"""What a recipe must fulfil in its project."""

from collections.abc import Mapping
from dataclasses import dataclass


class RecipeError(Exception):
    """A recipe has mistakes, each of which is a sentence."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, kw_only=True)
class Target:
    """A model that refs can name; `table` is also the plural of a generated resource.

    `has_access_table` says whether `tests/access/<plural>.py` has a function `add_<name>`, which
    adds a row for tests.
    """

    name: str
    plural: str
    model: str
    module: str
    table: str
    is_owned: bool
    has_access_table: bool = False


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the project has: the targets of refs by name, and the names that are taken.

    `files` are the paths of modules in `src` and `tests`, and `paths` the prefixes of routers, such
    as `/items`. `classes` are those of the models.
    """

    targets: Mapping[str, Target]
    files: frozenset[str]
    tables: frozenset[str]
    paths: frozenset[str]
    classes: frozenset[str]
