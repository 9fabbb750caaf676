"""Revisions of enum types and CHECK constraints."""

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import ARRAY, URL, Boolean, Column, Enum, Integer, TypeDecorator
from sqlalchemy.sql.schema import SchemaItem

from tests.in_project.database.parcels import (
    check,
    checked,
    follow,
    labels,
    native,
    parcels,
    weight,
)


class Sizes(TypeDecorator[str]):
    """A type that a project defines."""

    impl = Enum("small", "large", name="size")
    cache_ok = True


STEPS: dict[str, list[list[SchemaItem]]] = {
    "a native enum with a default": [[native("a", "b", default="a")], []],
    "more values": [
        [native("b", "d", default="b")],
        [native("a", "b", "c", "d", "e", default="b")],
    ],
    "a new default": [[native("a", default="a")], [native("a", "b", default="b")]],
    "fewer values": [[native("a", "b", "c", default="a")], [native("a", "c", default="a")]],
    "another order": [[native("a", "b", default="b")], [native("b", "a", default="b")]],
    "awkward names": [
        [native("it's", ":a", default=":a", name="Order State")],
        [native('"""', ":a", "50%", "a\\b", "x::y", default=":a", name="Order State")],
    ],
    "an array": [
        [Column("states", ARRAY(Enum("a", "b", name="state")), server_default="{a}")],
        [Column("states", ARRAY(Enum("a", "c", "b", name="state")), server_default="{a}")],
        [Column("states", ARRAY(Enum("a", "c", name="state")), server_default="{a}")],
        [],
    ],
    "two columns": [
        [native("a"), Column("before", Enum("a", name="state"))],
        [native("a", "b"), Column("before", Enum("a", "b", name="state"))],
        [native("a", "b")],
    ],
    "a type of the project": [[Column("size", Sizes())], []],
    "an enum with a CHECK": [[checked("a", "b")], [checked("a", "b", "c")], [checked("a")], []],
    "a boolean with a CHECK": [[Column("f", Boolean(create_constraint=True, name="flag"))], []],
    "a CHECK": [
        [weight()],
        [weight(), check("weight > 0")],
        [weight(), check("weight >= 0 AND weight < 50")],
        [weight()],
    ],
    "a CHECK of a column": [
        [weight(check("weight > 0"))],
        [weight(check("weight < 9"))],
        [weight()],
    ],
    "a CHECK of a new column": [
        [weight(), check("weight > 0")],
        [weight(), Column("tare", Integer), check("weight > tare")],
    ],
}


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS.keys())
def test_revisions_of_enums_and_checks_follow_the_models(
    config: Config, url: URL, steps: list[list[SchemaItem]]
) -> None:
    for items in steps:
        with parcels(*items):
            follow(config)

    command.downgrade(config, "initial")
    assert labels(url) == labels(url, "Order State") == labels(url, "size") == []
    command.upgrade(config, "head")
