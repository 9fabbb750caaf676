"""The template: its address, its clone and its releases."""

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
CODE = ("upgrade", "template/dev")
ENTRIES = ("upgrade/run.py", "template/dev/upgrade/handover.py")

Number = tuple[int, ...]


def number(version: str) -> Number | None:
    """Return the sort key of a release, or `None` if the version is not a release."""
    found = RELEASE.fullmatch(version)
    return tuple(map(int, found[1].split("."))) if found else None


def without_password(address: str) -> str:
    """Return an address without credentials, for messages."""
    return re.sub(r"(?s)://.*@", "://***@", address).partition("?")[0]


def refuse_password(address: str) -> None:
    """Raise `UpgradeError` if an address contains a password, because addresses are committed."""
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

    def has_code(self, version: str) -> bool:
        """Return whether a version exists and contains upgrade code."""
        commit = self.git.commit_of(version)
        return all(self.git.succeeds("cat-file", "-e", f"{commit}:{path}") for path in ENTRIES)

    def check_out_code(self, version: str) -> Path:
        """Check out the upgrade code of a version in the clone; return the folder with `dev`."""
        self.git("checkout", "--quiet", self.git.commit_of(version) or version, "--", *CODE)
        return self.git.folder / "template"

    @property
    def releases(self) -> list[str]:
        """Return the names of the releases, from the oldest to the newest."""
        numbers = [(number(tag), tag) for tag in self.git("tag", "--list").split()]
        return [tag for each, tag in sorted((each, tag) for each, tag in numbers if each)]

    def release(self, asked: str) -> str:
        """Return the tag `asked` or else `v` + `asked`; raise `UpgradeError` if neither exists."""
        for tag in (asked, f"v{asked}"):
            if self.git.commit_of(f"refs/tags/{tag}"):
                return tag
        known = ", ".join(self.releases) or "none"
        raise UpgradeError(f"The template has no version {asked}; its releases: {known}.")
