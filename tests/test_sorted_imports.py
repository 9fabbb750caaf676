"""Import statements are sorted before a merge is tried again, and nothing else is."""

from upgrade.import_merges import sort_imports

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
