"""Headless Chromium by its own protocol, over two pipes: what a page is like when it is drawn.

Source: https://chromedevtools.github.io/devtools-protocol/; with `--remote-debugging-pipe` it reads
commands from descriptor 3 and answers on 4, each a JSON text that ends with NUL.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAMS = ("chromium-headless-shell", "chromium")
# a descriptor may have one of the two numbers already
START = """
import os, sys
read, write = (os.dup2(int(number), 50 + i) for i, number in enumerate(sys.argv[1:3]))
os.dup2(read, 3), os.dup2(write, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
# no sandbox, as root has none; names are found nowhere
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
)


def program() -> str | None:
    """Where the browser is, if it is there."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Page:
    """One page of a browser that runs."""

    def __init__(self, read: int, write: int) -> None:
        self._in, self._out = os.fdopen(read, "rb"), os.fdopen(write, "wb")
        self._number, self._session, self._rest = 0, "", b""
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a command; what happens meanwhile is kept where it matters."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._out.write(json.dumps(message).encode() + b"\0")
        self._out.flush()
        answer = next(one for one in self._messages() if one.get("id") == self._number)
        assert "error" not in answer, answer
        return dict(answer["result"])

    def _messages(self) -> Iterator[dict[str, Any]]:
        while True:
            while b"\0" not in self._rest:
                more = os.read(self._in.fileno(), 1 << 16)
                assert more, "the browser is gone"
                self._rest += more
            text, _, self._rest = self._rest.partition(b"\0")
            message = json.loads(text)
            if message.get("method") == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            yield message

    def open(self, path: Path) -> None:
        """Load a file; returns when it is drawn."""
        self.call("Page.navigate", url=path.as_uri())
        while self.value("document.readyState") != "complete":
            pass

    def show(self, width: int, media: str = "screen", scheme: str = "light") -> None:
        """Draw it anew for a window of so many pixels, or for paper."""
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript comes to, or what it promises.

        The page's own policy does not hold here.
        """
        how = {"returnByValue": True, "awaitPromise": True}
        result = self.call("Runtime.evaluate", expression=expression, **how)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")


@contextmanager
def page(folder: Path) -> Iterator[Page]:
    """A page of a browser that ends with it."""
    found = program()
    assert found
    commands, answers = os.pipe(), os.pipe()
    words = [sys.executable, "-c", START, str(commands[0]), str(answers[1])]
    words += [found, *OPTIONS, f"--user-data-dir={folder}"]
    with (folder / "log").open("wb") as log:
        browser = subprocess.Popen(
            words,
            pass_fds=(commands[0], answers[1]),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    os.close(commands[0])
    os.close(answers[1])
    try:
        yield Page(answers[0], commands[1])
    finally:
        # it has nothing to keep, and its other processes end with its pipes
        browser.kill()
        browser.wait()
