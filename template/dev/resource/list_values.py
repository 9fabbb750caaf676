"""The rows of a test of lists, and the rows that each query must find."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations
from operator import eq
from typing import Any
from urllib.parse import quote

from dev.resource.kinds import kind_of
from dev.resource.literals import Source, literal, numbered
from dev.resource.names import singular_of
from dev.resource.recipe import Field
from dev.resource.test_values import Json, Row, Values, key, source

# The numbers of the values in the rows. Each order has equal values, and differs from the others.
PATTERNS: list[list[Any]] = [[1, 0, 1, 2, 0], [0, 2, 1, 0, 1], [2, 1, 0, 0, 2]]
WITH_NULLS: list[list[Any]] = [[1, None, 0, None, 1], [None, 0, 1, 0, None]]
DISTINCT: list[Any] = [2, 4, 0, 3, 1]
CREATED = [1, 2, 0, 1, 0]
LONG = 80
MAX_SEARCH = 60  # characters, so that the query fits into a line

Query = tuple[str, list[int]]


class ListValues:
    """The rows, and the queries with the numbers of the rows that they find, in order."""

    def __init__(self, values: Values) -> None:
        self.values, self.resource = values, values.resource
        fields = self.resource.fields
        columns = {each.member: self._column(each, n) for n, each in enumerate(fields)}
        self.rows: list[Row] = []
        for n, day in enumerate(CREATED):
            row = {name: column[n] for name, column in columns.items()}
            if values.has_pairs_in_order(row) and not self._is_taken(row):
                self.rows.append(row | {"created_at": day})
        self.days = [row["created_at"] for row in self.rows]
        self.newest = self._sorted(self.days, is_down=True)

    def _column(self, field: Field, number: int) -> list[Json]:
        """Return the values of a field in the rows."""
        if field.kind == "list":
            one, other = (self.values.number(field, n)[0] for n in range(2))
            return [[one, other], [one], [], [other], [one]]
        pattern = PATTERNS[number % len(PATTERNS)]
        if any(field == self.values.distinct(each.fields) for each in self.values.uniques):
            pattern = DISTINCT
        elif field.is_nullable:
            pattern = WITH_NULLS[number % len(WITH_NULLS)]
        found = [None if n is None else self.values.number(field, n) for n in pattern]
        if field.kind == "str":
            found[1::2] = [each and each.upper() for each in found[1::2]]
        return found

    def _is_taken(self, row: Row) -> bool:
        """Return whether an earlier row has the same values of a unique group."""
        groups = [[each.member for each in group.fields] for group in self.values.uniques]
        return any(
            all(row[name] == earlier[name] is not None for name in group)
            for group in groups
            for earlier in self.rows
        )

    def columns(self) -> dict[str, str]:
        """Return the values of the rows, as source, by the columns that matter to a query."""
        used = {*self.resource.sort, *self.resource.filter, *self.resource.search}
        used |= {each.name for group in self.values.uniques for each in group.fields}
        used |= {each.name for each in self.resource.fields if self.values.is_paired(each)}
        fields = [each for each in self.resource.fields if each.kind == "ref" or each.name in used]
        found = {
            each.member: [source(each, row[each.member]) for row in self.rows] for each in fields
        }
        found["created_at"] = [f"datetime(2026, 1, {1 + day}, tzinfo=UTC)" for day in self.days]
        return {name: _listed(values) for name, values in found.items()}

    def queries(self) -> dict[str, list[int]]:
        """Return the sources of queries, with the numbers of the rows that they find, in order."""
        found = {"": self.newest, "sort=-created_at": self.newest}
        found["sort=created_at"] = self._sorted(self.days, is_down=False)
        for name in self.resource.sort:
            field = self.resource.by_name[name]
            keys = [None if row[name] is None else key(field, row[name]) for row in self.rows]
            found[f"sort={name}"] = self._sorted(keys, is_down=False)
            found[f"sort=-{name}"] = self._sorted(keys, is_down=True)
        filters = [*self._filters()]
        queries = [*found.items(), *filters, *_combined(filters)]
        return {_quoted(query): numbers for query, numbers in queries}

    def bad_queries(self) -> str:
        """Return the source of a list of invalid queries."""
        found = ["limit=0", "limit=101", "sort=", "sort=owner_id", "cursor=x"]
        found += ["owner_id=1", "unknown=1"]
        found += [f"{query.partition('=')[0]}=" for query, _ in self._filters()]
        return literal([*dict.fromkeys(found)])

    def _sorted(self, keys: list[Any], *, is_down: bool) -> list[int]:
        """Return the numbers of the rows in an order, with nulls last."""
        numbers = sorted(range(len(self.rows)), reverse=is_down)
        known = [n for n in numbers if keys[n] is not None]
        unknown = [n for n in numbers if keys[n] is None]
        return sorted(known, key=lambda n: keys[n], reverse=is_down) + unknown

    def _where(self, field: Field, matches: Callable[[Json], bool]) -> list[int]:
        values = {n: self.rows[n][field.member] for n in self.newest}
        return [n for n, value in values.items() if value is not None and matches(value)]

    def _filters(self) -> Iterator[Query]:
        if self.resource.search:
            yield from self._searches()
        kinds = {"equals": self._equal, "range": self._within, "contains": self._containing}
        for each in self.resource.fields:
            if each.kind == "ref" or each.name in self.resource.filter:
                yield from kinds[kind_of(each).filters](each)

    def _searches(self) -> Iterator[Query]:
        fields = [self.resource.by_name[name] for name in self.resource.search]
        texts = [self.rows[0][each.name] or self.rows[1][each.name] for each in fields]
        parts = [(text[1:] or text)[:MAX_SEARCH] for text in texts]
        for text in map(str.swapcase, [*parts, "%", "_"]):
            matches = partial(_contains, text.casefold())
            found = {n for each in fields for n in self._where(each, matches)}
            yield f"q={quote(text)}", [n for n in self.newest if n in found]

    def _equal(self, field: Field) -> Iterator[Query]:
        for n in range(2):
            wanted = self.values.number(field, n)
            yield f"{field.member}={_text(wanted)}", self._where(field, partial(eq, wanted))

    def _within(self, field: Field) -> Iterator[Query]:
        most, least = (self.values.number(field, n) for n in range(2))
        low, high = key(field, least), key(field, most)
        yield f"min_{field.name}={_text(least)}", self._where(field, lambda e: key(field, e) >= low)
        yield f"max_{field.name}={_text(most)}", self._where(field, lambda e: key(field, e) <= high)

    def _containing(self, field: Field) -> Iterator[Query]:
        name = singular_of(field.name)
        one, other = (self.values.number(field, n)[0] for n in range(2))
        both, texts = {one, other}, (_text(one), _text(other))
        yield f"{name}={texts[0]}", self._where(field, lambda each: one in each)
        if field.bounds.get("max", 2) < len(both):
            return
        yield (
            f"{name}={texts[0]}&{name}={texts[1]}",
            self._where(field, lambda each: both <= {*each}),
        )
        yield (
            f"any_{name}={texts[1]}&any_{name}={texts[0]}",
            self._where(field, lambda each: not both.isdisjoint(each)),
        )


def _combined(filters: list[Query]) -> Iterator[Query]:
    """Yield a query with two filters that finds fewer rows than each of them."""
    for (one, found), (other, others) in combinations(filters, 2):
        both = [n for n in found if n in others]
        if one.partition("=")[0] != other.partition("=")[0] and 0 < len(both) < min(
            len(found), len(others)
        ):
            yield f"{one}&{other}", both
            return


def _contains(part: str, text: str) -> bool:
    return part in text.casefold()


def _listed(sources: list[str]) -> str:
    """Return the source of a list, as short as possible."""
    plain, found = f"[{', '.join(sources)}]", numbered(sources)
    if found is None:
        return plain
    short = f"[{found.before}n{found.after} for n in {(*found.numbers,)}]"
    return min(plain, short, key=len)


def _quoted(query: str) -> str:
    if "{" in query:
        return f'f"{query}"'
    # One text of two long parts would not fit into a line.
    first, *others = query.split("&") if len(query) > LONG else [query]
    return " + ".join([literal(first), *(literal(f"&{each}") for each in others)])


def _text(value: Json) -> str:
    """Return a value in a query."""
    if isinstance(value, Source):
        return f"{{{value}}}"
    return str(value).lower() if isinstance(value, bool) else quote(str(value), safe=":")
