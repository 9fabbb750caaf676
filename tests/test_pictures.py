"""The pictures of the terminal in the README and in the tutorial."""

import html
import re

import pytest

from tests.support.variants import ROOT

pytestmark = pytest.mark.renders

# The modules that print the texts of each picture.
SOURCES = {
    "terminal": [
        *("scripts/demo.py", "template/dev/__main__.py", "template/dev/serving.py"),
        *("template/dev/workspace.py", "template/src/app/cli.py"),
    ],
    "resource": ["template/dev/resource/command_line.py", "template/dev/resource/preview.py"],
}
# Text that differs between runs, or is filled in.
VALUES = re.compile(r"\w+://\S+|[\w~.]*/\S*(?<!\.)|\d+\.\d|\bhead\b|`uv run [\w ]+`|\bbooks?\b")


@pytest.mark.parametrize("picture", SOURCES)
def test_a_terminal_picture_shows_the_current_texts_of_its_command(picture: str) -> None:
    svg = (ROOT / f"docs/images/{picture}.svg").read_text("utf-8")
    shown = [
        html.unescape(re.sub(r"<[^>]+>", "", text)).replace("\xa0", " ")
        for text in re.findall(r"<text.*?</text>", svg, re.DOTALL)
    ]
    lines = [line.strip() for text in shown for line in text.splitlines()]
    printed = "".join((ROOT / path).read_text("utf-8") for path in SOURCES[picture])

    words = [part.strip("- ") for line in lines if "$" not in line for part in VALUES.split(line)]
    phrases = [part for part in words if re.fullmatch(r"[A-Z(].*[a-z ].*", part)]
    assert len(phrases) > 8
    assert [each for each in phrases if each.removesuffix(" ...") not in printed] == []
