"""Recipes are recorded in a file, and read from files in the order of their refs."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from dev.resource.recipe import RecipeError, Resource
from dev.resource.recipe_file import append, read, replaced
from tests.support.documented_commands import HOW_TOS, blocks
from tests.support.recipe_files import mistakes, ordered, written
from tests.support.recipes import resources


@seed(18)
@settings(max_examples=100, deadline=None, suppress_health_check=[*HealthCheck])
@given(pair=st.tuples(resources("thing"), resources("other")))
def test_appended_recipes_are_read_unchanged(
    tmp_path_factory: pytest.TempPathFactory, pair: tuple[Resource, Resource]
) -> None:
    text = ""
    for each in pair:
        text = append(text, each, "0.5.0")

    path = written(tmp_path_factory.getbasetemp(), text)

    assert read(path) == {"thing": pair[0], "other": pair[1]}


def test_a_recipe_is_readable_and_names_its_generator(tmp_path: Path) -> None:
    path = written(tmp_path, '[tea]\nfields = ["name:str:max=40:unique", "grams:int:ge=1"]\n')

    text = append("", read(path)["tea"], "0.5.0")

    assert text == (
        "# The recipes of the generated resources, for `poe resource NAME --add`.\n"
        "\n"
        "[tea]\n"
        'generator = "0.5.0"\n'
        "fields = [\n"
        '    "name:str:max=40:unique",\n'
        '    "grams:int:ge=1",\n'
        "]\n"
        'plural = "teas"\n'
        'access = "owner"\n'
        'search = "name"\n'
        'sort = ""\n'
        'filter = "grams"\n'
        "unique = []\n"
        "before = []\n"
        "versioned = true\n"
    )


def test_a_missing_file_has_no_recipes(tmp_path: Path) -> None:
    assert read(tmp_path / "resources.toml") == {}


def test_a_field_in_parts_may_contain_colons(tmp_path: Path) -> None:
    path = written(
        tmp_path, '[tea]\nfields = [["at", "datetime", "default=2026-05-31T09:30:00Z"]]\n'
    )

    [resource] = ordered(path)

    assert resource.fields[0].default == datetime(2026, 5, 31, 9, 30, tzinfo=UTC)
    assert read(written(tmp_path, append("", resource))) == {"tea": resource}


def test_the_documented_file_is_read(tmp_path: Path) -> None:
    (text,) = blocks(f"{HOW_TOS}/generate-a-resource.md", "toml")

    room, visit = ordered(written(tmp_path, text))

    assert (room.name, visit.unique) == ("room", (("room", "starts_at"),))
    assert visit.by_name["starts_at"].default == datetime(2026, 5, 31, 9, 30, tzinfo=UTC)


def test_the_advised_form_of_a_default_with_colons_is_accepted(tmp_path: Path) -> None:
    word = "at:datetime:default=2026-05-31T09:30:00Z"
    (mistake,) = mistakes(written(tmp_path, f'[tea]\nfields = ["{word}"]\n'))
    (advice,) = re.findall(r"\[.*\]", mistake)

    [tea] = ordered(written(tmp_path, f"[tea]\nfields = [{advice}]\n"))

    assert tea.fields[0].default == datetime(2026, 5, 31, 9, 30, tzinfo=UTC)


def test_resources_of_several_files_are_ordered_by_their_refs(tmp_path: Path) -> None:
    one = written(
        tmp_path,
        '[comment]\nfields = ["body:text", "ticket:ref:ticket", "parent:ref:comment:optional"]\n'
        '[ticket]\nfields = ["title:str", "customer:ref:customer"]\n',
    )
    two = written(tmp_path, '[customer]\nfields = ["name:str"]\n', "two.toml")

    names = [each.name for each in ordered(one, two)]

    assert names == ["customer", "ticket", "comment"]


def test_resources_without_refs_stay_in_the_order_of_their_files(tmp_path: Path) -> None:
    names = ["hat", "bag", "gun", "axe", "cup", "fan", "egg", "dog"]
    tables = {name: f'[{name}]\nfields = ["name:str"]\n' for name in names}
    tables["bag"] = '[bag]\nfields = ["c:ref:cup", "e:ref:egg"]\n'
    one = written(tmp_path, "".join(tables[name] for name in names[:5]))
    two = written(tmp_path, "".join(tables[name] for name in names[5:]), "two.toml")

    assert [each.name for each in ordered(one, two)] == [
        *("hat", "gun", "axe", "cup", "fan", "egg", "bag", "dog")
    ]


@pytest.mark.parametrize(
    "text", ['tea = {fields = ["a:str"]}\n', '[tea]\nfields = [\n["a", "str"],\n]\n']
)
def test_a_recipe_in_an_unusual_form_is_not_replaced(tmp_path: Path, text: str) -> None:
    tea = read(written(tmp_path, text))["tea"]

    with pytest.raises(RecipeError, match="must have the form that `poe resource` writes"):
        replaced(text, tea)
