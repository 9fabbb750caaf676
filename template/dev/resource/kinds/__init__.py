"""The types of fields, by name."""

from dev.resource.kinds.base import Kind
from dev.resource.kinds.decimals import DecimalNumber
from dev.resource.kinds.numbers import BigInt, Float, Int
from dev.resource.kinds.others import Bool, Json, List, Ref, Uuid
from dev.resource.kinds.texts import Email, Enum, Str, Text, Url
from dev.resource.kinds.times import Date, DateTime
from dev.resource.recipe import Field

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        *(Str(), Text(), Int(), BigInt(), DecimalNumber(), Float(), Bool(), Date(), DateTime()),
        *(Uuid(), Email(), Url(), Enum(), List(), Json(), Ref()),
    )
}


def kind_of(field: Field) -> Kind:
    """Return the type of a field."""
    return KINDS[field.kind]
