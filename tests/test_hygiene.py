"""Limits on the files of the template: Jinja tags, lengths, private addresses."""

import re
from pathlib import Path

import pytest

from tests.support.files import texts
from tests.support.function_lengths import check_functions
from tests.support.variants import ROOT

pytestmark = pytest.mark.renders

OPENING = r"\{%-?\s*(?:if|elif|else|for)\b"
MOST_TAGGED_PYTHON_FILES = 8
MOST_TAGS_IN_PYTHON = 6
MOST_TAGS = 20
LEAST_CLEAN = 0.85
MOST_LINES = 200

# Written so that the tests do not find these words in this file.
PRIVATE = [
    *(
        host.replace(" ", ".")
        for host in ("pypi org", "pythonhosted org", "npmjs org", "npmjs com")
    ),
    f"{ROOT}/",
]
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
LOCKS = {"uv.lock", "poetry.lock", "package-lock.json"}


@pytest.fixture(scope="session")
def sources(download: Path) -> dict[str, str]:
    """Return the text of every file of the repository."""
    return texts(download)


@pytest.fixture(scope="session")
def tags(sources: dict[str, str]) -> dict[str, int]:
    """Return the number of opening Jinja tags in each file of the folder `template`."""
    return {
        path: len(re.findall(OPENING, text))
        for path, text in sources.items()
        if path.startswith("template/")
    }


def python(paths: dict[str, str]) -> dict[str, str]:
    """Return the Python files and the templates of Python files."""
    return {path: text for path, text in paths.items() if path.endswith((".py", ".py.jinja"))}


def test_the_number_of_python_templates_and_of_their_jinja_tags_is_limited(
    tags: dict[str, int],
) -> None:
    tagged = {path: count for path, count in tags.items() if ".py" in path and count}
    tagged = {path: count for path, count in tagged.items() if path.endswith(".py.jinja")}

    assert len(tagged) <= MOST_TAGGED_PYTHON_FILES
    assert {path: count for path, count in tagged.items() if count > MOST_TAGS_IN_PYTHON} == {}


def test_most_files_contain_no_jinja_tags(tags: dict[str, int]) -> None:
    assert {path: count for path, count in tags.items() if count > MOST_TAGS} == {}
    assert sum(not count for count in tags.values()) / len(tags) >= LEAST_CLEAN


def test_jinja_tags_in_python_are_alone_on_a_line_and_not_nested(sources: dict[str, str]) -> None:
    for path, text in sources.items():
        depth = 0
        for line in text.splitlines() if path.endswith(".py.jinja") else ():
            if "{%" in line:
                assert re.fullmatch(r"\s*\{% .* %\}", line), f"{path}: {line}"
            depth += bool(re.search(r"\{% (if|for)\b", line))
            depth -= bool(re.search(r"\{% end(if|for)\b", line))
            assert depth in {0, 1}, f"{path}: {line}"


def test_no_file_exceeds_the_maximum_number_of_lines(sources: dict[str, str]) -> None:
    measured = python(sources) | {
        path: text
        for path, text in sources.items()
        if path.startswith("includes/") and "/licenses/" not in path
    }
    lengths = {path: len(text.splitlines()) for path, text in measured.items()}

    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_functions_do_not_exceed_the_maximum_length(sources: dict[str, str]) -> None:
    check_functions({p: text for p, text in sources.items() if not p.startswith("template/")})


def test_every_excluded_file_exists_in_the_template(sources: dict[str, str]) -> None:
    manifest = sources["includes/exclude.jinja"].splitlines()
    for line in [line for line in manifest if line.startswith("/")]:
        path = f"template{line}"

        assert [
            each
            for each in sources
            if each in {path, f"{path}.jinja"} or each.startswith(f"{path}/")
        ]


def test_no_file_contains_private_addresses_or_unfinished_work(sources: dict[str, str]) -> None:
    for path, text in sources.items():
        assert not [each for each in PRIVATE if each in text], path
        assert not UNFINISHED.search(text), path
        assert Path(path).name not in LOCKS
