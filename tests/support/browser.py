"""Headless Chromium or Chrome, controlled with the Chrome DevTools Protocol over two pipes."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import Any, BinaryIO

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# `--no-sandbox` lets root start the browser, as in a container. The host name is not `localhost`,
# which some pages treat specially.
HOST = "docs.example.com"
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--remote-debugging-pipe", f"--host-resolver-rules=MAP {HOST} 127.0.0.1"),
)
SECONDS = 120
# Resolves when a condition is true and all images are loaded or have failed.
SETTLED = """(async () => {
  const frame = () => new Promise(requestAnimationFrame);
  while (!(%s)) await frame();
  await frame();
  const ends = image => new Promise(end => image.onload = image.onerror = end);
  await Promise.all([...document.images].filter(each => !each.complete).map(ends));
})()"""


def find_browser() -> str | None:
    """Return the path of an installed browser, or `None`."""
    return next(filter(None, map(shutil.which, COMMANDS)), None)


@dataclass
class Page:
    """A page, with the URLs that it has requested and the errors in its console."""

    replies: BinaryIO
    calls: BinaryIO
    session: dict[str, str] = field(default_factory=dict)
    requested: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    last_id: int = 0

    def open(self, url: str, condition: str) -> None:
        """Open a URL; return when a condition in JavaScript is true and all images are loaded."""
        target = self.call("Target.createTarget", url="about:blank")
        attached = self.call("Target.attachToTarget", **target, flatten=True)
        self.session = {"sessionId": attached["sessionId"]}
        for domain in ("Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")
        self.call("Page.navigate", url=url)
        self.call("Runtime.evaluate", expression=SETTLED % condition, awaitPromise=True)

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """Call a method of the protocol; note the events until its result arrives."""
        self.last_id += 1
        call = {"id": self.last_id, "method": method, "params": params, **self.session}
        self.calls.write(json.dumps(call).encode() + b"\0")
        while (message := self._receive()).get("id") != self.last_id:
            self._note(message.get("method"), message.get("params", {}))
        assert "error" not in message, message
        result: dict[str, Any] = message["result"]
        return result

    def _receive(self) -> dict[str, Any]:
        received = bytearray()
        while (byte := self.replies.read(1)) != b"\0":
            assert byte, f"The browser has ended, or did nothing for {SECONDS} seconds: {self}"
            received += byte
        message: dict[str, Any] = json.loads(received)
        return message

    def _note(self, event: str | None, params: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            self.requested.append(params["request"]["url"])
        elif event == "Runtime.exceptionThrown":
            self.errors.append(str(params["exceptionDetails"]))
        elif event == "Runtime.consoleAPICalled" and params["type"] in {"error", "assert"}:
            self.errors.append(str(params["args"]))
        elif event == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(str(params["entry"]))


@contextmanager
def new_page(browser: str, profile: Path) -> Iterator[Page]:
    """Start a browser with a new profile, and yield its only page."""
    (its_calls, calls), (replies, its_replies) = os.pipe(), os.pipe()
    # The browser reads calls from file descriptor 3, and writes its replies to 4.
    command = f'exec "$0" "$@" 3<&{its_calls} 4>&{its_replies}'
    process = subprocess.Popen(
        ["bash", "-c", command, browser, *OPTIONS, f"--user-data-dir={profile}"],
        pass_fds=(its_calls, its_replies),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(its_calls)
    os.close(its_replies)
    watchdog = Timer(SECONDS, process.kill)
    watchdog.start()
    with process, os.fdopen(replies, "rb") as reader, os.fdopen(calls, "wb", buffering=0) as writer:
        try:
            yield Page(reader, writer)
        finally:
            watchdog.cancel()
            process.terminate()
