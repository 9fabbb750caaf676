"""The recipe of a resource: what the command was asked for, after all checks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from dev.resource.names import pascal_case, spaced, with_article

OPERATIONS = ("create", "list", "read", "update", "delete")
Access = Literal["owner", "shared", "admin"]
OnDelete = Literal["restrict", "cascade", "null"]


@dataclass(frozen=True, kw_only=True)
class Field:
    """A field of a resource.

    `arguments` follow the kind: digits and places of a decimal, values of an enum, the kind of the
    elements of a list, the target of a ref. `bounds` holds the parsed values of `max`, `min`, `ge`,
    `gt`, `le`, `lt`, `each-max` and `max-bytes`. `default` is a parsed value, `now`, `today`, or
    `None`.
    """

    name: str
    kind: str
    arguments: tuple[str, ...] = ()
    bounds: Mapping[str, Any] = field(default_factory=dict)
    default: Any = None
    optional: bool = False
    index: bool = False
    immutable: bool = False
    readonly: bool = False
    unique: Literal["owner", "global"] | None = None
    on_delete: OnDelete = "restrict"

    @property
    def member(self) -> str:
        """The name of the column and of the JSON member."""
        return f"{self.name}_id" if self.kind == "ref" else self.name

    @property
    def is_input(self) -> bool:
        """Whether clients can set the field when they create a resource."""
        return not self.readonly

    @property
    def is_required(self) -> bool:
        """Whether a request that creates the resource must have the field."""
        return self.is_input and not self.optional and self.default is None

    @property
    def is_nullable(self) -> bool:
        """Whether the field may be null. A list is empty instead."""
        return self.optional and self.kind != "list"

    @property
    def is_changeable(self) -> bool:
        """Whether clients can change the field."""
        return not (self.readonly or self.immutable)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource, and the names that its code uses, such as the `url` of the collection.

    `unique` holds groups of fields, `before` pairs of fields, and `search`, `sort` and `filter` the
    names of fields, all as in the arguments of the command. `noun`, `nouns` and `a_noun` are the
    name, the plural, and the name with its article in a sentence.
    """

    name: str
    plural: str
    fields: tuple[Field, ...]
    access: Access = "owner"
    unique: tuple[tuple[str, ...], ...] = ()
    before: tuple[tuple[str, str], ...] = ()
    search: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    filter: tuple[str, ...] = ()
    operations: tuple[str, ...] = OPERATIONS
    versioned: bool = True

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {each.name: each for each in self.fields}

    @property
    def model(self) -> str:
        return pascal_case(self.name)

    @property
    def url(self) -> str:
        return f"/{self.plural.replace('_', '-')}"

    @property
    def noun(self) -> str:
        return spaced(self.name)

    @property
    def nouns(self) -> str:
        return spaced(self.plural)

    @property
    def a_noun(self) -> str:
        return with_article(self.noun)

    @property
    def is_owned(self) -> bool:
        return self.access == "owner"

    @property
    def refs(self) -> list[Field]:
        return [each for each in self.fields if each.kind == "ref"]

    @property
    def pairs(self) -> list[tuple[Field, Field]]:
        return [(self.by_name[first], self.by_name[second]) for first, second in self.before]


class RecipeError(Exception):
    """A recipe has mistakes, each of which is a sentence. A sentence that is there twice is one."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = [*dict.fromkeys(mistakes)]
        super().__init__("\n".join(self.mistakes))
