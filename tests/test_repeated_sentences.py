"""Repeated sentences in the documentation."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.support.files import texts

pytestmark = pytest.mark.renders

# Shorter ones are headings, labels and phrases.
FEWEST_WORDS = 8
# Both describe the changes of a release, for different readers.
HISTORY = {"CHANGELOG.md", "UPGRADING.md"}


def sentences(text: str) -> set[str]:
    """Return the sentences and cells of a page, without its code and its links' targets."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    prose = re.sub(r"\]\([^)]*\)", "]", prose)
    prose = re.sub(r"^\{%.*%\}$", "", prose, flags=re.M)
    parts = re.split(r"(?<=[.:!?])\s+(?=\W*[A-Z])|\n\n|\n(?=[-|#])|\|", prose)
    plain = [" ".join(re.findall(r"[A-Za-z][\w'/.]*", part)).rstrip(".").lower() for part in parts]
    return {each for each in plain if len(each.split()) >= FEWEST_WORDS}


def test_no_sentence_appears_on_two_pages(download: Path) -> None:
    pages = {
        path: text
        for path, text in texts(download).items()
        if path.endswith((".md", ".md.jinja")) and path not in HISTORY
    }
    places: dict[str, list[str]] = defaultdict(list)
    for path, text in pages.items():
        for sentence in sentences(text):
            places[sentence].append(path)

    assert len(places) > 1000
    assert {each: found for each, found in places.items() if len(found) > 1} == {}
