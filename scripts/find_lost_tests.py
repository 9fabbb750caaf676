"""Lists the test functions of an earlier commit that no longer exist, here or under a new name."""

import ast
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

FOLDERS = ("template/tests", "tests")
RENAMED = Path("tests/renamed_tests.toml")


def main() -> None:
    """Compare with the commit that the first argument names; exit with 1 if a test is lost."""
    before, now = count_tests(sys.argv[1]), count_tests("HEAD")
    releases = tomllib.loads(RENAMED.read_text("utf-8")).values()
    expected = before
    for names in releases:
        expected = rename(expected, names)
    lost = expected - now
    print(f"{before.total()} tests before, {now.total()} now, {lost.total()} lost")
    for name in sorted(lost):
        print(f"  {name}")
    sys.exit(bool(lost))


def rename(tests: Counter[str], names: dict[str, str | list[str]]) -> Counter[str]:
    """Return the numbers of test functions by the names after a release."""
    renamed: Counter[str] = Counter()
    for name, number in tests.items():
        new = names.get(name, name)
        renamed.update({new: number} if isinstance(new, str) else new)
    return renamed


def count_tests(commit: str) -> Counter[str]:
    """Return how many test functions have each name, without their modules: files may move."""
    paths = git("ls-tree", "-r", "--name-only", commit, *FOLDERS).splitlines()
    return Counter(
        node.name
        for path in paths
        if path.endswith(".py")
        for node in ast.walk(ast.parse(git("show", f"{commit}:{path}")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_")
    )


def git(*command: str) -> str:
    """Return the output of a command of Git."""
    return subprocess.run(["git", *command], capture_output=True, text=True, check=True).stdout  # noqa: S607


if __name__ == "__main__":
    main()
