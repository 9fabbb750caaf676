"""Renders versions of the template with Copier, and prepares the renderings for the merge."""

import json
import re
import shutil
from pathlib import Path

from dev.upgrade.answers import ENTRY, FILE, OWN, Answers
from dev.upgrade.errors import UpgradeError
from dev.upgrade.programs import CommandError, output
from dev.upgrade.template import Template

# uv runs Copier in a separate environment.
COPIER = ("tool", "run", "--quiet", "--from", "copier>=9.18,<10", "copier")
# These files, and the revisions, are removed from both renderings, so that a merge does not change
# them in the project. Revisions must continue to match the project's database.
OWNED = (".env", "uv.lock", "CHANGELOG.md")
REVISIONS = "migrations/versions"
PLAIN = re.compile(r"[A-Za-z/.][\w/.:@+~-]*[\w/]")
YES_OR_NO = {
    "true": ("true", "yes", "y", "on", "t", "1"),
    "false": ("false", "no", "n", "off", "f", "0"),
}


def render(
    template: Template, version: str, given: Answers, folder: Path, changed: dict[str, str]
) -> None:
    """Render a version with Copier; raise `UpgradeError` if Copier fails."""
    data = template.git.folder.with_name("answers.yml")
    data.write_text(given.data, "utf-8")
    options = [part for name, value in changed.items() for part in ("-d", f"{name}={value}")]
    copy = ("copy", "--defaults", "--quiet", "--data-file", str(data), "--vcs-ref", version)
    source = template.git.folder
    try:
        output("uv", *COPIER, *copy, *options, str(source), str(folder), cwd=source)
    except CommandError as error:
        reason = str(error).partition("Error: ")[2] or str(error)
        raise UpgradeError(f"{version} cannot be rendered: {reason}") from None


def prepare(template: Template, version: str, given: Answers, folder: Path) -> Answers:
    """Prepare a rendering and return its answers; raise `UpgradeError` if it has no answers."""
    file = folder / FILE
    found = Answers.parse(file.read_text("utf-8")) if file.is_file() else None
    if found is None:
        raise UpgradeError(f"{version} is not a version of this template.")
    recorded = _with_origin(found, version, template.address)
    if recorded.entries == given.entries:
        recorded = given
    file.write_text(recorded.text, "utf-8")
    _remove_owned_files(folder)
    return recorded


def refuse_unknown(changed: dict[str, str], rendered: Answers) -> None:
    """Raise `UpgradeError` for an unknown question, or a wrong answer to a yes-or-no question."""
    for name, value in changed.items():
        if name not in rendered.given:
            known = ", ".join(rendered.given)
            raise UpgradeError(f"There is no question {name}. The questions are {known}.")
        meant = YES_OR_NO.get(rendered.given[name])
        if meant and value.lower() not in meant:
            raise UpgradeError(f"{name} is true or false: it cannot be {value}.")


def _with_origin(answers: Answers, commit: str, source: str) -> Answers:
    """Return the answers with another version and address of the template."""
    own = f"_commit: {_quoted(commit)}\n_src_path: {_quoted(source)}\n"
    start = ENTRY.search(answers.text)
    head = answers.text[: start.start()] if start else ""
    return Answers(OWN.sub("", head) + own + OWN.sub("", answers.text[len(head) :]))


def _quoted(text: str) -> str:
    return text if PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _remove_owned_files(folder: Path) -> None:
    for name in OWNED:
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / REVISIONS, ignore_errors=True)
