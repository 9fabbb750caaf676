"""Writes the source of a resource's files with the templates in `templates`."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dev.resource.context import context_of
from dev.resource.known import Target
from dev.resource.names import spaced
from dev.resource.recipe import Resource
from dev.resource.test_files import write_tests
from dev.resource.wording import comment, docstring, listed, quoted, sentence, wrapped

ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - Python, not HTML
)
ENVIRONMENT.filters |= {
    each.__name__: each for each in (comment, docstring, listed, quoted, sentence, spaced, wrapped)
}
# A comma here would keep ruff from joining the lines of a signature.
LAST_COMMA = re.compile(r",\n\) ->")
# The name of a test contains names of fields, which may be long.
LONG_NAME = re.compile(r"^(async def \w{90,}\()", re.MULTILINE)


def render(template_name: str, context: Mapping[str, Any]) -> str:
    """Return the source that a template writes, such as `app/model.py.j2`."""
    source = ENVIRONMENT.get_template(template_name).render(context)
    return LONG_NAME.sub(r"\1  # noqa: E501\n    ", LAST_COMMA.sub("\n) ->", source))


def emit(resource: Resource, targets: Mapping[str, Target]) -> dict[str, str]:
    """Return the unformatted source of each new file, by its path in the project.

    `targets` has the models that the refs of the resource name.
    """
    context = context_of(resource, targets)
    about = ENVIRONMENT.get_template(f"app/about/{resource.access}.j2")
    context["about"] = about.make_module(context)
    name, plural, operations = resource.name, resource.plural, resource.operations
    has_query, locks = "list" in operations, {"update", "delete"} & {*operations}
    service = [
        *("head", *["query"] * has_query, *operations, *["lock"] * bool(locks)),
        *(["keep"] * bool(context["created_refs"]) + ["found"] * bool(context["finds"])),
    ]
    files = {
        f"src/app/models/{name}.py": ["model"],
        f"src/app/schemas/{name}.py": ["schema"],
        f"src/app/services/{name}.py": [f"service/{each}" for each in service],
        f"src/app/api/v1/endpoints/{plural}.py": [
            f"endpoints/{each}" for each in ("head", *operations)
        ],
    }
    code = {
        path: "".join(render(f"app/{each}.py.j2", context) for each in parts)
        for path, parts in files.items()
    }
    return code | write_tests(resource, targets, render)
