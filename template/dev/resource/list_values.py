"""The rows of a test of lists, and the rows that each query must find."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

from dev.resource.kinds import kind_of
from dev.resource.literals import Source, literal
from dev.resource.names import singular_of
from dev.resource.recipe import Field
from dev.resource.test_values import Values, key, source

# The numbers of the values in the rows. Each order has equal values, and differs from the others.
PATTERNS = ([1, 0, 1, 2, 0], [0, 2, 1, 0, 1], [2, 1, 0, 0, 2])
WITH_NULLS = ([1, None, 0, None, 1], [None, 0, 1, 0, None])
DISTINCT = [2, 4, 0, 3, 1]
CREATED = [1, 2, 0, 1, 0]

Numbers = list[int]
Row = dict[str, Any]


class ListValues:
    """The rows, and the queries with the numbers of the rows that they find, in order."""

    def __init__(self, values: Values) -> None:
        self.values, self.resource = values, values.resource
        self.fields = [each for each in self.resource.fields if self._matters(each)]
        columns = {each.member: self._column(each, n) for n, each in enumerate(self.fields)}
        rows = [{name: column[n] for name, column in columns.items()} for n in range(5)]
        self.rows = [row for n, row in enumerate(rows) if self._is_valid(row, rows[:n])]
        self.created = CREATED[: len(self.rows)]

    def _matters(self, field: Field) -> bool:
        listed = {*self.resource.sort, *self.resource.filter, *self.resource.search}
        is_unique = any(field in each.fields for each in self.values.uniques)
        return (
            field.name in listed or field.kind == "ref" or is_unique or self.values.is_paired(field)
        )

    def _column(self, field: Field, number: int) -> list[Any]:
        """Return the values of a field in the rows."""
        if field.kind == "list":
            one, other = (self.values.number(field, n)[0] for n in range(2))
            return [[one, other], [one], [], [other], [one]]
        pattern: list[Any] = PATTERNS[number % len(PATTERNS)]
        if any(field == self.values.distinct(each.fields) for each in self.values.uniques):
            pattern = DISTINCT[number % 3 :] + DISTINCT[: number % 3]
        elif kind_of(field).is_nullable(field):
            pattern = WITH_NULLS[number % len(WITH_NULLS)]
        found = [None if n is None else self.values.number(field, n) for n in pattern]
        if field.kind != "str":
            return found
        return [each.upper() if each and n % 2 else each for n, each in enumerate(found)]

    def _is_valid(self, row: Row, earlier: list[Row]) -> bool:
        """Return whether a row breaks neither a unique constraint nor a pair rule."""
        members = [[each.member for each in unique.fields] for unique in self.values.uniques]
        return self._is_ordered(row) and not any(
            all(row[name] == each[name] is not None for name in group)
            for group in members
            for each in earlier
        )

    def _is_ordered(self, row: Row) -> bool:
        for first, second in self.resource.before:
            low, high = row[first], row[second]
            fields = self.resource.by_name[first], self.resource.by_name[second]
            if None not in (low, high) and not key(fields[0], low) < key(fields[1], high):
                return False
        return True

    def sources(self) -> list[dict[str, str]]:
        """Return the rows as source."""
        return [
            {each.member: source(each, row[each.member]) for each in self.fields}
            | {"created_at": f"datetime(2026, 1, {1 + day}, tzinfo=UTC)"}
            for row, day in zip(self.rows, self.created, strict=True)
        ]

    def queries(self) -> dict[str, Numbers]:
        """Return the sources of queries, with the numbers of the rows that they find, in order."""
        newest = self._sorted([*self.created], is_down=True)
        found = {"": newest, "sort=-created_at": newest}
        found["sort=created_at"] = self._sorted([*self.created], is_down=False)
        for name in self.resource.sort:
            keys = self._keys(self.resource.by_name[name])
            found[f"sort={name}"] = self._sorted(keys, is_down=False)
            found[f"sort=-{name}"] = self._sorted(keys, is_down=True)
        for query, matches in self._filters():
            found[query] = [n for n in newest if matches(self.rows[n])]
        return {_quoted(query): numbers for query, numbers in found.items()}

    def _keys(self, field: Field) -> list[Any]:
        values = [row[field.member] for row in self.rows]
        return [None if each is None else key(field, each) for each in values]

    def _sorted(self, keys: list[Any], *, is_down: bool) -> Numbers:
        """Return the numbers of the rows by their keys, with nulls last."""
        numbers = sorted(range(len(keys)), reverse=is_down)
        nulls = [n for n in numbers if keys[n] is None]
        others = [n for n in numbers if keys[n] is not None]
        return sorted(others, key=lambda n: keys[n], reverse=is_down) + nulls

    def _filters(self) -> Iterator[tuple[str, Callable[[Row], bool]]]:
        if self.resource.search:
            yield from self._searches()
        for each in self.resource.fields:
            if each.kind == "ref" or each.name in self.resource.filter:
                kind = "equals" if each.kind == "ref" else kind_of(each).filters
                yield from {"equals": _equal, "range": _in_range, "contains": _containing}[kind](
                    each, self.values
                )

    def _searches(self) -> Iterator[tuple[str, Callable[[Row], bool]]]:
        texts = [self.rows[0][name] or self.rows[1][name] for name in self.resource.search]
        for text in [*texts, "%", "_"]:
            yield f"q={quote(text.swapcase())}", partial(self._contains, text.casefold())

    def _contains(self, text: str, row: Row) -> bool:
        return any(text in (row[name] or "").casefold() for name in self.resource.search)

    def bad_queries(self) -> dict[str, str]:
        """Return the sources of invalid queries, with the parameters that are rejected."""
        found = {
            "sort=owner_id": "sort",
            "sort=": "sort",
            "cursor=x": "cursor",
            "unknown=1": "unknown",
        }
        found |= {"limit=0": "limit", "limit=101": "limit", "owner_id=1": "owner_id"}
        if self.resource.search:
            found |= {"q=": "q", "q=%00": "q"}
        for query, _ in self._filters():
            name = query.partition("=")[0]
            found[f"{name}="] = name
        return {_quoted(query): name for query, name in found.items()}


def _quoted(query: str) -> str:
    return f'f"{query}"' if "{" in query else literal(query)


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON
    if isinstance(value, Source):
        return f"{{{value}}}"
    return str(value).lower() if isinstance(value, bool) else quote(str(value), safe=":")


def _equal(field: Field, values: Values) -> Iterator[tuple[str, Callable[[Row], bool]]]:
    value = values.number(field, 1)
    yield f"{field.member}={_text(value)}", lambda row: row[field.member] == value


def _in_range(field: Field, values: Values) -> Iterator[tuple[str, Callable[[Row], bool]]]:
    value = values.number(field, 1)
    bound = key(field, value)

    def is_within(row: Row, sign: int) -> bool:
        if row[field.member] is None:
            return False
        found = key(field, row[field.member])
        return bool(found >= bound if sign > 0 else found <= bound)

    yield f"min_{field.name}={_text(value)}", lambda row: is_within(row, 1)
    yield f"max_{field.name}={_text(value)}", lambda row: is_within(row, -1)


def _containing(field: Field, values: Values) -> Iterator[tuple[str, Callable[[Row], bool]]]:
    name, one, other = singular_of(field.name), *(values.number(field, n)[0] for n in range(2))
    both = {one, other}
    yield f"{name}={_text(one)}", lambda row: one in row[field.member]
    yield f"{name}={_text(one)}&{name}={_text(other)}", lambda row: both <= {*row[field.member]}
    yield (
        f"any_{name}={_text(other)}&any_{name}={_text(one)}",
        lambda row: bool(both & {*row[field.member]}),
    )
