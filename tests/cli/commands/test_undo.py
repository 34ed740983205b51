"""`imagelabels undo` over a bucket in memory and a real index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels.cli import walk_line
from imagelabels.cli.commands import correct, undo
from imagelabels.cli.main import main
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import ObjectRef
from tests.site import Commands, at_a_terminal, commands


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    with commands(tmp_path, capsys) as ready:
        for key, content in (("a/1.jpg", "cat"), ("a/2.jpg", "dog"), ("a/gone.jpg", "car"), ("b/1.jpg", "cat")):
            ready.put(key, content, tags={"trip": "x"})
        ready.world.objects.there.pop("oss://photos/a/gone.jpg")
        yield ready


def test_undo_takes_back_tags_and_rows_below_the_prefix_and_nothing_else(run: Commands) -> None:
    told = run.json(undo, "oss://photos/a/", "--yes")
    assert told == {
        "prefix": "oss://photos/a/",
        "foreseen": False,
        "objects": 3,
        "undone": 3,
        "tags": 2,
        "rows": 3,
        "corrected": 0,
        "failed": {},
    }
    tags = {uri: there.tags for uri, there in run.world.objects.there.items()}
    assert tags == {
        "oss://photos/a/1.jpg": {"trip": "x"},
        "oss://photos/a/2.jpg": {"trip": "x"},
        "oss://photos/b/1.jpg": {"trip": "x", "label:cat": "mammal"},
    }
    assert run.json(undo, "oss://photos/a/", "--yes")["objects"] == 2


def test_a_dry_run_counts_the_same_and_writes_nothing(run: Commands) -> None:
    before = {uri: dict(there.tags) for uri, there in run.world.objects.there.items()}
    planned = run.json(undo, "oss://photos/a/", "--dry-run")
    assert run.worker is not None
    assert set(run.worker.wire.calls) == {"objects.list", "ledger.row", "objects.head", "objects.tags"}
    assert {uri: there.tags for uri, there in run.world.objects.there.items()} == before
    assert planned | {"foreseen": False} == run.json(undo, "oss://photos/a/", "--yes")


def test_a_person_reads_where_and_how_many_in_lines_of_80_columns(run: Commands) -> None:
    assert run(undo, "oss://photos", "--dry-run") == 0
    assert run.out.splitlines() == [
        "oss://photos/",
        "  4 of 4 objects would be undone: 3 tags and 4 rows would be removed",
        "    oss://photos/a/1.jpg",
        "    oss://photos/a/2.jpg",
        "    oss://photos/a/gone.jpg",
        "    and 1 more",
    ]
    assert run(undo, "oss://photos", "--yes") == 0
    assert run.out == "oss://photos/\n  4 of 4 objects were undone: 3 tags and 4 rows were removed\n"


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "yess\n"])
def test_a_person_who_does_not_say_yes_keeps_everything(
    run: Commands, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {uri: dict(there.tags) for uri, there in run.world.objects.there.items()}
    err = at_a_terminal(answer, monkeypatch)
    assert run(undo, "oss://photos/a/") == 1
    assert "3 of 3 objects would be undone" in run.out
    assert "Undo this? [y/N] " in err.getvalue()
    assert "nothing was written" in err.getvalue()
    assert {uri: there.tags for uri, there in run.world.objects.there.items()} == before
    assert run.world.state(ObjectRef("oss", "photos", "a/1.jpg")) == "labelled"


def test_a_person_who_says_yes_is_asked_once_and_it_is_done(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal("Y\n", monkeypatch)
    assert run(undo, "oss://photos/a/") == 0
    assert "3 of 3 objects were undone" in run.out
    assert run(undo, "oss://photos/a/nothing") == 0  # nobody is asked about nothing


def test_corrections_that_would_go_are_said_loudly_and_named_first(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(correct, "oss://photos/b/1.jpg", "--add", "my boat") == 0
    at_a_terminal("n\n", monkeypatch)
    assert run(undo, "oss://photos/") == 1
    lines = run.out.splitlines()
    assert lines[2] == "    oss://photos/b/1.jpg"
    assert lines[-1] == "ATTENTION: 1 of them holds corrections by a person, which go too"
    assert run(undo, "oss://photos/", "--yes") == 0
    assert run.out.endswith("ATTENTION: 1 of them holds corrections by a person, which went too\n")


def test_without_a_terminal_and_without_yes_nothing_is_undone(run: Commands) -> None:
    assert run(undo, "oss://photos/a/") == 2
    assert "--yes" in run.err
    assert "--dry-run" in run.err
    assert run.out == ""
    assert run.world.state(ObjectRef("oss", "photos", "a/1.jpg")) == "labelled"


def test_what_fails_is_named_the_rest_is_done_and_the_same_command_goes_on(run: Commands) -> None:
    run.world.objects.tag_writes_fail = [Unavailable("throttled", "slow\x1bdown")]
    assert run(undo, "oss://photos/a/", "--yes") == 1
    assert "oss://photos/a/1.jpg: throttled: slow\\x1bdown\n" in run.err
    assert "1 objects failed: run it again" in run.err
    assert "2 of 3 objects were undone" in run.out
    run.world.wait(60)
    assert "1 of 2 objects were undone: 1 tag and 1 row" in (run(undo, "oss://photos/a/", "--yes"), run.out)[1]


def test_long_work_says_how_far_it_is(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk_line, "SELDOM", 0.0)
    run(undo, "oss://photos/", "--yes")
    assert [line.split(", ")[0] for line in run.err.splitlines()] == [f"{number} objects" for number in (1, 2, 3, 4)]


@pytest.mark.parametrize("prefix", ["photos/a", "file://x", "oss://", "s3://bucket/", ""])
def test_what_is_no_prefix_of_a_store_we_write_to_is_refused(prefix: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["undo", prefix]) == 2
    assert "does not begin like a URI" in capsys.readouterr().err


ALIBABA = ("FC_REGION", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET")
TENCENT = ("TENCENTCLOUD_REGION", "TENCENTCLOUD_SECRETID", "TENCENTCLOUD_SECRETKEY")


@pytest.mark.parametrize(
    ("prefix", "missing"),
    [("oss://photos/", name) for name in (*ALIBABA, "IMAGELABELS_INDEX")] + [("cos://photos-1/", n) for n in TENCENT],
)
def test_a_setting_that_is_missing_is_named(
    prefix: str, missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from imagelabels import wiring

    monkeypatch.setenv("IMAGELABELS_INDEX", f"sqlite:///{tmp_path}/labels.db")
    monkeypatch.setenv("IMAGELABELS_DETECTOR", "embedded")
    assert main(["index", "create"]) == 0
    for name in ALIBABA + TENCENT:
        monkeypatch.setenv(name, "cn-hangzhou" if name.endswith("REGION") else "x")
    monkeypatch.delenv(missing)
    wiring._built.cache_clear()
    assert main(["undo", prefix, "--yes"]) == 2
    assert missing in capsys.readouterr().err


def test_an_index_that_is_not_there_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGELABELS_INDEX", f"sqlite:///{tmp_path}/mistyped.db")
    assert main(["undo", "oss://photos/", "--yes"]) == 2
    assert list(tmp_path.iterdir()) == []


def test_an_error_that_ends_the_walk_says_how_much_was_done_before(
    run: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*place: str) -> Iterator[Listed]:
        raise Misconfigured("the key may not list the bucket")

    monkeypatch.setattr(run.world.objects, "list", refused)
    with pytest.raises(Misconfigured):
        run(undo, "oss://photos/a/", "--yes")
    assert "stopped: 0 objects are done; the same command goes on from there" in capsys.readouterr().err
