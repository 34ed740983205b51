"""`imagelabels export` over rows in memory, and the file that it writes."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.api.streaming import Streamed
from imagelabels.cli.commands import export
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.query import LeftOut, Page, Query
from tests.api.world import MemoryIndex, Site, seen

FORMULA = '=HYPERLINK("http://evil.example","x")'


class Exporting:
    """The command over a site, and what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.site, self._capsys = Site(), capsys
        self.out = self.err = ""

    def __call__(self, *words: str) -> int:
        status = export.run(export.command().parsed(*words), lambda url: self.site.services.gallery)
        self.out, self.err = self._capsys.readouterr()
        return status


class Watched(MemoryIndex):
    """Calls `then` before the second page is read."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self._then = then

    def search(self, query: Query) -> Page:
        if query.page:
            self._then()
        return super().search(query)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Exporting:
    return Exporting(capsys)


def many(site: Site, count: int = 1_234) -> None:
    for number in range(count):
        site.has(f"{number:04}.jpg", seen("dog" if number % 2 else "cat"))


def fail() -> None:
    raise Unavailable("the index cannot be asked")


def test_a_picture_would_be_missing_or_be_there_twice(run: Exporting) -> None:
    many(run.site)
    assert run("dog") == 0
    uris = [json.loads(line)["uri"] for line in run.out.splitlines()]
    assert uris == [f"oss://photos/{number:04}.jpg" for number in range(1, 1_234, 2)]
    assert run.err == "617 pictures were written\n"


@pytest.mark.parametrize("export_format", ["csv", "jsonl"])
def test_an_export_would_differ_from_that_of_the_api(run: Exporting, tmp_path: Path, export_format: str) -> None:
    many(run.site, 700)
    run.site.has("<b>\n,\"'\u202e.jpg", replace(seen("user:x"), name=FORMULA))
    assert run("--format", export_format, "--output", str(tmp_path / "out")) == 0
    body = run.site.get(f"/v1/export?format={export_format}").body
    assert isinstance(body, Streamed)
    assert (tmp_path / "out").read_bytes() == b"".join(part.body for part in body.parts)


def test_a_cell_would_be_taken_for_a_formula(run: Exporting, tmp_path: Path) -> None:
    run.site.has("x.jpg", replace(seen("user:x"), name=FORMULA))
    assert run("--format", "csv", "--output", str(tmp_path / "out.csv")) == 0
    (row,) = csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(), newline=""))
    assert row["labels"] == f"'{FORMULA}"


def test_an_export_that_breaks_off_would_leave_a_half_written_file(run: Exporting, tmp_path: Path) -> None:
    run.site = Site(index=Watched(fail))
    many(run.site)
    (tmp_path / "old.csv").write_text("the export of yesterday")
    for name in ("new.csv", "old.csv"):
        assert run("--output", str(tmp_path / name)) == 1
        assert "the index cannot be asked" in run.err
        assert f"{name} was not written" in run.err
    assert [path.name for path in tmp_path.iterdir()] == ["old.csv"]
    assert (tmp_path / "old.csv").read_text() == "the export of yesterday"


def test_an_interrupt_would_leave_a_half_written_file(run: Exporting, tmp_path: Path) -> None:
    def interrupt() -> None:
        (part,) = tmp_path.iterdir()
        assert part.name.startswith(".out.csv.")
        raise KeyboardInterrupt

    run.site = Site(index=Watched(interrupt))
    many(run.site)
    with pytest.raises(KeyboardInterrupt):
        run("--output", str(tmp_path / "out.csv"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_system_that_ends_the_program_would_leave_a_hidden_part(
    run: Exporting, tmp_path: Path, number: signal.Signals
) -> None:
    before = signal.signal(number, signal.SIG_DFL)  # Whoever started the tests may have them ignore it.

    def end() -> None:
        (part,) = tmp_path.iterdir()
        assert part.name.startswith(".out.csv.")
        signal.raise_signal(number)

    run.site = Site(index=Watched(end))
    many(run.site)
    try:
        with pytest.raises(SystemExit, match=f"{128 + number}"):
            run("--output", str(tmp_path / "out.csv"))
        assert list(tmp_path.iterdir()) == []
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_a_program_that_ignores_a_closed_terminal_would_be_ended_by_it(run: Exporting, tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        run.site = Site(index=Watched(lambda: signal.raise_signal(signal.SIGHUP)))
        many(run.site)
        assert run("--output", str(tmp_path / "out.csv")) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_was_printed_would_look_whole_though_it_broke_off(run: Exporting) -> None:
    run.site = Site(index=Watched(fail))
    many(run.site)
    assert run() == 1
    assert len(run.out.splitlines()) == 500
    assert "not whole" in run.err


def test_rows_that_cannot_be_read_would_be_left_out_without_a_word(run: Exporting) -> None:
    many(run.site, 3)
    search = run.site.index.search
    damaged = (LeftOut("oss://photos/x", None),)
    run.site.index.search = lambda query: replace(search(query), left_out=damaged)  # type: ignore[method-assign]
    assert run() == 1
    assert "1 row cannot be read and is not in it" in run.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_key_of_a_stranger_in_a_csv_would_make_the_terminal_obey(
    run: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.site.has("evil\x1b[2J\u202e.jpg", seen("dog"))
    terminal = Terminal()
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", terminal)
        assert run("--format", "csv") == 0
    assert "evil\\x1b[2J\\u202e.jpg" in terminal.getvalue()
    assert terminal.getvalue().replace("\n", "").isprintable()


def test_a_reader_that_goes_away_midway_would_be_met_with_a_complaint(
    run: Exporting, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    many(run.site, 3)
    with open(writing, "w") as pipe, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", pipe)
        with pytest.raises(BrokenPipeError):
            run()
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["dog:7"], "0 to 1"),
        (["x" * 10_001], "10,000"),
        (["--output", "{}/nowhere/out.csv"], "No such file"),
        (["--output", "{}"], "directory"),
    ],
)
def test_an_export_that_cannot_be_meant_would_write_something(
    run: Exporting, tmp_path: Path, words: list[str], says: str
) -> None:
    run.site.has("a.jpg", seen("dog"))
    assert run(*(word.format(tmp_path) for word in words)) == 2
    assert (run.out, list(tmp_path.iterdir())) == ("", [])
    assert says in run.err


def test_a_misspelt_word_would_make_an_empty_export_that_nobody_explains(run: Exporting) -> None:
    assert run("elefant") == 0
    assert (run.out, run.err.splitlines()) == (
        "",
        ["0 pictures were written", "nothing is called elefant: did you mean elephant?"],
    )


def test_an_export_would_lose_the_permissions_of_the_file_that_it_replaces(run: Exporting, tmp_path: Path) -> None:
    run.site.has("a.jpg", seen("dog"))
    (tmp_path / "real.jsonl").write_text("old")
    (tmp_path / "real.jsonl").chmod(0o640)
    (tmp_path / "link.jsonl").symlink_to("real.jsonl")
    assert run("--output", str(tmp_path / "link.jsonl")) == 0
    assert (tmp_path / "link.jsonl").is_symlink()
    assert (tmp_path / "real.jsonl").stat().st_mode & 0o777 == 0o640
    assert len((tmp_path / "real.jsonl").read_text().splitlines()) == 1


def test_a_device_would_be_replaced_by_a_file(run: Exporting) -> None:
    run.site.has("a.jpg", seen("dog"))
    assert run("--output", os.devnull) == 0
    assert not Path(os.devnull).is_file()
