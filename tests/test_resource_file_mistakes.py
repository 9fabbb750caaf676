"""All mistakes in files of recipes are reported at once."""

from pathlib import Path

import pytest

from tests.support.recipe_files import mistakes, written


def test_mistakes_in_files_are_reported_at_once(tmp_path: Path) -> None:
    one = written(
        tmp_path,
        '[a]\nfields = ["x:strr"]\nplurals = "at"\nplural = "aa"\n'
        '[b]\nfields = ["x:int:default=y"]\naccess = "ownr"\nunique = [["x", "y"]]\n'
        '[c]\nfields = "x:str"\naccess = "ownr"\n'
        'search = "x"\n[d]\nfields = ["x:strr"]\n',
    )
    two = written(tmp_path, '[d]\nfields = ["x:str"]\n', "two.toml")
    three = written(tmp_path, "d = 1\nx = [", "three.toml")

    empty = written(tmp_path, "# None\n", "empty.toml")
    found = mistakes(one, two, three, tmp_path / "four.toml", empty)

    assert [each for each in found if not each.startswith("three")] == [
        "resources.toml: a: plurals is unknown. Do you mean plural?",
        "resources.toml: a: x: the type strr is unknown. Do you mean str?",
        "resources.toml: b: unique must be a list of texts.",
        "resources.toml: b: x: default=y must be a number in plain digits.",
        "resources.toml: b: --access: ownr is unknown. Do you mean owner?",
        "resources.toml: c: fields must be a list of texts.",
        "resources.toml: c: --access: ownr is unknown. Do you mean owner?",
        "resources.toml: d: x: the type strr is unknown. Do you mean str?",
        "two.toml: d has two recipes.",
        f"There is no file {tmp_path / 'four.toml'}.",
        "empty.toml has no recipe, which is a table such as [invoice].",
    ]


@pytest.mark.parametrize(
    "words",
    ["cup", "cup a:str", "--access=owner", "--plural=cups", "--unique=a,b", "--search=a"],
)
def test_words_and_flags_beside_files_are_a_mistake(tmp_path: Path, words: str) -> None:
    path = written(tmp_path, '[tea]\nfields = ["a:strr"]\n')

    found = mistakes(path, words=f"{words} --dryrun")

    assert found == [
        "--dryrun is unknown. Do you mean --dry-run?",
        "--from takes no NAME, no FIELD and no flag that describes a resource, because the files "
        "do.",
        "resources.toml: tea: a: the type strr is unknown. Do you mean str?",
    ]


def test_a_file_with_too_many_levels_is_a_mistake(tmp_path: Path) -> None:
    deep = written(tmp_path, f"a = {'[' * 9999}{']' * 9999}")

    (found,) = mistakes(deep)

    assert found.startswith("resources.toml: ")


@pytest.mark.parametrize(
    "text",
    [
        "a = 1",
        "[a]\nfields = [1]",
        "[a]\nfields = [[]]",
        "[a]\nfields = [[[]]]",
        "[a]\nversioned = 1",
        "[a]",
    ],
)
def test_a_recipe_of_another_shape_is_a_mistake(tmp_path: Path, text: str) -> None:
    assert mistakes(written(tmp_path, text))


def test_refs_in_a_long_cycle_are_a_mistake(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[cup]\nfields = ["tea:ref:tea:optional"]\n'
        '[tea]\nfields = ["pot:ref:pot"]\n[pot]\nfields = ["cup:ref:cup"]\n',
    )

    assert len(mistakes(path)) == 3


def test_refs_in_a_cycle_are_a_mistake(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[cup]\nfields = ["tea:ref:tea:optional"]\n'
        '[tea]\nfields = ["cup:ref:cup:optional", "pot:ref:pott"]\n[pot]\nfields = ["a:str"]\n',
    )

    assert mistakes(path) == [
        "cup: tea: tea refers to cup. Add a ref back by hand.",
        "tea: cup: cup refers to tea. Add a ref back by hand.",
        "tea: pot: pott is no resource. Do you mean pot?",
    ]


def test_two_new_resources_cannot_share_a_table(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[cup]\nfields = ["a:str"]\n[tea]\nfields = ["a:str"]\nplural = "cups"\n',
    )

    [mistake] = mistakes(path)

    assert mistake == (
        "tea: src/app/api/v1/endpoints/cups.py exists. Choose another plural with --plural."
    )
