"""This module shows the demo's pictures in a browser: it runs `imagelabels serve` beside the emulated clouds."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from types import TracebackType

from demo.emulated import COS_BUCKET, COS_FUNCTION, HERE, OSS_BUCKET, OSS_FUNCTION, DemoEmulator
from demo.files import Unusable
from emulator.core.ports import free_port, is_free
from imagelabels import wiring
from imagelabels.domain.albums import new_id
from imagelabels.domain.tokens import Token, hashed, new_secret

PORT = 8080
"""The page listens on this port, or on a free one where another program has it."""

DROPPED = (f"oss://{OSS_BUCKET}/dropped/", f"cos://{COS_BUCKET}/dropped/")
"""Photos that somebody drops onto the page are put here."""


class DemoPage:
    """The page's process, which ends with the block. `address` signs a browser in, since it holds a token."""

    def __init__(self, emulator: DemoEmulator) -> None:
        secret, port = new_secret(), PORT if is_free(PORT) else free_port()
        token = Token(
            new_id(), "demo", hashed(secret), frozenset({"read", "write"}), made_at=time.time_ns() // 1_000_000
        )
        wiring.index(emulator.index, emulator.settings).tokens().put(token)
        self.address = f"http://127.0.0.1:{port}/login?token={secret}"
        self._log = emulator.data / "page.log"
        command = [sys.executable, "-m", "imagelabels", "serve", "--port", f"{port}"]
        command += [word for uri in DROPPED for word in ("--drop", uri)]
        command += ["--function", f"oss={OSS_FUNCTION}", "--function", f"cos={COS_FUNCTION}"]
        with self._log.open("w") as log:
            settings = os.environ | emulator.user_settings
            self.process = subprocess.Popen(command, cwd=HERE, env=settings, stdout=log, stderr=log)
        self._wait(port)

    def __enter__(self) -> DemoPage:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.terminate()
        self.process.wait()

    def _wait(self, port: int) -> None:
        """Wait until the page answers; Unusable says why it does not."""
        while self.process.poll() is None:
            with suppress(OSError, HTTPException), urllib.request.urlopen(f"http://127.0.0.1:{port}/static/icon.svg"):
                return
            time.sleep(0.1)
        raise Unusable(f"the page did not start: {self._log.read_text().strip()}")
