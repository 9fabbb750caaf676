"""Runs new revisions on a scratch database, and checks their statements."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from asyncpg import PostgresError
from sqlalchemy import URL

from app.core.db.engine import DatabaseUnavailableError
from app.core.db.revisions import read_config
from dev.revisions import squawk
from dev.revisions.created import changes_only_created
from dev.revisions.environment import check_environment
from dev.revisions.errors import RevisionError
from dev.revisions.findings import Finding, find_reason
from dev.revisions.reasons import first_line
from dev.revisions.recording import InterruptedRevision, Recorder, Statement
from dev.revisions.rules import GENERAL, KEPT, NOT_REPEATABLE
from dev.revisions.scratch import clear, scratch_database
from dev.upgrade.terminal import say

REMEDY = """\
Change the revision as the line says, or write `# safe: reason` above the statement:
docs/service/how-to/change-a-table-without-downtime.md"""
UNUSABLE = (
    "The database for the revisions cannot be used: {}. Start it, or use the embedded one:"
    " `unset TEST_DATABASE_URL DATABASE_URL`."
)
REPEATED = "after an interruption it cannot be run again: {}"


def check(server: str, new: Collection[str]) -> list[Finding]:
    """Migrate a scratch database on a server, and return the findings of the new revisions.

    Raise `RevisionError` if a revision fails, if `migrations/env.py` hides errors, or if the server
    cannot be used.
    """
    try:
        with scratch_database(server) as url:
            check_environment(url)
            return _check_all(server, url, new)
    except (DatabaseUnavailableError, PostgresError, ValueError) as error:
        raise RevisionError(UNUSABLE.format(first_line(error))) from error


def report(findings: Sequence[Finding]) -> int:
    """Print the findings, and return the exit code."""
    for finding in findings:
        say(str(finding))
    if all(each.is_excused for each in findings):
        return 0
    say(REMEDY)
    return 1


def _check_all(server: str, url: URL, new: Collection[str]) -> list[Finding]:
    config = read_config(Path("alembic.ini"))
    config.attributes |= {"server": server, "url": url}
    findings: list[Finding] = []
    before: list[Script] = []
    for script in _scripts(config):
        if script.revision not in new:
            before.append(script)
            continue
        _run_newest(config, before)
        before.clear()
        findings += _check(config, script)
    return findings


def _run_newest(config: Config, scripts: Sequence[Script]) -> None:
    """Run revisions at once, by the newest of them: each run loads all files."""
    names = {each.revision for each in scripts}
    for script in scripts:
        if not names & script.nextrev:
            _run(config, script)


def _scripts(config: Config) -> list[Script]:
    """Return all revisions, each after those on which it depends."""
    try:
        return [*ScriptDirectory.from_config(config).walk_revisions()][::-1]
    except Exception as error:  # a revision may raise any error while it is imported
        raise RevisionError(f"The revisions cannot be read: {first_line(error)}") from error


def _check(config: Config, script: Script) -> list[Finding]:
    recorder = Recorder(script.path)
    try:
        with recorder.recording():
            command.upgrade(config, script.revision)
    except InterruptedRevision:
        pass
    except Exception as error:  # a revision may raise any error
        raise RevisionError(_failure(script, error)) from error
    findings = [_finding(script, *each) for each in _violations(recorder.statements)]
    return [*findings, *_repeated(config, script, recorder.statements)]


def _run(config: Config, script: Script) -> None:
    try:
        command.upgrade(config, script.revision)
    except Exception as error:  # a revision may raise any error
        raise RevisionError(_failure(script, error)) from error


def _repeated(config: Config, script: Script, statements: Sequence[Statement]) -> Iterator[Finding]:
    """Run the revision again, after its interruption; yield a finding if that fails."""
    try:
        _run(config, script)
    except RevisionError as error:
        if not statements:
            raise
        reason = REPEATED.format(first_line(error.__cause__))
        yield _finding(script, statements[0], NOT_REPEATABLE, reason)
        # Later revisions need a database on which this one has run.
        clear(config.attributes["server"], config.attributes["url"])
        _run(config, script)


def _violations(statements: Sequence[Statement]) -> Iterator[tuple[Statement, str, str]]:
    """Yield each statement that breaks a rule that is kept, with the rule and the problem."""
    found = squawk.violations(statements) if statements else []
    for statement, rule in found:
        others = {each for other, each in found if other is statement and each in KEPT}
        if rule not in KEPT or (rule == GENERAL and others != {GENERAL}):
            continue
        if rule == "changing-column-type" and not statement.rewrites:
            continue
        if not changes_only_created(statement, statements):
            yield statement, rule, KEPT[rule]


def _finding(script: Script, statement: Statement, rule: str, problem: str) -> Finding:
    file = Path(script.path)
    reason = find_reason(file.read_text("utf-8"), statement.line)
    return Finding(f"migrations/versions/{file.name}", statement.line, rule, problem, reason)


def _failure(script: Script, error: Exception) -> str:
    name = Path(script.path).name
    return f"migrations/versions/{name} fails: {first_line(error)}"
