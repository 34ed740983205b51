"""The checkpoint and the report of a walk on this machine, and why one cannot be used."""

from __future__ import annotations

import io
import json
import os
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.cli.journal import Files, Journal, default_path
from imagelabels.domain import checkpoint
from imagelabels.domain.checkpoint import SCHEMA, Task
from imagelabels.domain.errors import Misconfigured

TASK = Task("backfill", "oss://photos/", "list", "sqlite:///a.db", "oss/1", "digest")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "checkpoint.json"


def _stopped(path: Path, task: Task = TASK, report: Path | None = None) -> None:
    with Journal(path, task, report) as journal:
        journal.report({"uri": "a"})
        journal.save("a", Counter(objects=1))


def test_a_run_would_not_go_on_where_the_one_before_was_stopped(path: Path) -> None:
    _stopped(path)
    with Journal(path, TASK) as journal:
        assert (journal.resumed, journal.now.position, journal.now.counts) == (True, "a", {"objects": 1})
        journal.finish()
    with Journal(path, TASK) as journal:
        assert (journal.resumed, journal.now.position) == (False, "")


def test_a_pass_would_seem_to_begin_before_the_one_before_it_and_its_checkpoint_be_called_damaged(path: Path) -> None:
    with Journal(path, TASK) as journal:
        journal.begin_pass(100.9)
        journal.next_pass(journal.now.pass_begun)
        journal.begin_pass(100.2)  # The store's clock tells whole seconds.
    with Journal(path, TASK) as journal:
        assert (journal.resumed, journal.now.since, journal.now.pass_begun) == (True, 100.9, 100.9)
        journal.next_pass(journal.now.pass_begun)
        journal.begin_pass(101.0)
        assert (journal.now.since, journal.now.pass_begun) == (100.9, 101.0)


def test_keys_of_any_bytes_would_be_lost_in_a_checkpoint(path: Path) -> None:
    for key in ("a\nb", "露营/鹿.jpg", "not-unicode-\udcff", "\x00\x7f", "😀" * 250):
        with Journal(path, TASK) as journal:
            journal.save(key, Counter())
        with Journal(path, TASK) as journal:
            assert journal.now.position == key


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"command": "relabel"}, "the command backfill"),
        ({"place": "oss://other/"}, "the place oss://photos/"),
        ({"source": "inventory oss://x/manifest.json 5D41"}, "the source list"),
        ({"index": "tablestore://b"}, "the index sqlite:///a.db"),
        ({"detector": "imm"}, "the detector setting oss/1"),
    ],
)
def test_a_checkpoint_of_something_else_would_be_gone_on_with(path: Path, change: dict[str, str], said: str) -> None:
    _stopped(path)
    with pytest.raises(Misconfigured, match=f"belongs to {said}, and this is "), Journal(path, replace(TASK, **change)):
        pass


def test_another_policy_would_be_refused_or_not_be_told(path: Path) -> None:
    _stopped(path)
    with Journal(path, replace(TASK, policy="other")) as journal:
        assert (journal.resumed, journal.other_policy) == (True, True)
    with Journal(path, replace(TASK, policy="third"), same_policy=True) as journal:
        assert not journal.resumed


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{",
        "[]",
        "null",
        "[" * 100_000,
        '{"schema": 1}',
        '{"schema": 1, "run": 5, "task": {}, "begun": 0, "counts": {}}',
        "\x00\xff",
        json.dumps({"schema": 1, "run": "a", "task": {"command": 1}, "begun": 0.0, "counts": {}}),
        checkpoint.text(checkpoint.Checkpoint("r", TASK, 0.0))[:-20],
        checkpoint.text(checkpoint.Checkpoint("r", TASK, 0.0)).replace('"number": 1', '"number": -1'),
        checkpoint.text(checkpoint.Checkpoint("r", TASK, 0.0)).replace('"position": ""', '"position": null'),
        "a" * (2 * checkpoint.LONGEST),
    ],
    ids=range(13),
)
def test_a_damaged_checkpoint_would_end_in_a_traceback_or_be_gone_on_with(path: Path, said: str) -> None:
    path.parent.mkdir()
    path.write_text(said, encoding="latin-1")
    with pytest.raises(Misconfigured, match="it is damaged, or no checkpoint; remove it to begin anew"):
        Journal(path, TASK).__enter__()
    assert path.read_text(encoding="latin-1") == said


def test_a_checkpoint_of_a_newer_version_would_be_called_damaged(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(json.dumps({"schema": SCHEMA + 1, "news": True}))
    with pytest.raises(Misconfigured, match="written by a newer version of imagelabels"):
        Journal(path, TASK).__enter__()


def test_two_processes_would_use_one_checkpoint(path: Path) -> None:
    with Journal(path, TASK), pytest.raises(Misconfigured, match="in use by a process that is still running"):
        Journal(path, TASK).__enter__()
    with Journal(path, TASK):
        pass


class ReadOnly(Files):
    """A disk on which nothing can be written."""

    def lock(self, path: Path) -> int:
        raise PermissionError(13, "Permission denied", str(path))


class Full(Files):
    """A disk that is full."""

    def replace(self, path: Path, text: str) -> None:
        raise OSError(28, "No space left on device")


def test_a_folder_that_cannot_be_written_would_end_in_a_traceback(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Misconfigured, match="cannot be written: Permission denied"):
        Journal(path, TASK, files=ReadOnly()).__enter__()
    with pytest.raises(Misconfigured, match="cannot be written: No space left"):
        Journal(path, TASK, files=Full()).__enter__()
    for files in (ReadOnly(), Full()):
        with Journal(path, TASK, files=files, needed=False) as journal:
            journal.save("a", Counter(objects=1))
            journal.finish()
        assert not path.exists()
        assert capsys.readouterr().err.count("a run that is stopped will begin anew") == 1


class FullInTheMiddle(Files):
    """A disk on which half of the lines have room, until somebody removes something."""

    is_full = True

    def write_at(self, path: Path, length: int, octets: bytes) -> None:
        if not self.is_full:
            super().write_at(path, length, octets)
            return
        super().write_at(path, length, octets[: len(octets) // 2])
        raise OSError(28, "No space left on device")


def test_a_report_on_a_full_disk_would_be_called_a_checkpoint_or_keep_half_a_line(path: Path) -> None:
    report, files = path.parent.parent / "report.jsonl", FullInTheMiddle()
    with Journal(path, TASK, report, files) as journal:
        journal.report({"uri": "a"})
        with pytest.raises(Misconfigured, match=r"the report .*report.jsonl cannot be written: No space left"):
            journal.save("a", Counter(objects=1))
        files.is_full = False
        journal.save("a", Counter(objects=1))
    assert report.read_text() == '{"uri": "a"}\n'
    with Journal(path, TASK, report) as journal:
        assert (journal.now.position, journal.now.report_bytes) == ("a", len('{"uri": "a"}\n'))


def test_a_report_that_was_removed_meanwhile_would_be_written_from_its_middle_on(path: Path) -> None:
    report = path.parent.parent / "report.jsonl"
    with Journal(path, TASK, report) as journal:
        journal.report({"uri": "a"})
        journal.save("a", Counter(objects=1))
        report.unlink()
        journal.report({"uri": "b"})
        with pytest.raises(Misconfigured, match=r"the report .* cannot be written: No such file"):
            journal.save("b", Counter(objects=2))


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ("nowhere/report.jsonl", "the report .*nowhere/report.jsonl cannot be written: No such file"),
        ("new/checkpoint.json", "the report and the checkpoint are one file"),
        ("link.json", "the report and the checkpoint are one file"),
        ("pipe", "is no file that can be cut to a length"),
        ("new", "is no file that can be cut to a length"),
        ("/dev/null", "is no file that can be cut to a length"),
    ],
)
def test_a_report_that_cannot_be_one_would_be_found_out_after_the_first_objects(
    path: Path, report: str, said: str
) -> None:
    _stopped(path)
    os.mkfifo(path.parent.parent / "pipe")
    (path.parent.parent / "link.json").symlink_to(path)
    before = path.read_text()
    with pytest.raises(Misconfigured, match=said):
        Journal(path if "one file" in said else path.with_name("b"), TASK, path.parent.parent / report).__enter__()
    assert path.read_text() == before


class Gone(io.StringIO):
    """A standard output whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def test_a_reader_who_goes_would_be_called_a_checkpoint_that_cannot_be_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal(path, TASK, Path("-")) as journal:
        journal.report({"uri": "a"})
        monkeypatch.setattr(sys, "stdout", Gone())
        with pytest.raises(BrokenPipeError):
            journal.save("a", Counter(objects=1))
    with Journal(path, TASK, Path("-")) as journal:
        assert journal.now.position == ""


def test_a_link_to_a_checkpoint_would_be_replaced_by_a_file_or_be_used_twice(path: Path) -> None:
    _stopped(path)
    link = path.parent.parent / "link.json"
    link.symlink_to(path)
    with Journal(path, TASK), pytest.raises(Misconfigured, match="in use by a process that is still running"):
        Journal(link, TASK).__enter__()
    with Journal(link, TASK) as journal:
        journal.save("b", Counter(objects=2))
    assert link.is_symlink()
    with Journal(path, TASK) as journal:
        assert journal.now.position == "b"


def test_a_run_that_has_done_nothing_would_keep_another_one_from_its_checkpoint(path: Path) -> None:
    report = path.parent.parent / "report.jsonl"
    with Journal(path, TASK):
        pass
    with Journal(path, replace(TASK, source="inventory oss://x/manifest.json 5D"), report) as journal:
        assert not journal.resumed
        journal.report({"uri": "a"})
        journal.save("0:1", Counter(objects=1))
    assert report.read_text() == '{"uri": "a"}\n'


def test_the_report_would_have_lines_twice_after_a_kill(path: Path) -> None:
    report = path.parent.parent / "report.jsonl"
    _stopped(path, report=report)
    with report.open("a") as file:
        file.write('{"uri": "b"}\n{"uri": "half')
    with Journal(path, TASK, report) as journal:
        assert report.read_text() == '{"uri": "a"}\n'
        journal.report({"uri": "b"})
        journal.save("b", Counter(objects=2))
    assert report.read_text() == '{"uri": "a"}\n{"uri": "b"}\n'


def test_a_report_of_another_run_would_be_written_over(path: Path) -> None:
    report = path.parent.parent / "report.jsonl"
    report.write_text("mine\n")
    with pytest.raises(Misconfigured, match="has lines of another run: name another file"):
        Journal(path, TASK, report).__enter__()
    assert report.read_text() == "mine\n"


def test_a_run_would_go_on_without_its_report_or_with_half_of_it(path: Path) -> None:
    report = path.parent.parent / "report.jsonl"
    _stopped(path, report=report)
    with pytest.raises(Misconfigured, match=r"began with --report .*: go on with the same, or remove"):
        Journal(path, TASK).__enter__()
    os.truncate(report, 3)
    with pytest.raises(Misconfigured, match="is shorter than the checkpoint"):
        Journal(path, TASK, report).__enter__()


def test_a_checkpoint_would_grow_with_the_bucket(path: Path) -> None:
    with Journal(path, TASK) as journal:
        journal.save("a", Counter({"objects": 1, "state:labelled": 1}))
        small = path.stat().st_size
        journal.save("a", Counter({"objects": 10**12, "state:labelled": 10**12}))
        assert path.stat().st_size < small + 50


def test_runs_of_two_places_or_indexes_would_share_a_checkpoint() -> None:
    environ = {"XDG_STATE_HOME": "/state"}
    paths = [
        default_path(TASK, environ),
        default_path(replace(TASK, place="oss://photos/a"), environ),
        default_path(replace(TASK, source="inventory oss://x/manifest.json 5D"), environ),
        default_path(replace(TASK, command="reconcile --repair"), environ),
        default_path(replace(TASK, index="sqlite:////home/me/photos.db"), environ),
        default_path(replace(TASK, index="sqlite:////home/me/\udcff.db"), environ),
    ]
    assert len(set(paths)) == len(paths)
    assert all(path.parent == Path("/state/imagelabels") for path in paths)
    assert default_path(TASK, {"HOME": "/home/me"}).parent == Path("/home/me/.local/state/imagelabels")
