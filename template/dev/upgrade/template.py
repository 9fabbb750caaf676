"""The template: its address, its versions and their notes."""

import os
import re
from pathlib import Path
from typing import Self

from dev.upgrade.errors import UpgradeError
from dev.upgrade.git import Git
from dev.upgrade.programs import CommandError, output

# The same abbreviations as in Copier.
SHORTCUTS = (
    (r"^gh:/?", "https://github.com/"),
    (r"^gl:/?", "https://gitlab.com/"),
    (r"^git\+", ""),
)
RELEASE = re.compile(r"v?(\d+(?:\.\d+)*)")
SECRET = re.compile(r"://\S*@")
PASSWORD = re.compile(r"://[^/?#]*:[^/?#]*@")
DESCRIBED = re.compile(r"(.+)-\d+-g[0-9a-f]+")
HEADING = re.compile(r"^## \[?v?(\d+(?:\.\d+)*)\b.*$", re.MULTILINE)

Number = tuple[int, ...]


def number(version: str) -> Number | None:
    """Return the sort key of a release, or `None` if the version is not a release."""
    found = RELEASE.fullmatch(version)
    return tuple(map(int, found[1].split("."))) if found else None


def without_password(address: str) -> str:
    """Return an address without credentials, for messages."""
    return re.sub(r"(?s)://.*@", "://***@", address).partition("?")[0]


def refuse_password(address: str) -> None:
    """Raise `UpgradeError` for an address with a password, which would be committed."""
    if PASSWORD.search(address):
        raise UpgradeError(
            f"The address {without_password(address)} of the template contains a password: store it"
            " in a credential helper of Git, and give the address without it to `--template`."
        )


class Template:
    """A clone of the template."""

    def __init__(self, folder: Path, address: str) -> None:
        self.address = address
        self.git = Git(folder)

    @classmethod
    def fetch(cls, address: str, folder: Path, project: Path) -> Self:
        """Clone the template; raise `UpgradeError` if it cannot be cloned."""
        url = os.path.expanduser(address)  # noqa: PTH111 - `Path` fails for unknown users
        for shortcut, meaning in SHORTCUTS:
            url = re.sub(shortcut, meaning, url)
        try:
            output("git", "clone", "--quiet", "--no-checkout", "--", url, str(folder), cwd=project)
        except CommandError as error:
            shown = without_password(address)
            reason = str(error).replace(url, shown).replace(url.rstrip("/"), shown)
            raise UpgradeError(
                f"The template {shown} cannot be fetched ({SECRET.sub('://***@', reason)}): check"
                " the network, or give its new address with `--template ADDRESS`."
            ) from None
        return cls(folder, address)

    @property
    def releases(self) -> list[str]:
        """Return the names of the releases, from the oldest to the newest."""
        numbers = [(number(tag), tag) for tag in self.git("tag", "--list").split()]
        return [tag for each, tag in sorted((each, tag) for each, tag in numbers if each)]

    def release(self, asked: str) -> str:
        """Return the release with this name or number; raise `UpgradeError` if there is none."""
        for tag in (asked, f"v{asked}"):
            if self.git.commit_of(f"refs/tags/{tag}"):
                return tag
        known = ", ".join(self.releases) or "none"
        raise UpgradeError(f"The template has no version {asked}; its releases: {known}.")

    def recorded(self, version: str | None) -> str:
        """Return the recorded version; raise `UpgradeError` if the template does not have it."""
        if version and self.git.commit_of(version):
            return version
        what = f"version {version}, which is recorded" if version else "recorded version"
        raise UpgradeError(
            f"The template has no {what} in .copier-answers.yml: say which release the project"
            f" stems from, such as with `--from {self._nearest(version)}`."
        )

    def _nearest(self, version: str | None) -> str:
        described = DESCRIBED.fullmatch(version or "")
        if described and described[1] in self.releases:
            return described[1]
        return (self.releases or ["VERSION"])[-1]

    def is_older(self, version: str, than: str) -> bool:
        """Return whether a version comes before another."""
        return version != than and self.git.succeeds("merge-base", "--is-ancestor", version, than)

    def sections(self, document: str, since: str, until: str) -> str:
        """Return the sections of a document about the releases after `since`, up to `until`."""
        text = self.git.text(until, document) or ""
        oldest, newest = self._number_of(since), self._number_of(until)
        parts = HEADING.split(text)[1:]
        headings = [found.group() for found in HEADING.finditer(text)]
        return "\n\n".join(
            f"{heading}\n\n{body.strip()}"
            for heading, name, body in zip(headings, parts[::2], parts[1::2], strict=True)
            if oldest < (number(name) or ()) <= newest
        )

    def _number_of(self, version: str) -> Number:
        """Return the number of a release; for other versions, of the release before it."""
        if found := number(version):
            return found
        try:
            return number(self.git("describe", "--tags", "--abbrev=0", version)) or ()
        except CommandError:
            return ()
