"""One breaking change: its rule, its place in the API, and its text."""

from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto


class Direction(Enum):
    """The sender of a value: the client in a request, the service in a response."""

    REQUEST = auto()
    RESPONSE = auto()


class Rule(StrEnum):
    """The kinds of breaking changes."""

    OPERATION_REMOVED = auto()
    SECURITY_REQUIRED = auto()
    PARAMETER_REMOVED = auto()
    PARAMETER_REQUIRED = auto()
    PARAMETER_ENCODING = auto()
    BODY_REMOVED = auto()
    BODY_REQUIRED = auto()
    MEDIA_TYPE_REMOVED = auto()
    STATUS_REMOVED = auto()
    HEADER_REMOVED = auto()
    HEADER_OPTIONAL = auto()
    MEMBER_REMOVED = auto()
    MEMBER_REQUIRED = auto()
    MEMBER_OPTIONAL = auto()
    ADDITIONAL_MEMBERS = auto()
    TYPE = auto()
    NULL = auto()
    ENUM = auto()
    BOUND = auto()
    CONSTRAINT = auto()


@dataclass(frozen=True)
class Place:
    """A part of an operation, such as the member `owner.email` of the response."""

    operation: str
    kind: str
    member: str = ""

    def inside(self, name: str) -> "Place":
        """Return the place of a member."""
        member = f"{self.member}.{name}" if self.member else name
        return replace(self, kind=self._kind_of_member, member=member)

    def each(self, position: str = "") -> "Place":
        """Return the place of the elements of an array, or of the one at a position."""
        return replace(self, kind=self._kind_of_member, member=f"{self.member}[{position}]")

    @property
    def _kind_of_member(self) -> str:
        return self.kind.replace(" body", " member")


@dataclass(frozen=True)
class Change:
    """A breaking change."""

    rule: Rule
    place: Place
    what: str

    @property
    def operation(self) -> str:
        """The operation, as `METHOD /path`."""
        return self.place.operation

    @property
    def subject(self) -> str:
        """The member, or the kind of place if the change concerns a whole body or operation."""
        return self.place.member or self.place.kind

    @property
    def text(self) -> str:
        """The change without its operation, as Markdown."""
        member = f" `{self.place.member}`" if self.place.member else ""
        return f"{self.place.kind}{member} {self.what}"

    def __str__(self) -> str:
        member = f" {self.place.member}" if self.place.member else ""
        return f"{self.operation}: {self.place.kind}{member} {self.what}"
