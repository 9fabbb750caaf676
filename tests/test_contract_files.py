"""`poe contract` compares `openapi.json` with the app."""

import json
from copy import deepcopy
from pathlib import Path

import pytest

from dev.contract.description import FILE, as_text, drift
from tests.support.api_projects import BASE, without_price


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    assert drift(tmp_path, BASE) == (
        f"There is no {FILE}: run `uv run poe contract --write`, and commit the file.",
        None,
    )


@pytest.mark.parametrize("text", ["<<<<<<< HEAD\n{}\n", "", "[" * 100_000, "\udc80"])
def test_an_invalid_file_is_an_error_that_names_the_command(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    error, warning = drift(tmp_path, BASE)

    assert error
    assert error.startswith(f"{FILE} is not valid JSON (")
    assert error.endswith("): run `uv run poe contract --write`.")
    assert warning is None


def test_a_file_that_is_not_what_the_app_says_is_an_error_with_the_places(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(as_text(without_price()))
    error, _ = drift(tmp_path, BASE)

    assert error
    assert error.splitlines() == [
        f"{FILE} is not what the app says: run `uv run poe contract --write`, and commit it.",
        "  paths > /items > post > responses > 200 > content > application/json > schema >"
        " properties > price: missing in the file",
    ]


@pytest.mark.parametrize("text", ["[]", "null", '"openapi"'])
def test_a_file_with_another_type_is_an_error_with_the_command(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    error, _ = drift(tmp_path, BASE)

    assert error
    assert error.splitlines() == [
        f"{FILE} is not what the app says: run `uv run poe contract --write`, and commit it.",
        "  all of it: different",
    ]


def test_other_titles_descriptions_or_formats_are_a_warning(tmp_path: Path) -> None:
    described = deepcopy(BASE)
    described["info"]["title"] = "Other"
    described["paths"]["/items"]["post"]["responses"]["200"]["description"] = "Other"

    for text in (as_text(described), json.dumps(BASE)):
        (tmp_path / FILE).write_text(text)
        error, warning = drift(tmp_path, BASE)
        assert error is None
        assert warning
        assert "`uv run poe contract --write`" in warning
    (tmp_path / FILE).write_text(as_text(BASE))
    assert drift(tmp_path, BASE) == (None, None)


def test_members_and_values_that_are_named_title_are_compared(tmp_path: Path) -> None:
    described = deepcopy(BASE)
    responses = described["paths"]["/items"]["post"]["responses"]
    properties = responses["200"]["content"]["application/json"]["schema"]["properties"]
    default = properties["title"]["default"]
    for is_last in (False, True):
        if is_last:
            del properties["title"]
        else:
            default["title"] = "b"
        (tmp_path / FILE).write_text(as_text(described))
        error, _ = drift(tmp_path, BASE)
        assert error
        assert "properties > title" in error


def test_each_member_has_a_line_and_names_are_sorted() -> None:
    text = as_text({"b": {"d": 1, "c": "é"}, "a": []})

    assert text == '{\n  "a": [],\n  "b": {\n    "c": "é",\n    "d": 1\n  }\n}\n'
