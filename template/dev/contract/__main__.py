"""`poe contract`: compares the API with `openapi.json`, and with the API of the baseline."""

import argparse
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from dev.baseline import BaselineError
from dev.contract import changelog
from dev.contract.comparison import Comparison, compare
from dev.contract.description import FILE, WRITE, ContractError, as_text, describe_api, drift
from dev.contract.report import as_lines, as_markdown
from dev.interruption import interrupt_once
from dev.upgrade.errors import UpgradeError
from dev.upgrade.terminal import replace_unencodable, say

DESCRIPTION = f"""\
Check that {FILE} is what the app says, and that no change breaks clients. Changes are those since
the merge base with the main branch, or else since the last tag.
"""


@dataclass(frozen=True)
class Options:
    """The arguments of the command line."""

    write: bool
    changelog: bool
    markdown: bool
    base: str | None


def main() -> None:
    """Run the command line; print a message, without a traceback, for each expected failure."""
    replace_unencodable()
    options = Options(**vars(_parser().parse_args()))
    interrupt_once()
    try:
        sys.exit(_run(Path.cwd(), options))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except (BaselineError, ContractError, UpgradeError) as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"Cannot use {error.filename} ({error.strerror}): move it, and run `{WRITE}`.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="poe contract", description=DESCRIPTION)
    parser.add_argument("--write", action="store_true", help=f"write {FILE}, and compare nothing")
    parser.add_argument(
        "--changelog",
        action="store_true",
        help=f"write {FILE}, and announce the breaking changes in {changelog.FILE}",
    )
    parser.add_argument("--markdown", action="store_true", help="print Markdown for a pull request")
    parser.add_argument("--base", metavar="REV", help="compare with this Git revision")
    return parser


def _run(folder: Path, options: Options) -> int:
    """Write, check or compare; return the exit code."""
    description = describe_api()
    if options.write or options.changelog:
        (folder / FILE).write_text(as_text(description), "utf-8", newline="\n")
        say(f"Wrote {FILE}.")
    if options.write and not options.changelog:
        return 0
    found = compare(folder, description, options.base)
    if options.changelog:
        return _announce(folder, found)
    error, warning = drift(folder, description)
    if options.markdown:
        say("\n\n".join(as_markdown(found, error)))
    else:
        for line in [*filter(None, (error, warning)), *as_lines(found)]:
            say(line)
    return 1 if error or found.breaking else 0


def _announce(folder: Path, found: Comparison) -> int:
    """Add entries for the breaking changes to the changelog; return the exit code."""
    file = folder / changelog.FILE
    if found.breaking:
        text = file.read_text("utf-8") if file.is_file() else ""
        file.write_text(changelog.added(text, found.breaking), "utf-8", newline="\n")
        say(f"Announced {len(found.breaking)} breaking changes in {changelog.FILE}: read them.")
    else:
        say(found.note or f"There are no breaking changes to announce since {found.base}.")
    return 0


if __name__ == "__main__":
    main()
