"""PostgreSQL starts for every user: root or not, and with or without an entry in /etc/passwd.

Only root can switch users and hide entries, so other users test only themselves. If a container
does not allow root to mount, the slim image is not tested.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dev.postgres import EmbeddedPostgres
from tests.in_project.dev.processes import command, is_served, line, user_code

Command = tuple[str, ...]

WITH_ENTRY, WITHOUT_ENTRY = 1, 54_321
# In a slim image, only root has an entry.
ENTRIES = {"passwd": "root:x:0:0:root:/root:/bin/sh\n", "nsswitch.conf": "passwd: files\n"}
HIDE = "; ".join(f'mount --bind "$0/{name}" /etc/{name}' for name in ENTRIES)
SLIM = (shutil.which("unshare") or "unshare", "--mount", "sh", "-euc", f'{HIDE}; exec "$@"')
# These options let another user run programs in a folder that only root can enter.
REACH = (
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
    "--securebits=+no_setuid_fixup",
)
NO_NAMESPACES = "#!/bin/sh\necho 'unshare: Operation not permitted' >&2\nexit 1\n"


def switch(uid: int) -> Command:
    """Return the arguments that run a command as another user."""
    return ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *REACH)


def users() -> dict[str, int]:
    """Return the ids of the users that the tests can switch to, by a description of the user."""
    if os.geteuid() != 0:
        return {"this user": os.geteuid()}
    found = {"root": 0, "with an entry": WITH_ENTRY, "without an entry": WITHOUT_ENTRY}
    mount = [*SLIM[:2], "mount", "--bind", "/etc/passwd", "/etc/passwd"]
    allowed = subprocess.run(mount, check=False).returncode == 0
    return found | ({"root in a slim image": 0} if allowed else {})


@pytest.mark.parametrize("namespaces", [True, False], ids=["namespaces", "no namespaces"])
@pytest.mark.parametrize(("name", "uid"), users().items(), ids=users())
def test_postgres_starts_for_every_user(
    folder: Path, name: str, uid: int, *, namespaces: bool
) -> None:
    prefix: Command = () if uid == os.geteuid() else switch(uid)
    if name == "root in a slim image":
        for entry, content in ENTRIES.items():
            (folder / entry).write_text(content)
        prefix = (*SLIM, str(folder))
    path = os.environ["PATH"]
    if not namespaces:
        (folder / "unshare").write_text(NO_NAMESPACES)
        (folder / "unshare").chmod(0o755)
        path = f"{folder}:{path}"
    if uid == os.geteuid():
        folder.chmod(0o700)  # like root's home directory
    data = folder / "data"
    data.mkdir(mode=0o700)
    os.chown(data, uid, -1)

    arguments = (*prefix, sys.executable, "-c", user_code(EmbeddedPostgres), str(data))
    environ = {"PATH": path, "HOME": "/nonexistent"}
    with command(*arguments, folder=folder, environ=environ) as started:
        assert is_served(int(line(started)))
