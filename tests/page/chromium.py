"""Drives a chromium through its DevTools protocol over two pipes, with the standard library alone.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

Message = dict[str, Any]


def program() -> str | None:
    """Return the path of a chromium; None if there is none on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Chromium:
    """A running browser with one tab."""

    def __init__(self, path: str, profile: Path) -> None:
        self._asked = 0
        self.errors: list[str] = []
        """What the tab complained about: faults of scripts, and what the policy of the page forbade."""
        # The browser reads commands from its descriptor 3 and writes answers to its descriptor 4.
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        flags += ["--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
        shell = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, "bash", path, *flags],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._reader = os.fdopen(self._in, "rb")
        self._session = ""
        self._events: list[Message] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def __enter__(self) -> Chromium:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._out)
        self._reader.close()
        self._process.terminate()
        self._process.wait()

    def send(self, method: str, **params: Any) -> Message:
        """Send a command and return its result."""
        self._asked += 1
        command: Message = {"id": self._asked, "method": method, "params": params}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._out, json.dumps(command).encode() + b"\0")
        while (message := self._next()).get("id") != self._asked:
            self._events.append(message)
        assert "error" not in message, (method, message)
        result: Message = message["result"]
        return result

    def open(self, address: str) -> None:
        """Go to an address, and wait until everything there is loaded."""
        self._events.clear()
        self.send("Page.navigate", url=address)
        self._until(lambda event: event["method"] == "Page.loadEventFired")

    def run(self, script: str) -> Any:
        """Run a script in the tab, wait for what it promises, and return its value."""
        answer = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, (script, answer["exceptionDetails"])
        return answer["result"].get("value")

    def goes(self, script: str) -> None:
        """Run a script that leads to another address, and wait until everything there is loaded."""
        self._events.clear()
        self.run(script)
        self._until(lambda event: event["method"] == "Page.loadEventFired")

    def until(self, condition: str) -> None:
        """Wait until a condition in the tab is true. The tab looks again before each frame that it draws."""
        self.run(
            f"new Promise((done) => {{ const look = () => ({condition}) ? done() : setTimeout(look, 16); look(); }})"
        )

    def press(self, key: str, text: str = "") -> None:
        """Press a key; `text` is what it types."""
        typed = {"text": text} if text else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, **typed)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key)

    def looks(self, width: int, height: int = 900, dark: bool = False, language: str = "en") -> None:
        """Set the size of the tab, the colours and the language that the reader wishes."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        features.append({"name": "prefers-reduced-motion", "value": "reduce"})
        self.send("Emulation.setEmulatedMedia", features=features)
        self.send("Network.setExtraHTTPHeaders", headers={"Accept-Language": language})

    def scripts(self, on: bool) -> None:
        """Let the page run its scripts, or forbid them."""
        self.send("Emulation.setScriptExecutionDisabled", value=not on)

    def picture(self) -> bytes:
        """Return a PNG of the tab."""
        return base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"])

    def _until(self, is_it: Callable[[Message], bool]) -> None:
        while not any(is_it(event) for event in self._events):
            self._events.append(self._next())
        self._events.clear()

    def _next(self) -> Message:
        octets = bytearray()
        while (octet := self._reader.read(1)) != b"\0":
            assert octet, "the browser ended"
            octets += octet
        message: Message = json.loads(octets)
        if message.get("method") == "Runtime.exceptionThrown":
            self.errors.append(str(message["params"]["exceptionDetails"]))
        if message.get("method") == "Log.entryAdded" and message["params"]["entry"]["source"] in (
            "security",
            "javascript",
        ):
            self.errors.append(message["params"]["entry"]["text"])
        return message
