"""Render the default service and compare it with two reference services under load."""

import os
import shutil
import subprocess
import sys

from arguments import read_arguments
from folder import ROOT, FolderError, open_folder, render

NOT_OURS = {
    "DATABASE_URL",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPATH",
    "REDIS_URL",
    "UV_PROJECT_ENVIRONMENT",
    "VIRTUAL_ENV",
}


def main() -> int:
    """Render and install the service, then measure in its environment and with its servers."""
    arguments = read_arguments()
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    folder = ROOT / ".demo" / "benchmark"
    environment = {name: text for name, text in os.environ.items() if name not in NOT_OURS}
    environment["UV_COMPILE_BYTECODE"] = "1"
    within = [uv, "run", "--quiet", "--with", "msgspec", "--with", "psutil", "python", "-m", "dev"]
    measure = ["python", str(ROOT / "benchmarks/measure.py"), *sys.argv[1:]]
    try:
        with open_folder(folder):
            print(f"Rendering the default service into {folder} ...", flush=True)
            render(folder)
            print(f"Installing it, then {arguments.rounds} rounds ...", flush=True)
            return subprocess.run(
                [*within, *measure], cwd=folder, env=environment, check=False
            ).returncode
    except FolderError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
