"""`imagelabels outcomes` over a real index."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imagelabels.cli.commands import outcomes
from imagelabels.cli.main import main
from imagelabels.domain.budget import Limits
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.tally import DetectorSpending
from imagelabels.views.outcomes import count_rows
from tests.site import Commands, commands

LIMITS = Limits(per_day=100, total=2, per_second=5)


class Listing:
    """The command over a world."""

    def __init__(self, site: Commands, capsys: pytest.CaptureFixture[str]) -> None:
        self.site, self.world, self._capsys = site, site.world, capsys
        self.out = self.err = ""
        self.limits = LIMITS

    def __call__(self, *arguments: str) -> int:
        def books(url: str | None) -> outcomes.Books:
            return outcomes.Books(self.site.index, self._spending, lambda: self.world.clock.store)

        status = outcomes.run(outcomes.command().parsed(*arguments), books)
        self.out, self.err = self._capsys.readouterr()
        return status

    def _spending(self, now: float) -> list[DetectorSpending]:
        return [DetectorSpending("fake", self.world.ledger.spending("fake", now), self.limits)]

    def json(self, *arguments: str) -> list[Any]:
        assert self(*arguments, "--format", "json") == 0
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Listing]:
    with commands(tmp_path, capsys) as site:
        listing = Listing(site, capsys)
        for key in ("1.jpg", "2.jpg", "3.jpg", "4.jpg"):
            ref = ObjectRef("oss", "photos", key)
            site.world.user_puts(ref, key)()
            site.world.wait(2)
            worker = site.world.worker()
            worker.labeler = replace(worker.labeler, limits=LIMITS)
            worker.gets(ref)
        yield listing


def test_pictures_are_listed_with_state_and_reason_newest_first(run: Listing) -> None:
    assert run() == 0
    lines = [line.split("\t") for line in run.out.splitlines()]
    assert [line[:2] for line in lines] == [
        ["oss://photos/4.jpg", "parked: budget"],
        ["oss://photos/3.jpg", "parked: budget"],
        ["oss://photos/2.jpg", "labelled"],
        ["oss://photos/1.jpg", "labelled"],
    ]
    assert run("--state", "parked", "--limit", "1") == 0
    assert run.out.startswith("oss://photos/4.jpg\tparked: budget\t20")
    assert len(run.out.splitlines()) == 1
    assert run.err == "there are more than 1: --limit N lists more of them\n"
    assert run("--limit", "4") == 0
    assert run.err == ""


def test_what_is_not_done_is_listed_by_uri_with_what_died(run: Listing) -> None:
    ref = ObjectRef("oss", "photos", "0.jpg")
    run.world.user_puts(ref, "new")()
    run.world.worker().dies_before("detector.detect").gets(ref)
    run.world.wait(300)
    rows = run.json("--state", "unfinished")
    assert [(row["uri"], row["state"], row["reason"]) for row in rows] == [
        ("oss://photos/0.jpg", None, None),
        ("oss://photos/3.jpg", "parked", "budget"),
        ("oss://photos/4.jpg", "parked", "budget"),
    ]
    assert [row["uri"] for row in run.json("--state", "unfinished", "--reason", "budget", "--limit", "1")] == [
        "oss://photos/3.jpg"
    ]


def test_a_command_that_knows_no_limit_does_not_say_that_the_function_has_none(run: Listing) -> None:
    run.limits = Limits()
    assert run("--count") == 0
    assert "2\tcalls to fake in all, no limit is set here" in run.out.splitlines()


def test_counts_go_by_state_and_reason_and_show_the_budgets_and_holds(run: Listing) -> None:
    run.world.ledger.hold("fake", "oss://photos", "detector_unbound", 1_700_000_600)
    assert run("--count") == 0
    assert run.out.splitlines() == [
        "2\tlabelled",
        "2\tparked: budget",
        "2\tcalls to fake in all, of 2, which is spent",
        "2\tcalls to fake today, of 100",
        "hold\tfake on oss://photos: detector_unbound, until 2023-11-14 22:23:20Z",
    ]
    (told,) = run.json("--count", "--state", "parked")
    assert told["counts"] == [{"state": "parked", "reason": "budget", "rows": 2}]
    (budget,) = told["budgets"]
    assert (budget["calls"], budget["calls_limit"], budget["holds"][0]["reason"]) == (2, 2, "detector_unbound")


def test_a_collector_of_prometheus_reads_counts_budgets_and_holds(run: Listing) -> None:
    run.world.ledger.hold("fake", "oss://photos", "detector_unbound", 1_700_000_600)
    assert run("--format", "prometheus") == 0
    samples = [line for line in run.out.splitlines() if not line.startswith("#")]
    assert samples == [
        'imagelabels_pictures{state="labelled",reason=""} 2',
        'imagelabels_pictures{state="parked",reason="budget"} 2',
        'imagelabels_unfinished_pictures{bucket="oss://photos",state="parked",reason="budget"} 2',
        'imagelabels_detector_calls_total{detector="fake"} 2',
        'imagelabels_detector_calls_today{detector="fake"} 2',
        'imagelabels_detector_calls_limit{detector="fake",period="total"} 2',
        'imagelabels_detector_calls_limit{detector="fake",period="day"} 100',
        'imagelabels_detector_calls_limit{detector="fake",period="second"} 5',
        'imagelabels_detector_held_until_seconds{detector="fake",bucket="oss://photos",reason="detector_unbound"}'
        " 1700000600",
    ]
    assert run.out.count("# TYPE ") == run.out.count("# HELP ") == 6
    assert run.out.endswith("\n")


def test_a_question_that_makes_no_sense_is_refused(run: Listing) -> None:
    assert run("--state", "unfinished", "--count") == 2
    assert "unfinished" in run.err
    for question in (("oss://photos/",), ("--state", "parked"), ("--reason", "budget"), ("--since", "2026-01-01")):
        assert run(*question, "--format", "prometheus") == 2
        assert "--format prometheus counts all" in run.err


def test_a_reason_that_is_mistyped_is_not_taken_for_one_that_no_picture_has(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for command in (["outcomes"], ["redrive", "oss://photos/"]):
        assert main([*command, "--reason", "forbiden"]) == 2
        assert "did you mean forbidden?" in capsys.readouterr().err


def test_nothing_is_said_so_and_is_no_error(run: Listing) -> None:
    assert run("oss://other/") == 0
    assert (run.out, run.err) == ("", "no picture matches\n")


def test_on_a_terminal_the_uri_stands_alone_so_that_it_can_be_copied(
    run: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert run("--limit", "1") == 0
    assert run.out.splitlines()[0] == "oss://photos/4.jpg"
    assert run.out.splitlines()[1].startswith("    parked: budget, 20")


def test_a_wrong_index_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGELABELS_INDEX", f"sqlite:///{tmp_path}/none.db")
    assert main(["outcomes", "--count"]) == 2


def test_counts_of_parked_pictures_by_bucket_leave_out_buckets_where_all_is_done(run: Listing) -> None:
    other = ObjectRef("oss", "photos2", "a")
    run.world.user_puts(other, "x")()
    run.world.worker().fails("objects.tags", Misconfigured("no", "forbidden")).gets(other)
    done = ObjectRef("oss", "photos3", "a")
    run.world.user_puts(done, "y")()
    run.world.worker().gets(done)
    assert run("--format", "prometheus") == 0
    by_bucket = [line for line in run.out.splitlines() if line.startswith("imagelabels_unfinished_pictures{")]
    assert [line.split('"')[1] for line in by_bucket] == ["oss://photos", "oss://photos2"]


def test_times_are_written_as_search_and_why_write_them(run: Listing) -> None:
    assert run("--limit", "1") == 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", run.out.splitlines()[0].split("\t")[2])


def test_a_list_that_is_cut_short_says_so_also_where_work_is_not_done(run: Listing) -> None:
    assert run("--state", "unfinished", "--limit", "1") == 0
    assert "there are more than 1" in run.err
    assert run("--state", "unfinished", "--limit", "2") == 0
    assert run.err == ""


def test_until_leaves_out_what_was_written_then_or_later(run: Listing) -> None:
    rows = run.json()
    assert [row["uri"] for row in run.json("--until", rows[1]["updated_at"])] == [row["uri"] for row in rows[2:]]
    assert run("--since", "2026-11-29", "--until", "2026-11-28") == 2
    assert "--until must be later" in run.err


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "prometheus", "--count"),
        ("--format", "prometheus", "--limit", "20"),
        ("--format", "prometheus", "--until", "2026-11-28"),
        ("--count", "--limit", "3"),
        ("--count", "--until", "2026-11-28"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(run: Listing, words: tuple[str, ...]) -> None:
    assert run(*words) == 2
    assert "goes with no" in run.err or "does not go with" in run.err
    assert run.out == ""


@pytest.mark.parametrize("command", [("outcomes", "s3://x/"), ("search", "--prefix", "s3://x/")])
def test_a_store_that_we_do_not_know_is_refused_and_not_taken_for_an_empty_one(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 2
    assert "s3://x/ does not begin like a URI" in capsys.readouterr().err


def test_one_call_is_a_call(run: Listing) -> None:
    assert run.world.ledger.take("other", "oss://photos", run.world.clock.store) is None
    spending = [DetectorSpending("other", run.world.ledger.spending("other", run.world.clock.store), Limits())]
    assert next(text for _, text in count_rows((), spending)) == "call to other in all, no limit is set here"
