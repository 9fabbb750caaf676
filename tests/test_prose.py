"""The prose of the template is plain technical English.

The reader is a developer in a hurry, often not a native speaker. A text names its subject, uses the
terms of the field, and is understood at the first reading.
"""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.support.processes import run
from tests.support.prose import Prose, read
from tests.support.variants import ROOT

pytestmark = pytest.mark.renders

# A file belongs to the longest of these folders that its path begins with.
ROOMS = (
    "",
    "benchmarks/",
    "docs/",
    "includes/",
    "scripts/",
    "template/",
    "template/dev/",
    "template/docs/",
    "template/migrations/",
    "template/src/app/",
    "template/src/app/core/",
    "template/tests/",
    "tests/",
    "upgrade/",
)
# Users of the service and of the template see the messages in these folders.
SEEN = ("includes/", "scripts/", "template/dev/", "template/src/", "upgrade/")
# The texts about this release and earlier releases are not rewritten.
HISTORY = re.compile(r"^## \[?0\.2\.2\b.*", re.MULTILINE | re.DOTALL)

PHRASES = re.compile(
    r"""\b(?:
        who(?:so|m)?ever | nobody | somebody | meanwhile | anew | in\ vain | one's
        | (?<!there\ )(?:is|are|was|were)\ (?-i:none) | such\ as\ is | no\ good | dear(?:er)? | lest
        | (?:there|here)(?:of|upon|to|in)\b | of\ its\ own\ accord | small\ letters
        | beside\ the\ event\ loop | hung\ up\ on
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)
# A clause in the place of the subject: "who fails gives it back", "What is kept may be old."
WHO = re.compile(r"(?:^|[.:;] )[Ww]ho \w+s\b[^?.!]*(?:[.!]|$)")
WHETHER = re.compile(r"(?:^|[.:;] )(?:Say|Tell)s? whether\b")
WHAT = re.compile(r"(?:^|[.!] )(?:What|Who) [^?.!]*(?:[.!]|$)")
# A test's name is a sentence with a subject, and with the terms of the field.
TEST = re.compile(
    r"""^(?:what|who|one\ who|of)\ .* | ^ones\b | \b(?:of\ ones|ones\ own)\b | \bno\ more$
    | \blets\ in\b | \bis\ one\ sentence\b | \bat\ once\ one\b | \bis\ no\ (?:fault|failure)\b
    | \bwhat\ .*\b(?:say|says)$""",
    re.VERBOSE,
)


def faults(prose: Prose) -> list[str]:
    """Return the parts of a text that are not plain."""
    patterns = [PHRASES, WHO, WHETHER]
    if prose.kind in {"docstring", "comment"}:
        patterns.append(WHAT)
    if prose.kind == "test":
        patterns.append(TEST)
    return [match[0].strip() for each in patterns for match in each.finditer(prose.text)]


def room(path: str) -> str:
    """Return the folder of `ROOMS` that a file belongs to."""
    return max((each for each in ROOMS if path.startswith(each)), key=len)


@cache
def listed() -> list[str]:
    """Return the path of every file, including untracked files."""
    paths = run("git", "ls-files", "-z", "-co", "--exclude-standard", cwd=ROOT).split("\0")
    return [path for path in paths if path and (ROOT / path).is_file()]


@cache
def prose_of(folder: str) -> list[tuple[str, Prose]]:
    """Return the prose of the files in a folder of `ROOMS`, each text with its path."""
    return [
        (path, each)
        for path in listed()
        if room(path) == folder
        for each in read(path, HISTORY.sub("", (ROOT / path).read_text("utf-8", "replace")))
    ]


def found(texts: list[tuple[str, Prose]]) -> Iterator[str]:
    """Yield one line for every text that is not plain."""
    for path, prose in texts:
        if parts := faults(prose):
            yield f"{path}:{prose.line}: {'; '.join(parts)}"


@pytest.mark.parametrize("folder", ROOMS)
def test_the_prose_in_each_folder_is_plain(folder: str) -> None:
    # Strings of tests are data, such as invalid input.
    texts = [
        text
        for text in prose_of(folder)
        if text[1].kind != "message" or not folder.endswith("tests/")
    ]

    assert list(found(texts)) == []


def test_messages_to_users_are_plain() -> None:
    rooms = [each for each in ROOMS if each.startswith(SEEN)]
    texts = [text for each in rooms for text in prose_of(each) if text[1].kind == "message"]

    assert len(texts) > 100
    assert list(found(texts)) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", '"""Return what is kept, to whoever asks."""'),
        ("a.py", '"""Run.\n\n    What is kept may be old.\n    """'),
        ("a.py", "x = 1  # nobody reads it"),
        ("a.py", "# Retried in\n# vain, and then dropped.\nx = 1"),
        ("a.py", 'raise ValueError("This header is none: send another.")'),
        ("a.py", 'x = f"{y} is no good for this"'),
        ("a.py", "def test_what_is_kept_is_old(): ..."),
        ("a.py", "def test_of_two_tokens_none_is_accepted(): ..."),
        ("a.py", "def test_a_token_of_a_former_key_lets_in(): ..."),
        ("a.py", "def test_a_port_in_use_is_one_sentence(): ..."),
        ("a.py.jinja", "{% if x %}\n# Say whether it is.\n{% endif %}\ny = {}"),
        ("a.md", "Stop it, and\nmeanwhile wait."),
        ("a.md.jinja", "- Give it back: who fails gives it back."),
        ("a.yaml", "key: 1  # dear to compute"),
        (".env.example.jinja", "# In small letters.\nKEY=1"),
    ],
)
def test_text_that_is_not_plain_is_reported(path: str, text: str) -> None:
    assert [each for each in read(path, text) if faults(each)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", '"""Return whether the name is `nobody`."""'),
        ("a.py", 'x = "nobody"'),
        ("a.md", "```console\n$ cat whoever\n```"),
        ("a.md", 'The old texts said "in vain".'),
        ("a.md", "## What does it cost?"),
        ("a.yaml", "user: nobody"),
    ],
)
def test_plain_text_code_and_quotations_are_not_reported(path: str, text: str) -> None:
    assert [each for each in read(path, text) if faults(each)] == []
