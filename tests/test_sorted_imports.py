"""Import statements are sorted and split before a merge is tried again, and nothing else is."""

from pathlib import Path

from dev.upgrade.git import Git
from upgrade.import_merges import join_names, sort_imports, split_names

UNSORTED = """\
from app.z import z  # last
from app.b import (  # :)
    one,
    two,
)
import sys
from app.a import a
"""
SORTED = """\
import sys
from app.a import a
from app.b import (  # :)
    one,
    two,
)
from app.z import z  # last
"""
PROSE = '''\
"""A moved file.

from one place to another,
from here
import nothing
"""

from b import b
# Why a comes now.
from a import a

if True:
    from d import d
    from c import c
'''


def test_import_statements_are_sorted_with_their_comments() -> None:
    assert sort_imports(UNSORTED) == sort_imports(SORTED) == SORTED
    crlf = UNSORTED.replace("\n", "\r\n")
    assert sort_imports(crlf) == SORTED.replace("\n", "\r\n")


def test_prose_and_separate_import_statements_are_unchanged() -> None:
    assert sort_imports(PROSE) == PROSE


SERVICE = """\
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from app.core import (
    first,
    second,
)
from app.models import Item as Thing, User
from app.models import Page
"""
MERGED = """\
from sqlalchemy import bindparam, func, select
from app.core import (
    first,
    second,
)
from app.core.later import (
    a_name_of_thirty_characters_abc,
    a_name_of_thirty_characters_def,
    a_name_of_thirty_characters_ghi,
)
from app.models import Item as Thing, User
from app.models import Page
"""


def test_both_sides_can_change_the_names_of_adjacent_import_statements(tmp_path: Path) -> None:
    own = SERVICE.replace("bindparam, select", "bindparam, func, select")
    later = ", ".join(f"a_name_of_thirty_characters_{each}" for each in ("abc", "def", "ghi"))
    new = SERVICE.replace("from sqlalchemy.exc import IntegrityError\n", "").replace(
        "from app.models", f"from app.core.later import {later}\nfrom app.models", 1
    )
    merged = Git(tmp_path).merged(*map(split_names, (own, SERVICE, new)))

    assert join_names(merged, SERVICE) == MERGED
    assert join_names(split_names(PROSE), PROSE) == PROSE
