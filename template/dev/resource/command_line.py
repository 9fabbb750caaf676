"""Runs the command line of `poe resource`."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from dev.dotenv import write_dotenv
from dev.errors import ServerError
from dev.interruption import without_interruption
from dev.resource import adding, arguments
from dev.resource.arguments import Command
from dev.resource.grammar import parse
from dev.resource.preview import as_json, differences, show_files, show_next
from dev.resource.programs import Programs, StepError
from dev.resource.progress import Progress, note
from dev.resource.project import read_project
from dev.resource.recipe import RecipeError, Resource
from dev.resource.recipe_file import read_from
from dev.resource.registries import UnknownShapeError
from dev.resource.scratch import locked, scratch
from dev.resource.steps import (
    INTERRUPTED,
    Draft,
    describe_api,
    migrate,
    place,
    run_tests,
    write_code,
    write_revision,
)
from dev.upgrade.errors import UpgradeError
from dev.upgrade.merging import CONTRACT
from dev.upgrade.terminal import replace_unencodable, say
from dev.workspace import workspace

PLACING = "Moving the files into the project"
FAILED, MISTAKEN, UNKNOWN_SHAPE = 1, 2, 3


def run(words: Sequence[str]) -> None:
    """Run a command line; print a message, without a traceback, for each expected failure."""
    replace_unencodable()
    command = arguments.read(words)
    try:
        _run(command, Path.cwd())
    except RecipeError as error:
        _fail(command, MISTAKEN, mistakes=error.mistakes)
    except UnknownShapeError as error:
        _fail(command, UNKNOWN_SHAPE, error=str(error))
    except (StepError, ServerError, UpgradeError) as error:
        _fail(command, FAILED, error=str(error))
    except BrokenPipeError:
        # The reader has closed the pipe: print nothing more, and do not let Python flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except OSError as error:
        path = error.filename or "a file"
        _fail(command, FAILED, error=f"Cannot use {path}: {error.strerror}.")


def _fail(command: Command, code: int, **reasons: str | list[str]) -> None:
    """Print reasons, for programs as JSON, and exit."""
    for reason in reasons.values():
        note(reason if isinstance(reason, str) else "\n".join(reason))
    if command.json:
        say(json.dumps(reasons, indent=2))
    sys.exit(code)


def _run(command: Command, project: Path) -> None:
    if command.add or command.add_value or command.resume or command.abort:
        sys.exit(adding.run(command, project))
    if not command.dry_run:
        adding.refuse_waiting(project)
    progress = Progress()
    try:
        _write(command, project, progress)
    except KeyboardInterrupt:
        if PLACING in progress.seconds:
            raise KeyboardInterrupt(INTERRUPTED) from None
        raise


def _write(command: Command, project: Path, progress: Progress) -> None:
    with locked(project) as lock:
        known = read_project(project)
        if command.files:
            resources = read_from(command, known)
        else:
            resources = [parse(command.words, command.options, known)]
        for each in resources:
            known = known.including(each)
        if not command.dry_run:
            write_dotenv(project)
        with scratch(project) as folder:
            draft = Draft(folder)
            with progress.step("Writing the code"):
                run = Programs(folder, lock, os.environ)
                write_code(draft, resources, known.targets, run)
            if not command.dry_run:
                _finish(draft, project, resources, lock, progress)
            _show(command, draft, resources, progress)


def _finish(
    draft: Draft, project: Path, resources: Sequence[Resource], lock: IO[str], progress: Progress
) -> None:
    """Write the revision, run the tests, and move everything into the project."""
    with workspace(project) as prepared:
        run = Programs(draft.folder, lock, prepared.environ)
        with progress.step("Writing the revision"):
            write_revision(draft, resources, run)
        with progress.step("Running the tests"):
            run_tests(draft.new, Programs(draft.folder, lock, os.environ))
        if (draft.folder / CONTRACT).exists():
            with progress.step("Describing the API"):
                draft.changes[CONTRACT] = describe_api(draft.folder, run)
        with without_interruption(), progress.step(PLACING):
            place(draft, project, run)
        with progress.step("Migrating the development database"):
            migrate(Programs(project, lock, prepared.environ))


def _show(
    command: Command, draft: Draft, resources: Sequence[Resource], progress: Progress
) -> None:
    if command.json:
        say(as_json(draft, resources, progress.seconds))
        return
    show_files(draft, resources)
    if command.dry_run:
        say("\n".join(differences(draft).values()))
    else:
        show_next(resources)
