"""Remembers a walk on this machine: the checkpoint, with which the next run goes on, and the report.

The report is written first and the checkpoint second, and the checkpoint tells how much of the report belongs to it. So
whatever was killed when, a run that goes on cuts the report to that length, and each object has one line.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from imagelabels import local_files
from imagelabels.domain import checkpoint
from imagelabels.domain.checkpoint import Checkpoint, Task
from imagelabels.domain.errors import Misconfigured
from imagelabels.views.forms import Form, one_line
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped

STDOUT = "-"
"""The report's path that stands for the standard output."""


class Files:
    """What the journal does with files; a test can make each of these fail."""

    def sync(self, number: int) -> None:
        """Wait until a file or a folder is on the disk."""
        os.fsync(number)

    def lock(self, path: Path) -> int:
        """Open and lock a file, which is made if it is not there; BlockingIOError if another process holds it."""
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(number)
            raise
        return number

    def read(self, path: Path) -> str | None:
        """Return the text of a file; None if there is none, and only the beginning of a very long one."""
        try:
            with path.open(encoding="utf-8", errors="replace") as file:
                return file.read(checkpoint.LONGEST)
        except FileNotFoundError:
            return None

    def replace(self, path: Path, text: str) -> None:
        """Give a file a new content in one step: whoever reads it sees the old one or the new one."""
        part = path.with_name(f".{path.name}.part")
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            self.sync(file.fileno())
        os.replace(part, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            self.sync(folder)
        finally:
            os.close(folder)

    def size(self, path: Path) -> int:
        """Return how many bytes a file has; 0 if there is none."""
        return path.stat().st_size if path.exists() else 0

    def cut(self, path: Path, length: int) -> None:
        """Cut a file to its first bytes, and make it if it is not there."""
        with path.open("ab") as file:
            file.truncate(length)
            self.sync(file.fileno())

    def write_at(self, path: Path, length: int, octets: bytes) -> None:
        """Write behind the first bytes of a file, in place of all that follows them, and wait until it is on the disk.
        So it does no harm to write the same once more after it failed in the middle."""
        with path.open("r+b") as file:
            file.truncate(length)
            file.seek(length)
            file.write(octets)
            file.flush()
            self.sync(file.fileno())


def default_path(task: Task, environ: Mapping[str, str]) -> Path:
    """Return where the checkpoint of a task is kept, if the user names no other file."""
    parts = (task.command, task.place, task.source.partition(" ")[0], task.index)
    name = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
    return local_files.state_folder(environ) / f"{task.command}-{name[:16]}.json"


class Journal:
    """Implements backfill.Book, and the memory of the other walks.

    Within a `with` block no other process uses the checkpoint. Misconfigured says in a sentence why it cannot be used.
    """

    def __init__(
        self,
        path: Path,
        task: Task,
        report: Path | None = None,
        files: Files | None = None,
        same_policy: bool = False,
        needed: bool = True,
    ) -> None:
        """`same_policy` lets a run begin anew where an earlier one chose by another policy. Where the journal is not
        `needed`, a folder that cannot be written is told and done without."""
        # A link to a checkpoint is that checkpoint, and is not replaced by a file.
        self.path, self._task, self._files = Path(os.path.realpath(path)), task, files or Files()
        self._same_policy, self._needed = same_policy, needed
        self._report = None if report is None else report if str(report) == STDOUT else Path(os.path.abspath(report))
        self._lines: list[bytes] = []
        self._lock: int | None = None
        self._is_off = False
        self.resumed = False
        """An earlier run with the same task did not end."""
        self.other_policy = False
        """The earlier run chose by another policy."""
        self.now = Checkpoint(uuid4().hex[:16], task, time.time())

    def __enter__(self) -> Journal:
        try:
            self._open()
        except OSError as error:
            self._close()
            if self._needed:
                raise self._failed(error) from error
            self._do_without(error)
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def report(self, form: Form) -> None:
        """Report an object. The line is written when the position is saved."""
        if self._report is not None:
            self._lines.append(one_line(form).encode("ascii") + b"\n")

    def save(self, position: str, counts: Counter[str]) -> None:
        """Remember that all objects up to the position are done, and what became of them."""
        self._write(replace(self.now, position=position, counts=dict(counts)))

    def expect(self, total: int) -> None:
        """Remember how many objects there are, for the line that tells how far the walk is."""
        self._write(replace(self.now, total=total))

    def agree(self) -> None:
        """Remember that a person has said yes, so that nobody asks again when the run goes on."""
        self._write(replace(self.now, agreed=True))

    def begin_pass(self, now: float) -> None:
        """Remember when a pass began, on the store's clock."""
        self._write(checkpoint.begin_pass(self.now, now))

    def next_pass(self, since: float | None) -> None:
        """Begin to walk once more, over objects that changed since then."""
        self._write(checkpoint.next_pass(self.now, since))

    def finish(self) -> None:
        """Remember that the run is over, so that the next one begins anew."""
        self._write(replace(self.now, finished=True))

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock = self._files.lock(self.path.with_name(f".{self.path.name}.lock"))
        except BlockingIOError:
            raise Misconfigured(f"the checkpoint {self.path} is in use by a process that is still running") from None
        saved = self._saved()
        self._check_report()
        if saved is not None:
            self.resumed, self.now = True, saved
            self.other_policy = saved.task.policy != self._task.policy
            self.now = replace(saved, task=self._task)
            if not saved.is_untouched or saved.report == self._report_name:
                self._cut_report(saved)
                return
        if self._report is not None and str(self._report) != STDOUT:
            if self._files.size(self._report):
                raise Misconfigured(f"the report {self._report} has lines of another run: name another file")
            try:
                self._files.cut(self._report, 0)
            except OSError as error:
                raise self._report_failed(error) from error
        self._write(replace(self.now, report=self._report_name))

    def _saved(self) -> Checkpoint | None:
        """Return the checkpoint of a run that is not over; None if there is none."""
        said = self._files.read(self.path)
        if said is None:
            return None
        try:
            saved = checkpoint.read(said)
        except ValueError as error:
            raise Misconfigured(
                f"the checkpoint {self.path} cannot be used, since {error}; remove it to begin anew: what is labelled "
                "is not paid for again"
            ) from None
        if saved.finished or (self._same_policy and saved.task.policy != self._task.policy):
            return None
        if (refusal := checkpoint.refusal(saved.task, self._task)) is not None:
            if saved.is_untouched:
                return None
            raise Misconfigured(f"the checkpoint {self.path} cannot be used: {refusal}; name another one, or remove it")
        return saved

    @property
    def _report_name(self) -> str:
        return "" if self._report is None else str(self._report)

    def _check_report(self) -> None:
        if self._report is None or str(self._report) == STDOUT:
            return
        if Path(os.path.realpath(self._report)) == self.path:
            raise Misconfigured(f"the report and the checkpoint are one file, {self.path}: name another one")
        if self._report.exists() and not self._report.is_file():
            raise Misconfigured(
                f"the report {self._report} is no file that can be cut to a length: name one, or - for the standard "
                "output"
            )

    def _cut_report(self, saved: Checkpoint) -> None:
        report = self._report_name
        if saved.report != report:
            began = f"--report {saved.report}" if saved.report else "no --report"
            raise Misconfigured(f"the checkpoint {self.path} began with {began}: go on with the same, or remove it")
        if self._report is None or report == STDOUT:
            return
        if self._files.size(self._report) < saved.report_bytes:
            raise Misconfigured(
                f"the report {self._report} is shorter than the checkpoint {self.path} says: put it back, or remove "
                "the checkpoint to begin anew"
            )
        self._files.cut(self._report, saved.report_bytes)

    def _write(self, new: Checkpoint) -> None:
        """Write the report's new lines first, and then the checkpoint that counts them."""
        if self._is_off:
            self.now = new
            return
        if self._lines:
            new = replace(new, report_bytes=new.report_bytes + self._write_lines(b"".join(self._lines)))
        try:
            self._files.replace(self.path, checkpoint.text(new))
        except OSError as error:
            if self._needed:
                raise self._failed(error) from error
            self._do_without(error)
        self._lines.clear()
        self.now = new

    def _write_lines(self, octets: bytes) -> int:
        """Write the report's new lines, and return how many bytes the file has got."""
        try:
            if str(self._report) != STDOUT:
                assert self._report is not None
                self._files.write_at(self._report, self.now.report_bytes, octets)
                return len(octets)
            self._lines.clear()  # What was printed is not printed again.
            sys.stdout.write(octets.decode())
            sys.stdout.flush()
        except BrokenPipeError:
            raise  # Whoever read the lines has gone, as with every other command.
        except OSError as error:
            raise self._report_failed(error) from error
        return 0

    def _report_failed(self, error: OSError) -> Misconfigured:
        words = error.strerror or error
        return Misconfigured(f"the report {self._report} cannot be written: {words}; mend it, and run the same again")

    def _do_without(self, error: OSError) -> None:
        self._is_off = True
        say(f"{escaped(str(self._failed(error)))}: a run that is stopped will begin anew")

    def _failed(self, error: OSError) -> Misconfigured:
        where = f" ({error.filename})" if error.filename else ""
        return Misconfigured(
            f"the checkpoint {self.path} cannot be written: {error.strerror or error}{where}; "
            "--checkpoint can name another file"
            if self._needed
            else f"the checkpoint {self.path} cannot be written: {error.strerror or error}{where}"
        )

    def _close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
