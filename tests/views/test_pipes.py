"""A program whose output cannot be written ends without a stack trace, and one that another pipe failed says so."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BEGIN = "import sys\nfrom imagelabels.views.pipes import piped\n"
FLUSHED = f"{BEGIN}sys.exit(piped(lambda: print('line', flush=True)))"
BUFFERED = f"{BEGIN}sys.exit(piped(lambda: print('line')))"
LONG = f"{BEGIN}sys.exit(piped(lambda: print('line' * 100_000)))"
ENDED = f"{BEGIN}\ndef main():\n    print('help')\n    sys.exit(0)\nsys.exit(piped(main))"
REPORT = "import sys\nfrom benchmarks.printed import printed\nsys.exit(printed(lambda: iter(['line'])))"
ANOTHER = f"{BEGIN}\ndef main():\n    raise BrokenPipeError(32, 'of a server')\nsys.exit(piped(main))"


def sockets() -> tuple[int, int]:
    """Return the two ends of a connection, which Node.js makes for the output of a program."""
    reading, writing = socket.socketpair()
    return reading.detach(), writing.detach()


def ended(
    arguments: list[str], closed: bool = True, unbuffered: str = "", ends: Callable[[], tuple[int, int]] = os.pipe
) -> tuple[int, str]:
    """Run a program whose output has no reader, or one that reads all, and return its status and messages."""
    environ = {"PYTHONPATH": f"{ROOT / 'shared'}{os.pathsep}{ROOT}", "PYTHONUNBUFFERED": unbuffered}
    reading, writing = ends()
    if closed:
        os.close(reading)
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, stdout=writing, stderr=subprocess.PIPE, cwd=ROOT, env=os.environ | environ, text=True, check=False
    )
    os.close(writing)
    if not closed:
        os.close(reading)
    return done.returncode, done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "program", [FLUSHED, BUFFERED, LONG, ENDED, REPORT], ids=["flushed", "buffered", "long", "ended", "report"]
)
def test_a_reader_that_has_gone_would_be_told_by_a_stack_trace(program: str, unbuffered: str) -> None:
    assert ended(["-c", program], unbuffered=unbuffered) == (141, "")


def test_a_reader_that_has_gone_would_be_missed_at_the_end_of_a_socket() -> None:
    assert ended(["-c", FLUSHED], ends=sockets) == (141, "")


@pytest.mark.parametrize("ends", [os.pipe, sockets])
def test_a_failure_of_another_pipe_would_be_taken_for_a_reader_that_has_gone(
    ends: Callable[[], tuple[int, int]],
) -> None:
    status, message = ended(["-c", ANOTHER], closed=False, ends=ends)
    assert (status, message.splitlines()[-1]) == (1, "BrokenPipeError: [Errno 32] of a server")


@pytest.mark.parametrize(("program", "status"), [("print('x')", 0), ("sys.exit(3)", 3), ("sys.exit('no')", 1)])
def test_a_program_that_is_read_would_lose_its_status(program: str, status: int) -> None:
    assert ended(["-c", f"{BEGIN}sys.exit(piped(lambda: {program}))"], closed=False)[0] == status


@pytest.mark.parametrize(
    "program",
    [
        ["benchmarks", "budget"],
        ["emulator", "up", "--port", "0"],
        ["emulator", "help"],
        ["emulator", "--help"],
        ["imagelabels.deploy.template.check_template", "/dev/null"],
        ["imagelabels", "labels"],
    ],
    ids=lambda program: " ".join(program[:2]),
)
def test_a_program_would_show_a_stack_trace_to_who_reads_its_first_lines_only(
    program: list[str], tmp_path: Path
) -> None:
    data = ["--data", str(tmp_path)] if "up" in program else []
    assert ended(["-m", *program, *data]) == (141, "")


PROGRAMS = pytest.mark.parametrize(
    "program",
    [
        ["-c", FLUSHED],
        ["-c", BUFFERED],
        ["-u", "-c", LONG],
        ["-c", REPORT],
        ["-m", "emulator", "help"],
        ["-m", "imagelabels", "labels"],
    ],
    ids=["flushed", "buffered", "long", "report", "emulator", "imagelabels"],
)


def ended_in_shell(program: list[str], redirection: str, before: str = "") -> tuple[int, str, str]:
    """Run a program whose streams a shell redirects, and return its status, its output and its messages."""
    environ = os.environ | {"PYTHONPATH": f"{ROOT / 'shared'}{os.pathsep}{ROOT}"}
    command = f"{before}{shlex.join([sys.executable, *program])} {redirection}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, cwd=ROOT, env=environ, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@PROGRAMS
def test_a_program_that_is_started_without_streams_would_fail(program: list[str]) -> None:
    assert ended_in_shell(program, ">&-") == (0, "", "")
    assert ended_in_shell(program, "<&- >&- 2>&-") == (0, "", "")
    assert ended_in_shell(program, "2>&-")[0] == 0


def test_a_file_would_get_the_number_of_a_stream_that_is_closed() -> None:
    program = f"{BEGIN}sys.exit(piped(lambda: open('/dev/null').fileno() + 10))"
    assert ended_in_shell(["-c", program], "<&- >&- 2>&-")[0] == 13


@PROGRAMS
def test_a_file_that_takes_nothing_more_would_be_told_by_a_stack_trace(program: list[str], tmp_path: Path) -> None:
    file, none = shlex.quote(str(tmp_path / "output")), "ulimit -f 0; "
    status, _, message = ended_in_shell(program, f">{file}", none)
    assert (status, message.count("\n")) == (1, 1)
    assert message.endswith("nothing more can be written: File too large\n")
    assert ended_in_shell(program, f">{file} 2>&1", none) == (1, "", "")


def test_a_full_disk_would_be_told_by_a_stack_trace() -> None:
    program = f"{BEGIN}\ndef main():\n    raise OSError(28, 'No space left', '/a/b')\nsys.exit(piped(main))"
    assert ended_in_shell(["-c", program], "") == (1, "", "nothing more can be written to /a/b: No space left\n")


def test_another_error_would_be_taken_for_a_full_disk() -> None:
    program = f"{BEGIN}\ndef main():\n    raise OSError(105, 'of a server')\nsys.exit(piped(main))"
    assert ended_in_shell(["-c", program], "")[2].endswith("OSError: [Errno 105] of a server\n")
