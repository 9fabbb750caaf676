"""Starts an upgrade, until the code of the target takes over, and aborts upgrades.

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
            asked = template.release(options.to) if options.to else None
            _hand_over(template, made, options, asked, *template.releases[-1:], recorded.commit)


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
            worktree.refuse_foreign()
            raise UpgradeError(f"An upgrade is under way in {FOLDER}: run this command there.")
        file = folder / FILE
        text = file.read_text("utf-8", "surrogateescape") if file.is_file() else ""
        if (recorded := Answers.parse(text)) is None:
            raise UpgradeError(f"{FILE} is missing or damaged: restore it.")
        with scratch(project.common) as made:
            template = _fetch(options.template or recorded.source, made, folder)
            _hand_over(template, made, options, recorded.commit)


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


def _hand_over(
    template: Template, scratch: Path, options: Options, *preferred: str | None
) -> NoReturn:
    """Hand over to the first version with upgrade code; raise `UpgradeError` if none has any."""
    for version in filter(None, [*preferred, *template.releases[-1:], "HEAD"]):
        if template.has_code(version):
            code = template.check_out_code(version)
            hand_over(Handover(version, scratch / "new"), code, options)
    raise UpgradeError("The template has no upgrade code: use `uvx copier update` instead.")
