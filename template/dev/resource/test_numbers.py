"""The unique values of the rows that tests add: another value in each row."""

from dev.resource.literals import numbered
from dev.resource.recipe import Field
from dev.resource.test_values import LISTED, MANY, Values, source

# The counters, each with numbers for which all values must be valid, among them the last one.
COUNTERS = {
    "count(10)": (10, 11, 100_000),
    "cycle(range(10, 100))": (10, 11, 99),
    "cycle(range(5, 20))": (5, 6, 19),
}


class Numbers:
    """A counter, the columns with its number `n` in their values, and the values of the others.

    One column of each unique group has such values. The first values of a column are those of
    requests and of the rows of lists.
    """

    def __init__(self, values: Values) -> None:
        self._values = values
        distinct = [values.distinct(group.fields) for group in values.uniques]
        fields = [e for e in distinct if not (e.kind == "ref" or e.is_nullable)]
        options = {
            counter: {e.name: text for e in fields if (text := self._numbered(e, numbers))}
            for counter, numbers in COUNTERS.items()
        }
        self.counter = max(options, key=lambda counter: len(options[counter]))
        self.numbered = options[self.counter]
        self.cycles = {e.name: self._others(e) for e in fields if e.name not in self.numbered}

    def columns(self) -> dict[str, str]:
        """Return the source of each column in the function that adds a row."""
        return self.numbered | {name: f"next({name.upper()}_VALUES)" for name in self.cycles}

    def _source(self, field: Field, number: int) -> str:
        return source(field, self._values.number(field, number))

    def _numbered(self, field: Field, numbers: tuple[int, ...]) -> str:
        """Return the source of the value with the number `n`, or an empty string."""
        if self._values.is_paired(field) and numbers[-1] >= MANY:
            return ""
        if field.kind in {"date", "datetime"}:
            return f"{self._source(field, 0)} + timedelta(days=n)"
        found = numbered([self._source(field, n) for n in numbers])
        offsets = {b - a for a, b in zip(numbers, found.numbers, strict=True)} if found else {}
        if not found or len(offsets) > 1 or min(offsets) < 0:
            return ""
        (offset,) = offsets
        value = "n" if offset <= numbers[0] - LISTED else f"n + {offset}"
        return f"{found.before}{value}{found.after}"

    def _others(self, field: Field) -> str:
        """Return the source of a list of values, without the first ones if there are enough."""
        found = [*dict.fromkeys(self._source(field, n) for n in range(MANY))]
        others = found[LISTED:] if len(found) >= 2 * LISTED else found[2:]
        return f"[{', '.join(others or found[::-1])}]"
