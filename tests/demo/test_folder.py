"""These tests check which data folders and ports the demo uses, and which it refuses."""

from __future__ import annotations

import errno
import fcntl
import socket
from pathlib import Path

import pytest

from demo import folder
from demo.files import Unusable
from tests.ports import free_port

MARK = "functions.json"


def test_what_an_earlier_demo_left_is_removed_and_a_new_folder_is_made(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "data"
    folder.empty(data, MARK)
    (data / "old").mkdir()
    folder.empty(data, MARK)
    assert [path.name for path in data.iterdir()] == [MARK]


def test_a_folder_or_file_that_the_demo_did_not_make_is_not_emptied(tmp_path: Path) -> None:
    mine = tmp_path / "thesis.txt"
    mine.write_text("years of work")
    for data in (tmp_path, mine):
        with pytest.raises(Unusable, match="was not made by the demo"):
            folder.empty(data, MARK)
    assert mine.read_text() == "years of work"


def test_the_data_of_clouds_that_still_run_are_not_taken_from_them(tmp_path: Path) -> None:
    folder.empty(tmp_path / "data", MARK)
    (tmp_path / "data" / "emulator").mkdir()
    lock = tmp_path / "data" / "emulator" / "lock"
    lock.write_text("1234\n")
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Unusable, match=r"still run .*process 1234.*`kill 1234`"):
            folder.empty(tmp_path / "data", MARK)
    assert lock.exists()
    folder.empty(tmp_path / "data", MARK)
    assert not lock.exists()


def test_a_folder_that_may_not_be_made_is_named_without_a_stack_trace() -> None:
    with pytest.raises(Unusable, match=r"/proc/demo cannot be .* --data FOLDER"):
        folder.empty(Path("/proc/demo"), MARK)


def test_a_port_in_use_is_said_with_the_line_that_takes_another() -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with pytest.raises(Unusable, match=rf"listens on port {port}: choose another one, such as PORT=9001 make"):
            folder.check_port(port)
    folder.check_port(port)


def test_a_port_on_which_nobody_may_listen_would_be_said_to_be_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(listener: socket.socket, address: tuple[str, int]) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refused)
    with pytest.raises(Unusable, match="cannot listen on port 80: Permission denied: choose another one"):
        folder.check_port(80)
