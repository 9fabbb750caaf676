"""The benchmark, with a load generator that sends a few requests."""

import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from gates import Gate
from tests.support.processes import CommandFailedError
from tests.support.services import Install, Service
from tests.support.variants import ROOT

WITH = ("--with", "msgspec", "--with", "psutil")
MEASURE = ("python", str(ROOT / "benchmarks/measure.py"), "--rounds=1", "--seconds=1")
LOADS = ("create", "health", "list", "login", "me")
# Sends three requests, and reports as the script of the benchmark tells wrk to report.
WRK = f"""#!{sys.executable}
import json, re, sys, urllib.request

script, url = open(sys.argv[-2]).read(), sys.argv[-1]
(method,) = re.findall('wrk.method = "(.*)"', script)
(body,) = re.findall("wrk.body = (.*)", script)
headers = dict(re.findall(r'wrk.headers\\["(.*)"\\] = "(.*)"', script))
request = urllib.request.Request(url, json.loads(body).encode(), headers, method=method)
for _ in range(3):
    urllib.request.urlopen(request).read()
print('REPORT {{"requests":3,"seconds":1,"p50":1,"p99":2,"wrong":0,"lost":0}}')
"""


@pytest.fixture(scope="module")
def service(install: Install, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """Return the default service, on a machine whose wrk sends three requests."""
    folder = tmp_path_factory.mktemp("commands")
    (folder / "wrk").write_text(WRK)
    (folder / "wrk").chmod(0o755)
    installed = install()
    environment = installed.environment
    return replace(installed, environment=environment | {"PATH": f"{folder}:{environment['PATH']}"})


class Peer(BaseHTTPRequestHandler):
    """Answers only `GET /status`, and `GET /once` once."""

    answers: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        again = self.path == "/once" and self.path in self.answers
        body = b"{}" if self.path in {"/status", "/once"} and not again else b""
        self.answers.append(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def peer() -> Iterator[str]:
    """Return the address of a peer."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Peer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def rows(output: str) -> dict[tuple[str, str], list[str]]:
    """Return the cells of each row of all tables, by the first two cells."""
    lines = [re.findall(r"\| ([^|]*) ", line) for line in output.splitlines() if line[:1] == "|"]
    return {(cells[0], cells[1]): cells[2:] for cells in lines}


def test_the_benchmark_compares_both_profiles_with_yardsticks_and_a_peer(
    service: Service, peer: str, tmp_path: Path
) -> None:
    paths = tmp_path / "peers.toml"
    paths.write_text('[other]\nhealth.path = "/status"\nme.path = "/once"\n')
    peers = ("--peer", f"other={peer}", "--peer-file", str(paths))

    output = service.run(*WITH, "python", "-m", "dev", *MEASURE, *peers)

    found = rows(output)
    who = ("L1", "L2", "off", "shipped")
    loads = {each for each in found if each[0] in LOADS}
    assert loads == {(load, name) for load in LOADS for name in who} | {("health", "other")}
    assert "other is left out from now on: wrk ended with 1" in output
    assert [found[load, "L1"][1] for load in LOADS] == ["1.00"] * len(LOADS)
    assert (
        len(re.findall(r"^\| .* \| [\d.]+ \| [<>]= [\d.]+ (?:met|missed) \|", output, re.M)) == 17
    )


def test_a_peer_that_does_not_run_is_reported(service: Service) -> None:
    with pytest.raises(CommandFailedError, match=r"\nother: nothing listens on http://127.0.0.1:1"):
        service.run(*WITH, *MEASURE, "--peer", "other=http://127.0.0.1:1")


def test_a_gate_is_met_at_its_bound() -> None:
    assert Gate("CPU", 2.8, 2.8, 2.4).row() == "| CPU | 2.80 | <= 2.8 met | <= 2.4 missed |"
    assert Gate("speed", 0.35, 0.35, is_minimum=True).row() == "| speed | 0.35 | >= 0.35 met |  |"
