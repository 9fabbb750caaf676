"""The memory of a worker that has hashed passwords."""

import os
import re
import subprocess
import sys
from pathlib import Path

HASH_MIB = 19
HASH = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.core.auth.password_hash import get_password_hash

def memory():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20

get_password_hash("a lamp beside the river")
before = memory()
with ThreadPoolExecutor(2) as threads:
    list(threads.map(get_password_hash, ["a lamp beside the river"] * 20))
    print(memory() - before)
"""


def kept_mib(**environment: str) -> float:
    """Return the memory that a process keeps after its threads have hashed passwords."""
    return float(
        subprocess.check_output([sys.executable, "-c", HASH], env=os.environ | environment)
    )


def test_in_the_image_threads_keep_no_memory_of_hashes() -> None:
    (line,) = re.findall("^ENV (PATH=.*)$", Path("Dockerfile").read_text(), re.M)
    image = dict(pair.split("=", 1) for pair in line.split())

    # Whether the second thread ends at the same time as the first one decides about one hash.
    assert kept_mib(MALLOC_ARENA_MAX=image["MALLOC_ARENA_MAX"]) < HASH_MIB + 5
