"""A state of the template that is later than the working tree, and differs beside resources."""

from pathlib import Path

from tests.support.processes import commit, run

# Later than the tag of the working tree.
LATER = "v1000.0.0"
GENERATOR = "template/dev/resource/templates"
# The first text in each file is replaced: in the generator, the platform, the registries and the
# example.
CHANGES = (
    (f"{GENERATOR}/app/model.py.j2", '"""The table of ', '"""The later table of '),
    (f"{GENERATOR}/app/service/head.py.j2", '"""{{ about', '"""Later: {{ about'),
    (f"{GENERATOR}/app/endpoints/read.py.j2", '    """', '    """Later: '),
    (f"{GENERATOR}/tests/one/head.py.j2", '"""Requests', '"""Later requests'),
    ("template/src/app/core/db/records.py", '"""Inserts one', '"""Later inserts one'),
    ("template/src/app/api/v1/router.py.jinja", '"""The endpoints', '"""The later endpoints'),
    ("template/src/app/api/v1/router.py.jinja", "\n# Routes", "\n# Later, routes"),
    ("template/src/app/models/__init__.py.jinja", '"""The database', '"""The later database'),
    ("template/src/app/models/item.py", '"""The table', '"""The later table'),
    ("template/src/app/services/item.py", '"""Items.', '"""Later items.'),
    ("template/tests/access/items.py", '"""Permissions', '"""Later permissions'),
    ("template/tests/resources/test_items.py", '"""Requests', '"""Later requests'),
)


def add_later_state(history: Path) -> None:
    """Commit the later state to a repository whose newest state is the working tree."""
    for path, before, after in CHANGES:
        file = history / path
        text = file.read_text("utf-8")
        assert before in text, path
        file.write_text(text.replace(before, after, 1), "utf-8")
    commit(history, LATER)
    run("git", "tag", LATER, cwd=history)
