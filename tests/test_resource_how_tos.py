"""The how-tos of `poe resource`: their recipes, and the changes that they make by hand."""

import json
import shlex
from collections.abc import Iterator
from itertools import takewhile

import pytest

from tests.support.documented_commands import GENERATED, RECIPES, blocks
from tests.support.how_to_steps import extend
from tests.support.processes import CommandFailedError
from tests.support.services import Install, Service
from tests.support.variants import ROOT

HOW_TOS = ROOT / "template/docs/service/how-to"
CHANGES = ("change-a-status", "extend-a-resource", "relate-generated-resources")
MANY = {"--unique", "--before"}
TESTS = ("tests/access", "tests/test_migrations.py", "tests/resources")

# One pytest worker installs the service.
pytestmark = pytest.mark.xdist_group("pyjwt-pwdlib")


def commands() -> Iterator[list[str]]:
    """Yield the arguments of each command of the how-tos."""
    for block in RECIPES:
        for line in block.replace("\\\n", "").splitlines():
            assert line.startswith("uv run poe resource ")
            yield shlex.split(line)[4:]


def as_recipe(name: str, *words: str) -> str:
    """Return the arguments of a command as a table of a file for `--from`."""
    fields = [*takewhile(lambda word: not word.startswith("--"), words)]
    flags = words[len(fields) :]
    values = {"fields": fields} | {
        flag.removeprefix("--"): [value] if flag in MANY else value
        for flag, value in zip(flags[::2], flags[1::2], strict=True)
    }
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in values.items()]
    return f"[{name}]\n{''.join(lines)}"


@pytest.fixture(scope="module")
def service(install: Install) -> Service:
    """Return a service with all resources of the how-tos, and their changes."""
    service = install(auth_stack="pyjwt-pwdlib")
    recipes = service.folder / "how_tos.toml"
    recipes.write_text("".join(as_recipe(*words) for words in commands()))
    service.run("poe", "resource", "--from", recipes.name)
    for name in CHANGES:
        extend(HOW_TOS / f"{name}.md", service.folder)
    service.run("poe", "format")
    service.run("poe", "migration", "add rules to resources")
    service.run("poe", "migrate")
    return service


def test_resources_that_are_changed_as_the_how_tos_say_pass_their_checks(service: Service) -> None:
    service.run("poe", "lint")
    service.run("poe", "types")
    of_the_api = ("tests/test_openapi.py", "tests/test_openapi_examples.py")

    assert " passed" in service.run("pytest", "-q", *TESTS, *of_the_api)


def test_the_mistakes_in_the_how_to_are_reported(service: Service) -> None:
    (example,) = blocks(GENERATED[0], "text")
    command, _, mistakes = example.partition("\n")

    with pytest.raises(CommandFailedError) as failure:
        service.run(*shlex.split(command)[3:])

    assert mistakes in str(failure.value)
