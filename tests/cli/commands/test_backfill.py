"""`imagelabels backfill` over a bucket in memory."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from imagelabels.cli.commands import backfill
from imagelabels.cli.main import main
from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.wiring_commands import Billing, LabelingHere
from tests.backfilling import Bucket
from tests.site import Leaving, at_a_terminal
from tests.world import Worker

BILLING = Billing("imm", "imm-image-label", "aliyun", "sqlite", "0.01 USD", None)


class Run:
    """Runs the command in this process, with one thread, since the fakes are not made for several."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], executor: ThreadPoolExecutor) -> None:
        self.bucket, self.folder, self._capsys, self._executor = Bucket(folder).fill(20), folder, capsys, executor
        self.out = self.err = ""
        self.worker: Worker | None = None
        self.prepare: list[Any] = []
        self.check: Callable[[], None] = lambda: None

    def __call__(self, *words: str, billing: Billing = BILLING) -> int:
        def opened(scheme: str, concurrency: int, rate: int | None) -> LabelingHere:
            self.worker = self.bucket.world.worker()
            for step in self.prepare:
                step(self.worker)
            return LabelingHere(self.worker.labeler, self._executor, 1, "memory", self.check)

        arguments = backfill.command().parsed("oss://photos/", *words)
        try:
            return backfill.run(arguments, opened, lambda scheme: billing)
        finally:
            self.out, self.err = self._capsys.readouterr()

    @property
    def asked(self) -> int:
        return len(self.bucket.world.detector.asked)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    with ThreadPoolExecutor(1) as executor:
        yield Run(tmp_path, capsys, executor)


def test_a_person_would_not_learn_what_was_done_and_paid(run: Run) -> None:
    assert run("--yes") == 0
    assert run.out.splitlines() == [
        "oss://photos/",
        "  20 objects, 0 of them done before: 16 labelled, 4 skipped",
        "  14 paid calls, 0.1400 USD",
    ]
    assert run("--yes") == 0
    assert run.out.splitlines()[1:] == [
        "  20 objects, 20 of them done before: 16 labelled, 4 skipped",
        "  0 paid calls, 0.0000 USD",
    ]


def test_a_program_would_not_learn_it(run: Run) -> None:
    assert run("--max-calls", "3", "--format", "json") == 3
    assert json.loads(run.out) == {
        "prefix": "oss://photos/",
        "objects": 3,
        "fates": {"ask": 3},
        "states": {"labelled": 3},
        "reasons": {},
        "paid_calls": 3,
        "cost": "0.0300 USD",
        "stopped_by": "limit",
    }
    assert run("--max-calls", "14", "--format", "json") == 0
    told = json.loads(run.out)
    assert (told["objects"], told["paid_calls"], told["stopped_by"]) == (20, 14, None)
    assert "going on with a run that did not end behind 0002.jpg: 3 objects are done" in run.err


@pytest.mark.parametrize(("cost", "calls"), [("0.05 USD", 5), ("0.059 USD", 5), ("0.00 USD", 0)])
def test_a_limit_of_money_would_be_exceeded(run: Run, cost: str, calls: int) -> None:
    assert run("--max-cost", cost) == 3
    assert run.asked == calls
    assert "stopped by --max-cost: the same command with a higher limit goes on" in run.out


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        ("5", "name a currency too, such as '2.50 USD'"),
        ("5 CNY", "5 CNY is in CNY, and IMAGELABELS_CALL_PRICE in USD; --price says what one call costs"),
        ("much", "much is not a number of calls"),
        ("-1 USD", "-1 USD is not"),
    ],
)
def test_an_amount_that_means_nothing_would_be_taken(run: Run, cost: str, said: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        run("--max-cost", cost)
    assert said in str(refused.value)
    assert run.asked == 0


def test_settings_with_which_no_call_can_succeed_would_be_tried_on_pictures(run: Run) -> None:
    def refuse() -> None:
        raise Misconfigured("there is no IMM project 'mistyped'", "detector_unbound")

    run.check = refuse
    with pytest.raises(Misconfigured, match="no IMM project"):
        run("--yes")
    assert (run.asked, run.bucket.world.ledger.there) == (0, {})  # type: ignore[attr-defined]


def test_it_would_pay_without_having_been_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run() == 2
    assert "give --yes to write without a question" in run.err
    at_a_terminal("n\n", monkeypatch)
    assert run() == 1
    assert run.asked == 0
    assert "20 objects" in run.out
    err = at_a_terminal("y\n", monkeypatch)
    assert run() == 0
    assert "Begin, and pay for at most" in err.getvalue()
    assert run.asked == 14


def test_a_person_would_be_asked_to_pay_for_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("--yes") == 0
    err = at_a_terminal("", monkeypatch)
    assert run() == 0
    assert "Begin, and pay" not in err.getvalue()


def test_a_run_that_only_asked_would_be_gone_on_with(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal("n\n", monkeypatch)
    assert run() == 1
    err = at_a_terminal("y\n", monkeypatch)
    assert run() == 0
    assert "going on" not in err.getvalue()


@pytest.mark.parametrize(
    "words", [("--report", "r.jsonl"), ("--checkpoint", "c.json"), ("--max-calls", "3"), ("--max-cost", "1 USD")]
)
def test_a_dry_run_would_ignore_what_it_is_told(words: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backfill", "oss://b/", "--dry-run", *words]) == 2
    assert f"{words[0]} is for a run and not for --dry-run" in capsys.readouterr().err


def test_an_index_out_of_reach_would_be_tried_for_each_object(run: Run) -> None:
    run.prepare = [lambda worker: worker.fails("ledger.row", Unavailable("index_error", "the index does not answer"))]
    with pytest.raises(Unavailable, match="the index does not answer"):
        run("--yes")
    assert run.asked == 0


def test_ctrl_c_at_the_question_would_be_taken_for_a_yes_by_the_next_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal("", monkeypatch)
    monkeypatch.setattr(sys, "stdin", Leaving())
    with pytest.raises(KeyboardInterrupt):
        run()
    at_a_terminal("n\n", monkeypatch)
    assert run() == 1
    assert run.asked == 0


def test_a_run_with_a_limit_would_go_on_without_one_and_without_a_question(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("--max-calls", "3") == 3
    at_a_terminal("n\n", monkeypatch)
    assert run() == 1
    assert run.asked == 3
    err = at_a_terminal("y\n", monkeypatch)
    assert run() == 0
    assert "going on with a run" in err.getvalue()
    assert run.asked == 14


def test_a_run_that_a_person_has_agreed_to_would_ask_again(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal("y\n", monkeypatch)
    run.prepare = [lambda worker: worker.after("detector.detect", lambda: os.kill(os.getpid(), signal.SIGINT))]
    with pytest.raises(KeyboardInterrupt):
        run()
    run.prepare = []
    err = at_a_terminal("", monkeypatch)
    assert run() == 0
    assert "Begin, and pay" not in err.getvalue()
    assert run.asked == 14


def test_a_line_for_each_object_would_be_mixed_with_the_summary(run: Run) -> None:
    assert run("--yes", "--report", "-", "--format", "json") == 0
    lines = [json.loads(line) for line in run.out.splitlines()]
    assert [line["uri"].rpartition("/")[2] for line in lines] == run.bucket.keys
    assert "20 objects, 0 of them done before" in run.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["file:///home/me/"], "`imagelabels detect` labels files of this machine"),
        (["oss://b/", "--quick"], "--quick is for --dry-run alone"),
        (["oss://b/", "--function", "imagelabels-backfill"], "name its platform by --through"),
        (["oss://b/", "--function", "imagelabels-backfill", "--dry-run"], "name its platform by --through"),
        (["oss://b/", "--function", "f", "--through", "dask://127.0.0.1:1"], "name its platform by --through"),
        (["oss://b/", "--inventory", "cos://b-1/manifest.json"], "is in another store than oss://b/"),
        (["oss://b/", "--max-calls", "-1"], "-1 is not a number from 0 to"),
        (["oss://b/", "--max-calls", "many"], "many is not a number from 0 to"),
        (["oss://b/", "--concurrency", "0"], "0 is not a number from 1 to 64"),
        (["oss://b/", "--rate", "0"], "0 is not a number from 1 to 100000"),
        (["oss://b/", "--price", "5"], "5 is not an amount"),
    ],
)
def test_a_mistyped_command_would_begin(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backfill", *words]) == 2
    assert said in capsys.readouterr().err


def test_one_failure_after_the_other_would_fill_the_screen(run: Run) -> None:
    run.bucket.fill(100)
    run.bucket.world.detector.refuses = {f"{number:04}.jpg" for number in range(100)}
    run.bucket.world.objects.refuse_tags = True
    run.bucket.world.detector.fails = [Unavailable("timeout")] * 1000
    assert run("--yes") == 1
    assert len(run.err.splitlines()) <= 22
    assert "more of them are counted, and are in the report (--report)" in run.err
    assert "why some stand still:" in run.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_would_cut_an_object_off_in_the_middle_or_lose_what_is_done(run: Run, number: signal.Signals) -> None:
    run.prepare = [lambda worker: worker.after("detector.detect", lambda: os.kill(os.getpid(), number))]
    with pytest.raises(KeyboardInterrupt):
        run("--yes")
    assert "the same command goes on from there" in run.err
    assert "stopping: waiting for the objects that are under way" in run.err
    begun = run.asked
    assert 0 < begun < 14
    assert not any(row.lock for row in run.bucket.world.ledger.there.values())  # type: ignore[attr-defined]
    run.prepare = []
    assert run("--yes") == 0
    assert run.asked == 14


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("objects.list", Misconfigured("forbidden: give the user oss:ListObjects on photos")),
        ("objects.list", Unavailable("store_error", "the store does not answer")),
        ("ledger.rows", Misconfigured("no such table: run `imagelabels index create`")),
    ],
)
def test_what_keeps_it_from_everything_would_be_told_for_each_object(run: Run, call: str, error: LabelingError) -> None:
    run.prepare = [lambda worker: worker.fails(call, error, 100)]
    with pytest.raises(type(error), match=str(error).split(":", 1)[0]):
        run("--yes")
    assert run.asked == 0
    run.prepare = []
    assert run("--yes") == 0
