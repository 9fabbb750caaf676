"""The errors of a resource's operations, as docstrings and OpenAPI describe them."""

from collections.abc import Sequence

from dev.resource.recipe import Resource
from dev.resource.relations import Pair, Reference, Unique
from dev.resource.wording import Reasons, listed

PENDING = "a request with the same `Idempotency-Key` is still being processed"


class Errors:
    """The errors of each operation: the reasons in docstrings, and the answers in OpenAPI."""

    def __init__(
        self,
        resource: Resource,
        refs: Sequence[Reference],
        pairs: Sequence[Pair],
        uniques: Sequence[Unique],
    ) -> None:
        self._resource, self._pairs, self._uniques = resource, pairs, uniques
        self._created = [each.noun for each in refs if each.field.is_input]
        self._changed = [each.noun for each in refs if each.field.is_changeable]
        self._missing = f"if the caller has no {resource.noun} with this id"
        if not resource.is_owned:
            self._missing = "for an unknown id"

    @property
    def changes_unique(self) -> bool:
        """Whether clients can change a unique field."""
        return any(field.is_changeable for each in self._uniques for field in each.fields)

    @property
    def of_create(self) -> Reasons:
        """The errors of the function that adds a resource."""
        missing = "if the owner was deleted during the request"
        if self._created:
            owner = ["owner"] * self._resource.is_owned
            missing = f"if the {listed([*self._created, *owner], 'or')} does not exist"
        can_miss = self._created or self._resource.is_owned
        return [*([("NotFoundError", missing)] if can_miss else []), *self._conflicts()]

    @property
    def of_list(self) -> Reasons:
        """The errors of the function that returns a page."""
        return [("ValidationError", "for a cursor of another list")]

    @property
    def of_read(self) -> Reasons:
        """The errors of the function that returns a resource."""
        return [("NotFoundError", self._missing.replace("caller", "owner"))]

    @property
    def of_update(self) -> Reasons:
        """The errors of the function that changes a resource."""
        refs = f", or if the {listed(self._changed, 'or')} does not exist" if self._changed else ""
        broken = [
            f"`{each.first.name}` is not before `{each.second.name}`"
            for each in self._pairs
            if each.is_changeable
        ]
        return [
            ("NotFoundError", self._missing + refs),
            *self._preconditions(),
            *(self._conflicts() if self.changes_unique else []),
            *([("ValidationError", f"if {listed(broken, 'or')}")] if broken else []),
        ]

    @property
    def of_delete(self) -> Reasons:
        """The errors of the function that deletes a resource."""
        conflict = ("ConflictError", "if other resources refer to it")
        return [("NotFoundError", self._missing), *self._preconditions(), conflict]

    @property
    def answers_to_create(self) -> Reasons:
        """The responses of the endpoint that creates a resource."""
        missing = [f"the {listed(self._created, 'or')} does not exist"] * bool(self._created)
        if self._resource.is_owned:
            missing.append("the account was deleted during the request")
        taken = [f"{self._taken()}, or {PENDING}."] if self._uniques else []
        return [
            *([("NOT_FOUND", f"{', or '.join(missing)}.".capitalize())] if missing else []),
            *(("CONFLICT", text) for text in taken),
        ]

    @property
    def answers_to_update(self) -> Reasons:
        """The responses of the endpoint that changes a resource."""
        either = listed([*dict.fromkeys([self._resource.noun, *self._changed])], "or")
        missing = f"The {either} does not exist, or the caller may not see it."
        return [
            *([("NOT_FOUND", missing)] if self._changed else []),
            *([("CONFLICT", f"{self._taken()}.")] if self.changes_unique else []),
        ]

    @property
    def answers_to_delete(self) -> Reasons:
        """The responses of the endpoint that deletes a resource."""
        return [("CONFLICT", f"Other resources refer to the {self._resource.noun}.")]

    def _preconditions(self) -> Reasons:
        fails = ("PreconditionFailedError", "if a precondition fails")
        return [fails] if self._resource.versioned else []

    def _conflicts(self) -> Reasons:
        values = listed([each.values for each in self._uniques], "or") if self._uniques else ""
        taken = f"if there is {self._resource.a_noun} with the same {values}"
        return [("ConflictError", taken)] if values else []

    def _taken(self) -> str:
        is_global = any(each.is_global for each in self._uniques)
        values = listed([each.values for each in self._uniques], "or")
        subject = "There is" if is_global else "You have"
        return f"{subject} {self._resource.a_noun} with this {values}"
