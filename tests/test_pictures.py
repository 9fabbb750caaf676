"""The picture of the terminal in the README."""

import html
import re

import pytest

from tests.support.variants import ROOT

pytestmark = pytest.mark.renders

SOURCES = [
    ROOT / name
    for name in (
        *("scripts/demo.py", "template/dev/__main__.py", "template/dev/serving.py"),
        *("template/dev/workspace.py", "template/src/app/cli.py"),
    )
]
# Text that differs between runs, or is filled in.
VALUES = re.compile(r"~?/\S+|https?://\S+|\w+://\S+|\d+\.\d|\bhead\b")


def test_the_terminal_picture_shows_the_current_texts_of_the_demo() -> None:
    picture = (ROOT / "docs/images/terminal.svg").read_text("utf-8")
    shown = [
        html.unescape(re.sub(r"<[^>]+>", "", text)).replace("\xa0", " ")
        for text in re.findall(r"<text.*?</text>", picture, re.DOTALL)
    ]
    lines = [line.strip() for text in shown for line in text.splitlines()]
    printed = "".join(path.read_text("utf-8") for path in SOURCES)

    words = [part.strip() for line in lines if "$" not in line for part in VALUES.split(line)]
    phrases = [part for part in words if re.fullmatch(r"[A-Z(].*[a-z ].*", part)]
    assert len(phrases) > 10
    assert [each for each in phrases if each.removesuffix(" ...") not in printed] == []
