"""The start of an upgrade until the code of the target takes over, and `--abort`.

Later releases cannot fix this code in existing projects, so it does only what is necessary.
"""

from pathlib import Path
from typing import NoReturn

from dev.upgrade.answers import FILE, Answers
from dev.upgrade.errors import UpgradeError
from dev.upgrade.handover import hand_over, kept
from dev.upgrade.options import Handover, Options
from dev.upgrade.programs import program
from dev.upgrade.project import open_project, read_answers, refuse_unfinished
from dev.upgrade.scratch import remove_scratch, scratch
from dev.upgrade.template import Template, refuse_password, without_password
from dev.upgrade.terminal import say
from dev.upgrade.worktree import FOLDER, Worktree


def upgrade(folder: Path, options: Options) -> NoReturn:
    """Start an upgrade of the project in a folder, and hand over to the code that does the rest."""
    project = open_project(folder)
    worktree = Worktree(project)
    with worktree.held():
        worktree.refuse_unfinished(clearing=not options.preview)
        refuse_unfinished(project)
        program("uv")
        recorded = read_answers(project)
        with scratch(project.common) as made:
            template = _fetch(options.template or recorded.source, made, folder)
            _hand_over(template, _version(template, options, recorded), made, options)


def resume(folder: Path, options: Options) -> NoReturn:
    """Continue an upgrade after the user has completed the open tasks."""
    project = open_project(folder)
    worktree = Worktree(project)
    with worktree.held():
        worktree.refuse_foreign()
        remove_scratch(project.common)
        if began := kept(worktree):
            hand_over(began, began.folder, options)
        options.refuse_unknown()
        worktree.read_title()
        raise UpgradeError(f"Older code began this upgrade: continue in {project.folder}.")


def rewrite_imports(folder: Path, options: Options) -> NoReturn:
    """Rewrite the old names of moved modules in the files of a folder."""
    project = open_project(folder)
    worktree = Worktree(project)
    is_upgraded = folder.resolve().is_relative_to(worktree.root)
    with worktree.held():
        if is_upgraded and (began := kept(worktree)):
            hand_over(began, began.folder, options)
        if worktree.root.exists() and not is_upgraded:
            raise UpgradeError(f"An upgrade is under way in {FOLDER}: run this command there.")
        file = folder / FILE
        text = file.read_text("utf-8", "surrogateescape") if file.is_file() else ""
        recorded = Answers.parse(text)
        if recorded is None or recorded.commit is None:
            raise UpgradeError(f"{FILE} is missing or damaged: restore it.")
        with scratch(project.common) as made:
            template = _fetch(recorded.source, made, folder)
            _hand_over(template, recorded.commit, made, options)


def abort(folder: Path) -> None:
    """Undo an upgrade at any stage."""
    project = open_project(folder)
    worktree = Worktree(project)
    with worktree.held():
        remove_scratch(project.common)
        was_there = worktree.clear()
    say("The upgrade is undone." if was_there else "There is no upgrade to undo.")


def _fetch(address: str | None, scratch: Path, folder: Path) -> Template:
    if address is None:
        raise UpgradeError("No template is recorded: give its address with `--template ADDRESS`.")
    refuse_password(address)
    say(f"Fetching the template from {without_password(address)} ...")
    return Template.fetch(address, scratch / "template", folder)


def _version(template: Template, options: Options, recorded: Answers) -> str:
    """Return the version whose code does the upgrade: `--to`, or preferably the newest release."""
    if options.to:
        return template.release(options.to)
    versions = [*template.releases[-1:], *filter(None, [recorded.commit]), "HEAD"]
    return next(filter(template.has_code, versions), versions[0])


def _hand_over(template: Template, version: str, scratch: Path, options: Options) -> NoReturn:
    """Hand over to the code of a version; raise `UpgradeError` if the version has no such code."""
    if not template.has_code(version):
        raise UpgradeError(f"{version} has no upgrade code: use `uvx copier update` instead.")
    hand_over(Handover(version, scratch / "new"), template.check_out_code(version), options)
