"""Texts: str, text, email, url and enum."""

from typing import Any, ClassVar

from dev.resource.kinds.base import Check, Kind, grouped, keywords, label
from dev.resource.recipe import Field

MAX_VALUES, MAX_VALUE_LENGTH = 100, 50
MAX_DEFAULT = 60  # a longer default would not fit into a line of the source


class Str(Kind):
    """One line of text with a visible character."""

    name = "str"
    modifiers = frozenset({"max", "min", "default", "unique", "index"})
    counts = {"max": range(1, 10_001), "min": range(1, 10_001)}
    filters = "equals"
    flags = {"search": True, "sort": False, "filter": False}
    # The maximum length of a field without `max`.
    length: ClassVar[int] = 200

    def span(self, field: Field) -> tuple[int, int]:
        """Return the minimum and the maximum length."""
        return field.bounds.get("min", 1), field.bounds.get("max", self.length)

    def read(self, field: Field, text: str) -> str:
        low, high = self.span(field)
        high = min(high, MAX_DEFAULT)
        if not low <= len(text) <= high:
            raise ValueError(f"must have from {low} to {high} characters")
        if text != text.strip() or not text.isprintable():
            raise ValueError("must be one line, without spaces at its ends")
        return text

    def column(self, field: Field) -> str:
        return f"String({self.span(field)[1]})"

    def aliases(self, field: Field) -> dict[str, str]:
        low, high = self.span(field)
        examples = f"[{self.source(self.sized(field, label(field)))}]"
        return {self.alias(field): self.constraints(low, grouped(high), examples)}

    def constraints(self, low: int, high: str, examples: str) -> str:
        """Return the type with its lengths."""
        least = low if low > 1 else None
        arguments = keywords(min_length=least, max_length=high, examples=examples)
        return f"Annotated[Line, Field({arguments})]"

    def sized(self, field: Field, text: str, end: str = "") -> str:
        """Return a text that the bounds allow, cut before `end`, or with letters after it."""
        low, high = self.span(field)
        return f"{text[: high - len(end)]}{end}"[-high:].strip().ljust(low, "x")

    def sample_json(self, field: Field, number: int) -> str:
        return self.sized(field, label(field), f" {number}")

    def accepted_json(self, field: Field) -> list[Any]:
        low, high = self.span(field)
        return ["n" * low, "n" * high, "\U0001f469" * low, self.sized(field, "<b>%_\\'\"</b>")]

    def refused_json(self, field: Field) -> dict[str, Any]:
        low, high = self.span(field)
        return super().refused_json(field) | {
            "short text": "n" * (low - 1),
            "long text": "n" * (high + 1),
            "blank text": " " * low,
            "text with NUL": "\x00".ljust(low, "n"),
        }


class Text(Str):
    """Text of several lines."""

    name = "text"
    modifiers = frozenset({"max", "min"})
    counts = {"max": range(1, 100_001), "min": range(1, 10_001)}
    filters = ""
    flags = {"search": False}
    length = 10_000
    column_name = "Text"

    def column(self, field: Field) -> str:
        return self.column_name

    def constraints(self, low: int, high: str, examples: str) -> str:
        lengths = keywords(min_length=low, max_length=high)
        return f"Annotated[str, Field({lengths}, pattern=NO_NUL, examples={examples})]"

    def accepted_json(self, field: Field) -> list[Any]:
        return [*super().accepted_json(field), self.sized(field, "a\nb")]

    def refused_json(self, field: Field) -> dict[str, Any]:
        refused = super().refused_json(field)
        del refused["blank text"]
        return refused


class Email(Kind):
    """An e-mail address, as that of an account."""

    name = "email"
    modifiers = frozenset({"unique", "index"})
    filters = "equals"
    flags = {"filter": False}
    schema_type = "Email"
    column_name = "String(254)"
    longest: ClassVar[str] = f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.com"
    accepted = ("a@example.com", "ada.lovelace+1@example.com", longest)
    refused = {
        **Kind.refused,
        "address without an @": "ada.example.com",
        "address with a name": "Ada <ada@example.com>",
        "long address": longest.replace("d", "dd", 1),
    }

    def sample_json(self, field: Field, number: int) -> str:
        return f"ada{number}@example.com"


class Url(Kind):
    """The URL of a web page, stored as it was sent."""

    name = "url"
    modifiers = frozenset({"unique", "index"})
    filters = "equals"
    flags = {"filter": False}
    schema_type = "WebUrl"
    column_name = "String(2000)"
    accepted = (
        *("https://example.com", "http://example.com:8080/a%20b?c=d#e", "https://[::1]/"),
        "https://example.com/".ljust(2000, "a"),
    )
    refused = {
        **Kind.refused,
        "URL of another scheme": "javascript:alert(1)",
        "URL without a scheme": "example.com",
        "URL without a host": "https://",
        "URL with a space": "https://example.com/a b",
        "URL with a line break": "https://example.com/\n",
        "long URL": "https://example.com/".ljust(2001, "a"),
    }

    def sample_json(self, field: Field, number: int) -> str:
        return f"https://example.com/{number}"


class Enum(Kind):
    """One of a few texts, which are the arguments of the type."""

    name = "enum"
    modifiers = frozenset({"default", "index"})
    filters = "equals"
    flags = {"filter": True}
    arguments = "draft,sent"

    def read_arguments(self, text: str) -> tuple[str, ...]:
        values = tuple(text.split(","))
        if not 1 < len({*values}) == len(values) <= MAX_VALUES:
            needs = f"2 to {MAX_VALUES} distinct values"
            raise ValueError(f"an enum needs {needs}, as in enum:draft,sent")
        for value in values:
            if not (0 < len(value) <= MAX_VALUE_LENGTH and value.isprintable()):
                raise ValueError(f"a value must have 1 to {MAX_VALUE_LENGTH} visible characters")
            if value != value.strip() or {*value} & {*":\\{}"}:
                wrong = "colon, backslash, braces or spaces at its ends"
                raise ValueError(f"{value} must have no {wrong}")
        return values

    def read(self, field: Field, text: str) -> str:
        if text not in field.arguments:
            raise ValueError(f"must be one of {', '.join(field.arguments)}")
        return text

    def python_type(self, field: Field) -> str:
        return self.alias(field)

    def column(self, field: Field) -> str:
        return f"String({max(map(len, field.arguments))})"

    def model_aliases(self, field: Field) -> dict[str, str]:
        return {self.alias(field): f"Literal{[*field.arguments]}"}

    def checks(self, field: Field) -> list[Check]:
        values = ", ".join("'{}'".format(each.replace("'", "''")) for each in field.arguments)
        return [Check(f"{field.name}_known", f"{field.name} IN ({values})")]

    def sample_json(self, field: Field, number: int) -> str:
        return field.arguments[number % len(field.arguments)]

    def accepted_json(self, field: Field) -> list[Any]:
        return [*field.arguments]

    def refused_json(self, field: Field) -> dict[str, Any]:
        return super().refused_json(field) | {"unknown value": f"{field.arguments[0]} "}
