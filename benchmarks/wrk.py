"""wrk, the load generator: its script and its report."""

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

# wrk counts its errors by kind, and reports percentiles in microseconds.
REPORT = """
done = function(summary, latency, requests)
  local wrong = summary.errors
  io.write(string.format(
    '\\nREPORT {"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"wrong":%d,"lost":%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, wrong.status,
    wrong.connect + wrong.read + wrong.write + wrong.timeout))
end
"""


class WrkError(Exception):
    """wrk cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of request."""

    name: str
    path: str
    method: str = "GET"
    body: str = ""
    content_type: str = "application/json"
    has_token: bool = True

    def script(self, token: str) -> str:
        """Return the Lua script that tells wrk what to send and how to report."""
        lines = [f'wrk.method = "{self.method}"', f"wrk.body = {json.dumps(self.body)}"]
        lines.append(f'wrk.headers["Content-Type"] = "{self.content_type}"')
        if self.has_token:
            lines.append(f'wrk.headers["Authorization"] = "Bearer {token}"')
        return "\n".join(lines) + REPORT


@dataclass(frozen=True, slots=True)
class Load:
    """The results of wrk: latencies in milliseconds, `wrong` responses and `lost` requests."""

    requests: int
    seconds: int
    p50: float
    p99: float
    wrong: int
    lost: int

    @property
    def per_second(self) -> float:
        """Responses per second."""
        return self.requests / self.seconds


def start(
    url: str, workload: Workload, token: str, connections: int, seconds: int
) -> subprocess.Popen[str]:
    """Start to load a server over `connections` connections; raise `WrkError` without wrk."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise WrkError("wrk is missing: install it, such as by `apt install wrk`.")
    with tempfile.NamedTemporaryFile("w", suffix=".lua", delete=False) as script:
        script.write(workload.script(token))
    load = [f"-t1 -c{connections} -d{seconds}s --timeout 20s -s", script.name]
    command = [wrk, *load[0].split(), load[1], url + workload.path]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(running: subprocess.Popen[str]) -> Load:
    """Return the results; raise `WrkError` if the load failed."""
    output, _ = running.communicate()
    Path(running.args[-2]).unlink()  # type: ignore[index,arg-type] # as `start` makes them
    found = [line for line in output.splitlines() if line.startswith("REPORT ")]
    if running.returncode or not found:
        raise WrkError(f"wrk ended with {running.returncode}: {output}")
    load = Load(**json.loads(found[0].removeprefix("REPORT ")))
    if load.wrong or load.lost:
        raise WrkError(f"{load.wrong} responses were errors, {load.lost} never came: {output}")
    return load
