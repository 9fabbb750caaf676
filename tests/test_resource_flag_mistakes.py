"""Mistakes in flags, in operations and in refs are reported as sentences."""

import pytest

from tests.support.command_lines import mistakes


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("thing a:str:max=601 --sort a", "--sort: a may have at most 600 characters"),
        ("thing a:str:max=400 b:str:max=400 --unique a,b", "--unique: an index holds at most 600"),
        ("thing a:url b:str --unique a,b", "at most 600 characters, but a has 500, b has 200."),
        ("thing a:json b:str --unique a,b", "--unique: a is json, which cannot be unique."),
        (
            "thing "
            + " ".join(f"a{n}:int" for n in range(32))
            + " --unique "
            + ",".join(f"a{n}" for n in range(32)),
            "--unique: an index holds at most 31 fields.",
        ),
        ("thing a:str:unique b:str --unique a,b", "--unique: a is unique already"),
        (
            "thing a:bool b:enum:x,y --unique a,b",
            "--unique: tests need 20 values of a or b. Add this constraint by hand.",
        ),
        ("thing a:str b:str --unique a,a", "--unique: a,a has a name twice."),
        ("thing a:bool --sort a", "--sort: a list cannot sort by a, whose type is bool."),
        ("thing a:int --search a", "--search: a list cannot search by a, whose type is int."),
        ("thing a:json --filter a", "--filter: a list cannot filter by a, whose type is json."),
        ("thing a:int b:bigint --before a,b", "--before: a and b must be two numbers or two times"),
        ("thing a:str b:str --before a,b", "--before: a and b must be two numbers or two times"),
        ("thing a:int --before a", "--before: a must be two names, as in starts_at,ends_at."),
        ("thing a:int b:int --before a,c", "--before: c is unknown."),
        (
            "thing a:int:ge=5 b:int:le=5 --before a,b",
            "--before: within its bounds, a is never before b.",
        ),
        ("thing a:int:default=2 b:int:default=2 --before a,b", "the default of a is not before"),
        ("thing a:int --without list --sort a", "--sort: the resource has no list. Remove --sort."),
        ("thing a:int --without create,list,read,update,delete", "--without leaves no operation."),
        ("thing a:int:immutable", "Requests cannot change any field. Add --without update."),
        ("thing a:int:readonly:optional", "Requests cannot set any field. Add --without create."),
        ("thing a:str parent:ref:thing", "The first thing has no other to refer to."),
        ("dealer a:ref:visit", "a: visit refers to dealer. Add a ref back by hand."),
        ("note a:ref:ticket", "a: the deletion of a user deletes tickets, which this ref would"),
        (
            "note a:ref:user b:ref:note:optional:on-delete=restrict",
            "b: the deletion of a user deletes notes, which this ref would prevent. Add on-delete",
        ),
        # A note with an owner would be deleted together with the owner's customer.
        ("note a:ref:customer --access shared", "a: the deletion of a user deletes customers"),
        (
            "note a:ref:mark",
            "a: the deletion of a user deletes marks, which this ref would prevent",
        ),
        (
            "team a:ref:user:optional:on-delete=cascade",
            "The deletion of a user would delete teams, which a ref of player prevents. Leave out",
        ),
        ("thing a:via:ticket", "access through a parent comes with the second release"),
        ("thing a:str:via=ticket", "access through a parent comes with the second release"),
        ("thing a:str --access via:ticket", "via:ticket comes with the second release"),
        ("thing a:str --permissions=x", "--permissions comes with the second release"),
        ("thing a:str --remove", "--remove: remove and rename fields by hand."),
    ],
)
def test_a_mistake_in_flags_or_refs_is_reported_as_a_sentence(line: str, mistake: str) -> None:
    found = mistakes(line)

    assert any(mistake in each for each in found), found
    assert all(each.endswith((".", "?")) for each in found), found
