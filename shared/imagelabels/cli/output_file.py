"""The file that `imagelabels detect --output` writes: one line of JSON a picture, gone on with by the next run."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from imagelabels import clouds
from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.outcomes import WAITING
from imagelabels.views.answers import Answer, Refused, answer_json
from imagelabels.views.forms import one_line
from imagelabels.views.vendor import from_vendor_answer, is_vendor_line

State = dict[str, object]
"""What a file's answer belongs to: the file's size and time of change, and with which settings it was labelled."""

_BEGINNING = b'{"path": "'
"""Every line of ours begins so."""


def state_of(path: str, settings: str) -> State | None:
    """The state of a file now; None where there is none to be told."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return {"size": found.st_size, "changed_ns": found.st_mtime_ns, "settings": settings}


class Output:
    """The file as the runs before left it, and then the place where new answers go.

    Misconfigured where it cannot be written, or holds what no run of ours wrote: such a file is never changed.
    """

    def __init__(self, path: Path) -> None:
        self._path = Path(os.path.realpath(path))
        self._states: dict[str, State | None] = {}
        self._file: TextIO | None = None
        self._repair = False
        try:
            for line, whole in self._lines():
                said = self._read(line, whole)
                self._repair |= not whole or is_vendor_line(line)
                self._repair |= said is not None and said["path"] in self._states
                if said is not None:
                    self._states[said["path"]] = said.get("file")
        except OSError as error:
            raise self._failed(error) from error

    def holds(self, path: str, state: State | None) -> bool:
        """Whether an answer is there that belongs to the file as it is now. A refusal that may pass is none."""
        return state is not None and self._states.get(path) == state

    def is_file(self, path: str) -> bool:
        """Whether this is the output itself, which may lie in a folder that is walked."""
        return os.path.realpath(path) == str(self._path)

    def begin(self, again: set[str]) -> Output:
        """Drop the lines of the pictures that are labelled again and what a cut-off run left behind, and write those of
        earlier versions in today's form; then write on."""
        try:
            if self._repair or not again.isdisjoint(self._states):
                self._rewrite(again)
            self._file = self._path.open("a", encoding="ascii")
        except OSError as error:
            raise self._failed(error) from error
        return self

    def add(self, answer: Answer, state: State | None) -> None:
        """Write the answer's line, at once and in one piece."""
        assert self._file is not None
        passing = isinstance(answer, Refused) and answer.reason in WAITING
        more = {} if state is None or passing else {"file": state}
        try:
            self._file.write(one_line(answer_json(answer) | more) + "\n")
            self._file.flush()
        except OSError as error:
            raise self._failed(error) from error

    def __enter__(self) -> Output:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            try:
                self._file.close()
            except OSError as failed:  # It tries once more to write what could not be written.
                if error is None:
                    raise self._failed(failed) from failed

    def _lines(self) -> Iterator[tuple[bytes, bool]]:
        """Each line, and whether it has an end."""
        if not self._path.exists():
            return
        if not self._path.is_file():
            raise Misconfigured(f"{self._path} is no plain file: name another one for --output")
        with self._path.open("rb") as file:
            for line in file:
                yield line, line.endswith(b"\n")

    def _read(self, line: bytes, whole: bool) -> dict[str, Any] | None:
        """What a line says, also one of an earlier version; None for one that was cut off. Misconfigured for a line
        that is not ours."""
        try:
            said = json.loads(line) if line.startswith(_BEGINNING) else None
            if isinstance(said, dict) and isinstance(said.get("path"), str) and ("labels" in said or "error" in said):
                known = taxonomy.load(clouds.vocabularies())
                return from_vendor_answer(said, known) if is_vendor_line(line) else said
        except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
            pass  # no version of ours wrote it
        if whole or not (line.startswith(_BEGINNING) or _BEGINNING.startswith(line)):
            raise Misconfigured(
                f"{self._path} holds something else than answers of `imagelabels detect`: it stays as it is, name "
                "another file for --output"
            )
        return None

    def _rewrite(self, again: set[str]) -> None:
        """Replace the file at once by one that holds the last line of every other picture."""
        last = {said["path"]: number for number, said in enumerate(self._all()) if said is not None}
        part = self._path.with_name(f".{self._path.name}.part")
        with part.open("wb") as file:
            for number, said in enumerate(self._all()):
                if said is not None and said["path"] not in again and last[said["path"]] == number:
                    file.write(one_line(said).encode("ascii") + b"\n")
        shutil.copymode(self._path, part)
        os.replace(part, self._path)

    def _all(self) -> Iterator[dict[str, Any] | None]:
        return (self._read(line, whole) for line, whole in self._lines())

    def _failed(self, error: OSError) -> Misconfigured:
        return Misconfigured(f"{self._path} cannot be written: {error.strerror or error}")
