"""Replacements for commands of registries, which record their calls."""

import os
from pathlib import Path

from tests.support.processes import run

# Record their arguments and, if they read it, their input. Docker also knows another digest.
RECORDER = """\
#!/usr/bin/env bash
echo "${0##*/} $*" >> "$CALLS"
case "${0##*/} $*" in
    "docker login"*) sed 's/^/  input: /' >> "$CALLS" ;;
    "docker run"*) echo '{"bomFormat": "CycloneDX"}' ;;
    "docker image inspect"*) printf '%s\\n' "service@sha256:0" "$PUSHED" ;;
esac
"""
COMMANDS = ("apk", "cosign", "docker", "gh")
# GitHub starts `bash -e`, and GitLab also sets `pipefail`.
SHELLS = {"github": ("bash", "-ec"), "gitlab": ("bash", "-eo", "pipefail", "-c")}


def record(ci: str, script: str, folder: Path, **environment: str) -> list[str]:
    """Run a script as a pipeline does, in a folder; return the calls of the replaced commands.

    Raises `CommandFailedError` if the script fails.
    """
    commands, calls = folder / ".commands", folder / ".calls"
    commands.mkdir(exist_ok=True)
    for name in COMMANDS:
        (commands / name).write_text(RECORDER)
        (commands / name).chmod(0o755)
    calls.write_text("")
    path = f"{commands}:{os.environ['PATH']}"
    run(*SHELLS[ci], script, cwd=folder, PATH=path, CALLS=str(calls), **environment)
    return calls.read_text().splitlines()
