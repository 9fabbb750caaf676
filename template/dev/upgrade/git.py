"""The Git commands of an upgrade, on one repository."""

import tempfile
from pathlib import Path

from dev.upgrade.programs import CommandError, environment, output

# Hooks are for commits of users, and a merge must have the same result on every machine.
SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.safecrlf=false",
    "merge.directoryRenames=false",
    "merge.renames=true",
    "rerere.enabled=false",
    "advice.detachedHead=false",
)
OPTIONS = tuple(part for setting in SETTINGS for part in ("-c", setting))
REMEDIES = {
    "not a git repository": "run `git init` and commit everything first",
    "dubious ownership": "if you trust it, run `git config --global --add safe.directory FOLDER`",
    ".lock': File exists": "if no other Git command is running here, remove that file",
}


class Git:
    """Runs Git in a folder."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        self._environ = environment(**environ)

    def __call__(self, *arguments: str) -> str:
        """Return a command's output without the final newline; raise `CommandError` if it fails."""
        return self._raw(*arguments).removesuffix("\n")

    def succeeds(self, *arguments: str) -> bool:
        """Return whether a command succeeds."""
        try:
            self(*arguments)
        except CommandError:
            return False
        return True

    def names(self, *arguments: str) -> list[str]:
        """Return the names that a command lists with -z."""
        return [name for name in self(*arguments).split("\0") if name]

    def commit_of(self, name: str) -> str | None:
        """Return the hash of the commit that a name refers to, or `None`."""
        try:
            return self(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"
            )
        except CommandError:
            return None

    def text(self, revision: str, path: str) -> str | None:
        """Return the text of a file at a revision, or `None` if the file does not exist there."""
        try:
            return self._raw("show", f"{revision}:{path}")
        except CommandError:
            return None

    def merged(self, own: str, base: str, new: str) -> str:
        """Return the merge of three versions of a text, with conflicts in the style diff3."""
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / name for name in ("own", "base", "new")]
            for file, text in zip(files, (own, base, new), strict=True):
                file.write_bytes(text.encode("utf-8", "surrogateescape"))
            style = ("--diff3", "-L", "HEAD", "-L", "base", "-L", "change")
            is_whole = self.succeeds("merge-file", *style, *map(str, files))
            text = files[0].read_bytes().decode("utf-8", "surrogateescape")
        if not is_whole and "\n<<<<<<< HEAD\n" not in f"\n{text}":
            raise CommandError("git merge-file failed")
        return text

    def path(self, name: str) -> Path:
        """Return the path of a file in the Git directory of the folder's working tree."""
        return self.folder / self("rev-parse", "--git-path", name)

    def _raw(self, *arguments: str) -> str:
        try:
            return output("git", *OPTIONS, *arguments, cwd=self.folder, environ=self._environ)
        except CommandError as error:
            remedies = [remedy for sign, remedy in REMEDIES.items() if sign in str(error)]
            remedy = "".join(f": {each}" for each in remedies).replace("FOLDER", str(self.folder))
            raise CommandError(str(error).removesuffix(".") + remedy) from None
