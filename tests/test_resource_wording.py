"""The sentences of generated code for clients, and about the deletion of accounts."""

import re

import pytest

from dev.resource.emit import emit
from tests.support.command_lines import KNOWN, parsed

# Long texts and comments have several lines.
ENDS_OF_LINES = re.compile(r'"\n? *"|\n *#')


@pytest.mark.parametrize(
    ("line", "file", "sentence"),
    [
        ("thing name:str:unique", "services", "have a thing with this name. Choose another name."),
        (
            "thing team:ref:customer name:str --unique team,name",
            "services",
            "You have a thing with this team_id and name. Change one of them.",
        ),
        (
            "thing team:ref:customer name:str code:str:unique=global --unique team,name",
            "api",
            "There is a thing with this code or this team_id and name, or a request with",
        ),
        ("thing a:int b:int --before a,b", "schemas", "a must be less than b"),
        ("thing a:date b:date --before a,b", "schemas", "a must be before b"),
        ("thing name:str", "services", "Only things with this text in `name`."),
        ("thing name:str code:str", "services", "Only things with this text in `name` or `code`."),
        (
            "thing name:str:immutable author:ref:user:immutable note:str",
            "schemas",
            "Only `POST` sets `name` and `author_id`.",
        ),
        (
            "thing a:ref:user",
            "models",
            "No thing keeps a user from deleting the account: the thing is",
        ),
        ("thing a:ref:user:optional", "models", "deleting the account: the reference becomes null"),
        (
            "thing a:ref:user:on-delete=restrict",
            "models",
            "A user to whom a thing refers cannot delete the account.",
        ),
    ],
)
def test_generated_code_says(line: str, file: str, sentence: str) -> None:
    files = emit(parsed(line), KNOWN.targets)
    (source,) = (text for path, text in files.items() if path.startswith(f"src/app/{file}/"))

    assert sentence in " ".join(ENDS_OF_LINES.sub("", source).split()), source
