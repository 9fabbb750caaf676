"""Compares two schemas: a request may accept more, and a response may promise more."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dev.contract.changes import Change, Direction, Place, Rule
from dev.contract.constraints import constraint_changes
from dev.contract.document import ANY, Document, Object, Schema, is_within

STRING: Object = {"type": "string"}
Pairs = frozenset[tuple[int, int]]


@dataclass(frozen=True)
class SchemaComparison:
    """Compares schemas of two documents in one direction."""

    base: Document
    new: Document
    direction: Direction

    def changes(
        self, old: Schema, new: Schema, place: Place, seen: Pairs = frozenset()
    ) -> Iterator[Change]:
        """Yield the breaking changes from one schema to another; each pair is compared once."""
        pair = (id(old), id(new))
        if pair in seen or (old == new and self._has_same_components):
            return
        olds, news = self.base.alternatives(old), self.new.alternatives(new)
        sent, accepted = (olds, news) if self.direction is Direction.REQUEST else (news, olds)
        for each in sent:
            fitting = [one for one in accepted if is_within(each.get("type"), one.get("type"))]
            found = [[*self._changes(each, one, place, seen | {pair})] for one in fitting]
            if found:
                yield from min(found, key=len)
            else:
                yield self._type_change(each, olds, news, place)

    @cached_property
    def _has_same_components(self) -> bool:
        return self.base.components == self.new.components

    def _changes(
        self, sent: Object, accepted: Object, place: Place, seen: Pairs
    ) -> Iterator[Change]:
        """Yield the changes that let a value match `sent`, and not match `accepted`."""
        is_request = self.direction is Direction.REQUEST
        old, new = (sent, accepted) if is_request else (accepted, sent)
        yield from constraint_changes(sent, accepted, self.direction, place)
        yield from self._element_changes(old, new, place, seen)
        if "properties" in old or "properties" in new or old.get("type") == "object":
            yield from self._member_changes(old, new, place, seen)
            yield from self._additional_changes(old, new, place, seen)

    def _type_change(
        self, sent: Object, olds: list[Object], news: list[Object], place: Place
    ) -> Change:
        is_request = self.direction is Direction.REQUEST
        if sent.get("type") == "null":
            return Change(
                Rule.NULL, place, "no longer accepts null" if is_request else "may now be null"
            )
        before, after = ([*filter("null".__ne__, map(_type, side))] for side in (olds, news))
        if len(before) == len(after) == 1:
            return Change(Rule.TYPE, place, f"type changed from {before[0]} to {after[0]}")
        name = _type(sent)
        text = f"no longer accepts type {name}" if is_request else f"may now be of type {name}"
        return Change(Rule.TYPE, place, text)

    def _element_changes(
        self, old: Object, new: Object, place: Place, seen: Pairs
    ) -> Iterator[Change]:
        before, after = old.get("prefixItems", ()), new.get("prefixItems", ())
        rest = old.get("items", ANY), new.get("items", ANY)
        for position in range(max(len(before), len(after))):
            one = before[position] if position < len(before) else rest[0]
            other = after[position] if position < len(after) else rest[1]
            yield from self.changes(one, other, place.each(str(position)), seen)
        yield from self.changes(*rest, place.each(), seen)

    def _member_changes(
        self, old: Object, new: Object, place: Place, seen: Pairs
    ) -> Iterator[Change]:
        """Yield the changes of named members. New ones break a client only if it must send them."""
        before, after = old.get("properties", ANY), new.get("properties", ANY)
        for name, schema in before.items():
            rest = new.get("additionalProperties")
            if name in after or isinstance(rest, dict):
                yield from self.changes(schema, after.get(name, rest), place.inside(name), seen)
            else:
                yield Change(Rule.MEMBER_REMOVED, place.inside(name), "removed")
        was, now = old.get("required", ()), new.get("required", ())
        if self.direction is Direction.REQUEST:
            for name in [name for name in now if name not in was]:
                yield Change(Rule.MEMBER_REQUIRED, place.inside(name), "now required")
        else:
            for name in [name for name in was if name not in now and name in after]:
                yield Change(Rule.MEMBER_OPTIONAL, place.inside(name), "may now be absent")

    def _additional_changes(
        self, old: Object, new: Object, place: Place, seen: Pairs
    ) -> Iterator[Change]:
        """Yield the changes of the members that have no names in the schemas."""
        before, after = (each.get("additionalProperties", True) for each in (old, new))
        names = [each.get("propertyNames", STRING) for each in (old, new)]
        yield from self.changes(names[0], names[1], place.inside("*"), seen)
        is_request = self.direction is Direction.REQUEST
        if is_request and before is not False and after is False:
            yield Change(Rule.ADDITIONAL_MEMBERS, place, "no longer accepts additional members")
        elif isinstance(after, dict) if is_request else isinstance(before, dict):
            yield from self.changes(before, after, place.inside("*"), seen)


def _type(schema: Object) -> str:
    return str(schema.get("type", "any"))
