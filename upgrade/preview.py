"""Shows the effects of an upgrade before it begins."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from dev.upgrade.answers import Answers
from dev.upgrade.errors import UpgradeError
from dev.upgrade.programs import CommandError
from dev.upgrade.project import Project
from dev.upgrade.template import Number, Template, number
from dev.upgrade.terminal import say
from upgrade.moving import each_move
from upgrade.trees import Release

UPGRADING = "UPGRADING.md"
# The subsections of UPGRADING.md contain tables and scripts that are too long for a terminal.
TABLES = re.compile(r"^### .*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## \[?v?(\d+(?:\.\d+)*)\b.*$", re.MULTILINE)
WORDS = {"M": "changes", "T": "changes", "D": "is removed"}


@dataclass(frozen=True)
class Step:
    """The versions and answers before and after an upgrade."""

    old: str
    new: str
    before: Answers
    after: Answers

    @property
    def message(self) -> str:
        """Return the title of the upgrade."""
        said = [f"upgrade to {self.new} of the template"] if self.old != self.new else []
        # The title contains no values, because a value could contain a secret or terminal codes.
        said += [f"change {name}" for name in self._changed]
        text = ", ".join(said) or "record where the template is"
        return text[0].upper() + text[1:]

    @property
    def added(self) -> dict[str, str]:
        """Return the new questions with their answers in the new rendering."""
        before = self.before.given
        return {name: value for name, value in self.after.given.items() if name not in before}

    @property
    def _changed(self) -> list[str]:
        before = self.before.given
        after = self.after.given.items()
        return [name for name, value in after if before.get(name, value) != value]


def show(project: Project, template: Template, step: Step, release: Release) -> None:
    """Print the changes of an upgrade."""
    say(f"\n{step.message}.")
    for document in ("CHANGELOG.md", UPGRADING):
        if text := _sections(template, document, step.old, step.new):
            say(f"\n--- {document}\n\n{TABLES.sub('', text) if document == UPGRADING else text}")
    if step.added:
        say("\nNew questions and their answers (`--set NAME=VALUE` changes one):")
        say("\n".join(f"  {name}: {value}" for name, value in step.added.items()))
    say("\nFiles:")
    say("\n".join(f"  {line}" for line in _files(project, release)) or "  no file changes")
    say("")


def _sections(template: Template, document: str, since: str, until: str) -> str:
    """Return a document's sections about the releases after `since`, up to `until`."""
    text = template.git.text(until, document) or ""
    oldest, newest = _number_of(template, since), _number_of(template, until)
    parts = HEADING.split(text)[1:]
    headings = [found.group() for found in HEADING.finditer(text)]
    return "\n\n".join(
        f"{heading}\n\n{body.strip()}"
        for heading, name, body in zip(headings, parts[::2], parts[1::2], strict=True)
        if oldest < (number(name) or ()) <= newest
    )


def _number_of(template: Template, version: str) -> Number:
    """Return the sort key of a release or, for any other commit, of the last release before it."""
    if found := number(version):
        return found
    try:
        return number(template.git("describe", "--tags", "--abbrev=0", version)) or ()
    except CommandError:
        return ()


def _files(project: Project, release: Release) -> Iterator[str]:
    """Yield a line for each change that the template makes to a file of the project."""
    edited = {*project.git.names(*_names(release.old, project.head))}
    there = {*_tree(project, project.head)}
    for old, new in release.moves.items():
        yield f"{old} moves to {new}"
    before = {project.prefix + new: project.prefix + old for old, new in _moved(project, release)}
    changes = _names(release.base, release.new, "--name-status", "--find-renames")
    parts = iter(project.git.names(*changes))
    added = []
    for status in parts:
        path = next(parts)
        name = path.removeprefix(project.prefix)
        moved = f"moves to {next(parts).removeprefix(project.prefix)}" if status[0] == "R" else ""
        if status[0] != "A" and before.get(path, path) not in there:
            yield f"{name} stays deleted, as you deleted it"
        elif status[0] == "M" and path in before:
            continue
        elif status[0] == "D" and path in edited:
            yield f"{name} is removed, but you edited it: you will be asked"
        elif status[0] == "A":
            added.append(name)
        else:
            yield f"{name} {moved or WORDS[status[0]]}"
    yield from _added(added, {path.removeprefix(project.prefix) for path in there})


def _added(names: Iterable[str], there: set[str]) -> Iterator[str]:
    """Yield a line for each new file, and one for all files of a new folder."""
    folders = {str(parent) for path in there for parent in Path(path).parents}
    for place, each in groupby(names, lambda name: _topmost_new(name, folders)):
        files = [*each]
        yield f"{place}/ is added, with {len(files)} files" if files[1:] else f"{files[0]} is added"


def _topmost_new(name: str, folders: set[str]) -> str:
    """Return the topmost folder of a new file that does not exist, or the file itself."""
    parents = [str(parent) for parent in reversed(Path(name).parents)]
    return next((parent for parent in parents if parent not in folders), name)


def _moved(project: Project, release: Release) -> Iterator[tuple[str, str]]:
    files = [path.removeprefix(project.prefix) for path in _tree(project, release.old)]
    return each_move(release.moves, files)


def _tree(project: Project, commit: str) -> list[str]:
    return project.git.names("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit)


def refuse_ignored(project: Project, release: Release) -> None:
    """Raise `UpgradeError` if a merge would overwrite files that Git ignores in the project."""
    if own := _in_the_way(project, release):
        listed = "".join(f"\n  {name}" for name in own)
        raise UpgradeError(
            f"The upgrade would overwrite these files, which Git ignores: move them first.{listed}"
        )


def _in_the_way(project: Project, release: Release) -> list[str]:
    top = project.folder / project.git("rev-parse", "--show-cdup")
    there = {*_tree(project, project.head)}
    added = _names(release.old, release.new, "--name-only", "--no-renames", "--diff-filter=A")
    own = {
        os.path.normpath(place)
        for path in project.git.names(*added)
        for place in (path, *_non_folders(top, path))
        if os.path.lexists(top / place) and place not in there
    }
    return sorted(name.removeprefix(project.prefix) for name in own)


def _non_folders(top: Path, path: str) -> Iterator[str]:
    for parent in Path(path).parents:
        if (top / parent).is_symlink() or (top / parent).is_file():
            yield str(parent)


def _names(old: str, new: str, *options: str) -> tuple[str, ...]:
    return ("diff-tree", "-r", "-z", *(options or ("--name-only", "--no-renames")), old, new)
