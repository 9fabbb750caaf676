"""Reads the flags that describe a resource."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dev.resource.arguments import LISTS, Options, flags
from dev.resource.kinds import kind_of
from dev.resource.names import nearest, plural_of
from dev.resource.recipe import OPERATIONS, Field, Resource

ACCESS = ("owner", "shared", "admin")
LATER = "comes with the second release of poe resource"
LATER_FLAGS = {"--permission", "--permissions", "--via"}
BY_HAND = {"--remove", "--rename"}


class Flags:
    """Reads the flags. `declared` are the names of all fields, `fields` those without mistakes."""

    def __init__(self, options: Options, declared: set[str], fields: dict[str, Field]) -> None:
        self.mistakes = [_unknown(each) for each in options.unknown if each.startswith("-")]
        self._options, self._declared, self._fields = options, declared, fields

    def resource(self, name: str, fields: tuple[Field, ...]) -> Resource:
        """Return the resource, and collect mistakes."""
        options = self._options
        if options.access not in ACCESS:
            self._refuse("--access", options.access, ACCESS)
        if options.access != "owner":
            fields = tuple(replace(each, unique=each.unique and "global") for each in fields)
        without = self._names("--without", options.without, OPERATIONS)
        operations = tuple(each for each in OPERATIONS if each not in without)
        return Resource(
            name=name,
            plural=plural_of(name or "name") if options.plural is None else options.plural,
            fields=fields,
            access=options.access,  # type: ignore[arg-type] # checked above
            unique=tuple(self._group(each) for each in options.unique),
            before=tuple(filter(None, map(self._pair, options.before))),
            operations=operations,
            versioned=options.versioned,
            **{each: self._list(each, has_list="list" in operations) for each in LISTS},
        )

    def _refuse(self, flag: str, value: str, valid: Iterable[str]) -> None:
        is_later = value.startswith(("via", "permission"))
        why = f" {LATER}." if is_later else f" is unknown.{nearest(value, valid)}"
        self.mistakes.append(f"{flag}: {value}{why}")

    def _names(self, flag: str, text: str, valid: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the valid names in the value of a flag; by default, those of the fields."""
        names = tuple(each.strip() for each in text.split(",") if each.strip())
        for each in names:
            if each not in (valid or self._declared):
                self._refuse(flag, each, valid or self._declared)
        if len({*names}) < len(names):
            self.mistakes.append(f"{flag}: {text} has a name twice.")
        return tuple(dict.fromkeys(each for each in names if each in (valid or self._fields)))

    def _group(self, text: str) -> tuple[str, ...]:
        if "," not in text:
            self.mistakes.append(f"--unique: {text} must be several names, as in number,year.")
        return self._names("--unique", text)

    def _pair(self, text: str) -> tuple[str, str] | None:
        if text.count(",") != 1:
            self.mistakes.append(f"--before: {text} must be two names, as in starts_at,ends_at.")
        match self._names("--before", text):
            case (first, second) if first != second:
                return first, second
        return None

    def _list(self, flag: str, *, has_list: bool) -> tuple[str, ...]:
        """Return the names of a list flag; by default, those that suit the types.

        A list always filters by refs.
        """
        text, fields = getattr(self._options, flag), self._fields.values()
        included = [each.name for each in fields if kind_of(each).flags.get(flag)]
        names = tuple(included) if text is None else self._names(f"--{flag}", text)
        for each in names:
            kind = kind_of(self._fields[each])
            if flag not in kind.flags:
                why = f"a list cannot {flag} by {each}, whose type is {kind.name}."
                self.mistakes.append(f"--{flag}: {why}")
        if text and not has_list:
            self.mistakes.append(f"--{flag}: the resource has no list. Remove --{flag}.")
        refs = [each.name for each in fields if flag == "filter" and each.kind == "ref"]
        return tuple(dict.fromkeys((*names, *refs))) if has_list else ()


def _unknown(flag: str) -> str:
    name = flag.partition("=")[0]
    if name in LATER_FLAGS:
        return f"{name} {LATER}."
    if name in BY_HAND:
        return f"{name}: remove and rename fields by hand."
    return f"{name} is unknown.{nearest(name, flags())}"
