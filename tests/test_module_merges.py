"""Conflicts in a module that two sides only added to are resolved."""

from pathlib import Path

import pytest

from dev.upgrade.git import Git
from dev.upgrade.module_merges import merge_module
from dev.upgrade.programs import CommandError
from tests.support.processes import commit, run

BASE = '''\
"""A module."""

from d import d


class Model:
    first = d
'''
LAST = "    first = d\n"
END = f"\n\n@d\ndef mine():\n{LAST}"


def merge(folder: Path, base: str, own: str, new: str) -> tuple[bool, str]:
    """Merge three versions of a module; return whether no conflict is left, and the text."""
    file = folder / "module.py"
    run("git", "init", "-q", cwd=folder)
    for branch, text in {"base": base, "own": own, "new": new}.items():
        run("git", "checkout", "-q", "-B", branch, *(["base"] if file.exists() else []), cwd=folder)
        file.write_text(text)
        commit(folder, branch)
    git = Git(folder)
    git("checkout", "--quiet", "own")
    with pytest.raises(CommandError):
        git("cherry-pick", "--no-commit", "new")
    is_resolved = merge_module(git, "module.py")
    assert is_resolved is not bool(git("ls-files", "--unmerged"))
    return is_resolved, file.read_text()


def test_imports_of_both_sides_are_kept(tmp_path: Path) -> None:
    own = BASE.replace("from d import d", "from c import c  # mine\nfrom d import d")
    new = BASE.replace("from d import d", "from b import b, x\nfrom d import d")

    block = "from c import c  # mine\nfrom d import d\nfrom b import b\nfrom b import x"
    assert merge(tmp_path, BASE, own, new) == (True, BASE.replace("from d import d", block))


@pytest.mark.parametrize(
    ("own", "new", "merged"),
    [
        ("    own = 1\n", "    new = 1\n", "    new = 1\n    own = 1\n"),
        (END, "    new = 1\n", f"    new = 1\n{END}"),
        ("    own = 1\n", END, f"    own = 1\n{END}"),
    ],
)
def test_lines_that_both_sides_insert_follow_each_other_in_a_valid_order(
    tmp_path: Path, own: str, new: str, merged: str
) -> None:
    assert merge(tmp_path, BASE, BASE + own, BASE + new) == (True, BASE + merged)


def test_lines_that_would_leave_their_block_stay_a_conflict(tmp_path: Path) -> None:
    own, new = (f"{BASE}    {each} = 1\n\n\nd({each})\n" for each in ("own", "new"))
    is_resolved, text = merge(tmp_path, BASE, own, new)

    assert not is_resolved
    assert text.startswith(f"{BASE}<<<<<<< HEAD\n    own = 1\n")


def test_lines_that_both_sides_change_stay_a_conflict(tmp_path: Path) -> None:
    own = BASE.replace("from d", "from c import c\nfrom d").replace(LAST, "    own = 1\n")
    new = BASE.replace("from d", "from b import b\nfrom d").replace(LAST, "    new = 1\n")
    is_resolved, text = merge(tmp_path, BASE, own, new)

    assert not is_resolved
    assert "from c import c\nfrom d import d\nfrom b import b\n\n" in text
    conflict = "<<<<<<< HEAD\n    own = 1\n=======\n    new = 1\n>>>>>>> change\n"
    assert text.endswith(f"class Model:\n{conflict}")


@pytest.mark.parametrize("base", ["not Python\n", "x = 1\n"])
def test_texts_that_are_no_modules_with_imports_stay_conflicts(tmp_path: Path, base: str) -> None:
    is_resolved, text = merge(tmp_path, base, "own\n", "new\n")

    assert not is_resolved
    assert text.startswith("<<<<<<< HEAD\nown\n=======\nnew\n>>>>>>> ")
