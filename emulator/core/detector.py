"""Gets labels from a command that runs long, reads one path a line and answers one JSON line."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import struct
import sys
import tempfile
import zlib
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from emulator.core.groups import kill_group
from emulator.core.pipes import incoming, lines, outgoing

LONGEST_LINE = 64 * 1024 * 1024
"""An answer may have so many bytes."""

LAST_LINES = 20
"""A failure quotes so many lines of the command's error output."""


START_SECONDS = 180.0
"""The first answer, which shows that the command works, may take so many seconds."""


class DetectorFailed(Exception):
    """The command gave no answer; the message says why, with what it last wrote to its error output."""


class DetectorCommand:
    """It runs at most `size` processes of the command.

    Each labels one picture at a time, and one that fails is replaced.
    """

    def __init__(
        self, command: Sequence[str] | None = None, language: str = "zh-Hans", size: int = 1, timeout: float = 30.0
    ) -> None:
        """Run this command, or the default one, which names labels in `language`.

        `timeout` is in seconds for one picture, and includes the start of the command if that is needed.
        """
        default = f"imagelabels detect --stdin --format json --threshold 0 --language {language}"
        self._command = list(command or default.split())
        self._timeout = timeout
        self._places = asyncio.Semaphore(size)
        self._idle: list[_Process] = []
        self._busy: list[_Process] = []

    async def __call__(self, path: Path) -> dict[str, object]:
        """Return the answer for the picture in a file, unchanged. DetectorFailed if there is none."""
        return await self._asked(path, self._timeout)

    async def _asked(self, path: Path, timeout: float) -> dict[str, object]:
        async with self._places:
            process = await self._process()
            self._busy.append(process)
            try:
                answer = await process.ask(path, timeout)
                self._idle.append(process)
                return answer
            finally:
                if process not in self._idle:
                    await process.kill()
                self._busy.remove(process)

    async def check(self) -> None:
        """Have a plain picture labelled, so that a command that cannot work fails before it is needed.

        This may take START_SECONDS, because on a busy machine a command can take long to start.
        """
        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder, "probe.png")
            picture.write_bytes(_grey_png(224))
            answer = await self._asked(picture, max(START_SECONDS, self._timeout))
        if not isinstance(answer.get("labels"), list):
            raise DetectorFailed(f"{shlex.join(self._command)}: a plain grey PNG got {_short(answer)} and no labels")

    async def stop(self) -> None:
        """End every process."""
        for process in [*self._idle, *self._busy]:
            await process.kill()
        self._idle.clear()

    async def _process(self) -> _Process:
        while self._idle:
            process = self._idle.pop()
            if process.alive:
                return process
            await process.kill()
        return await _Process.start(self._command)


class _Process:
    def __init__(
        self,
        command: Sequence[str],
        process: asyncio.subprocess.Process,
        questions: asyncio.WriteTransport,
        answers: asyncio.StreamReader,
        errors: asyncio.StreamReader,
        pipes: Sequence[asyncio.BaseTransport],
    ) -> None:
        self._command = command
        self._process = process
        self._questions = questions
        self._answers = answers
        self._pipes = pipes
        self._last_lines: deque[str] = deque(maxlen=LAST_LINES)
        self._listening = asyncio.create_task(self._listen(errors))

    @classmethod
    async def start(cls, command: Sequence[str]) -> _Process:
        program = _program(command[0])
        questions, stdin = await outgoing()
        answers, answer_pipe, stdout = await incoming(LONGEST_LINE)
        errors, error_pipe, stderr = await incoming()
        pipes = (questions, answer_pipe, error_pipe)
        try:
            process = await asyncio.create_subprocess_exec(
                program,
                *command[1:],
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                # The detector of a cloud does not know the policy with which its user chooses from its answers.
                env={name: value for name, value in os.environ.items() if name != "IMAGELABELS_POLICY"},
            )
        except OSError as error:
            _close(pipes)
            raise DetectorFailed(f"{shlex.join(command)}: it cannot be started: {error.strerror}") from error
        except BaseException:
            _close(pipes)
            raise
        finally:
            for descriptor in (stdin, stdout, stderr):
                os.close(descriptor)
        return cls(command, process, questions, answers, errors, pipes)

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, path: Path, timeout: float) -> dict[str, object]:
        """Return the answer for a picture. After DetectorFailed or a cancellation the process must be killed."""
        self._questions.write(f"{path}\n".encode())
        try:
            line = await asyncio.wait_for(self._answers.readline(), timeout)
        except asyncio.TimeoutError:
            raise await self._failure(f"no answer after {timeout:g} seconds") from None
        except ValueError:
            raise await self._failure(f"its answer is longer than {LONGEST_LINE} bytes") from None
        if not line.endswith(b"\n"):
            raise await self._failure("it ended without an answer")
        try:
            answer = json.loads(line)
        except ValueError:
            raise await self._failure(f"its answer is not JSON: {_short(line)}") from None
        if not isinstance(answer, dict) or answer.get("path") != str(path):
            # One line too many would give every later picture the labels of the one before.
            raise await self._failure(f"its answer is not for {path}: {_short(answer)}")
        return answer

    async def kill(self) -> None:
        kill_group(self._process)
        await self._process.wait()
        await asyncio.wait([self._listening], timeout=1.0)  # its last lines may still come
        self._listening.cancel()
        await asyncio.wait([self._listening])
        _close(self._pipes)

    async def _listen(self, errors: asyncio.StreamReader) -> None:
        async for line in lines(errors):
            self._last_lines.append(line)

    async def _failure(self, reason: str) -> DetectorFailed:
        await self.kill()
        quoted = "".join(f"\n  {line}" for line in self._last_lines)
        return DetectorFailed(f"{shlex.join(self._command)}: {reason}" + (f"; it last said:{quoted}" if quoted else ""))


def _close(pipes: Sequence[asyncio.BaseTransport]) -> None:
    for pipe in pipes:
        pipe.close()


def _program(name: str) -> str:
    """Find the program beside the interpreter that runs us, as in a virtual environment, else on PATH."""
    beside = Path(sys.executable).parent / name
    program = (shutil.which(beside) if os.sep not in name else None) or shutil.which(name)
    if program is None:
        raise DetectorFailed(f"{name}: no such program, neither in {beside.parent} nor on PATH")
    return program


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}..."


def _grey_png(side: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
