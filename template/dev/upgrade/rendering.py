"""Renders a version of the template with Copier, which uv runs in a separate environment."""

import shutil
from pathlib import Path

from dev.upgrade import answers
from dev.upgrade.answers import Answers
from dev.upgrade.errors import UpgradeError
from dev.upgrade.programs import CommandError, output
from dev.upgrade.template import Template

COPIER = ("tool", "run", "--quiet", "--from", "copier>=9.18,<10", "copier")
# Files that belong to the project once they exist. Copier skips some of them. Revisions must keep
# matching the project's database.
OWNED = (".env", "uv.lock", "CHANGELOG.md")
REVISIONS = "migrations/versions"
YES_OR_NO = {
    "true": ("true", "yes", "y", "on", "t", "1"),
    "false": ("false", "no", "n", "off", "f", "0"),
}


def render(
    template: Template, version: str, given: Answers, folder: Path, changed: dict[str, str]
) -> None:
    """Render a version with Copier; raise `UpgradeError` if Copier rejects an answer."""
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
    """Prepare a rendering for the merge, and return the answers in it."""
    file = folder / answers.FILE
    found = Answers.parse(file.read_text("utf-8")) if file.is_file() else None
    if found is None:
        raise UpgradeError(f"{version} is not a version of this template.")
    recorded = found.with_origin(version, template.address)
    if recorded.has_same_entries(given):
        recorded = given
    file.write_text(recorded.text, "utf-8")
    _remove_owned_files(folder)
    return recorded


def refuse_unknown(changed: dict[str, str], rendered: Answers) -> None:
    """Raise `UpgradeError` for an answer that Copier ignored."""
    for name, value in changed.items():
        if name not in rendered.given:
            known = ", ".join(rendered.given)
            raise UpgradeError(f"There is no question {name}. The questions are {known}.")
        meant = YES_OR_NO.get(rendered.given[name])
        if meant and value.lower() not in meant:
            raise UpgradeError(f"{name} is true or false: it cannot be {value}.")


def _remove_owned_files(folder: Path) -> None:
    for name in OWNED:
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / REVISIONS, ignore_errors=True)
