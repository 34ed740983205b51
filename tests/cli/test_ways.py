"""The options that send a backfill through a function or to a cluster."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from imagelabels.cli.commands import backfill
from imagelabels.cli.ways import through
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.tasks import TaskState, TaskStatus
from imagelabels.ports.invoker import Invoker
from imagelabels.roles import FunctionPlatform
from imagelabels.usecases.walk import share
from imagelabels.wiring_commands import Billing, LabelingHere
from tests.invoking import FakeInvoker
from tests.throughs import FUNCTION, Platform, ThroughBucket, written

BILLING = Billing("imm", "imm-image-label", "aliyun", "sqlite", "0.01 USD", None)


class Run:
    """Runs the command over a bucket and a function in memory."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], executor: ThreadPoolExecutor) -> None:
        self.bucket = ThroughBucket(folder)
        self.bucket.fill(20)
        self.bucket.deployed()
        self._capsys, self._executor = capsys, executor
        self.invoker: FakeInvoker = self.bucket.platform
        self.asked: list[tuple[str, str | None]] = []
        self.out = self.err = ""

    def connect(self, scheme: str, name: str | None) -> tuple[FunctionPlatform, Invoker]:
        def event(refs: Any, request: str | None = None) -> bytes:
            return written(refs, request or "")

        self.asked.append((scheme, name))
        return FunctionPlatform("fc", "NAME", "a function", lambda session: self.invoker, event), self.invoker

    def __call__(self, *words: str) -> int:
        def opened(scheme: str, concurrency: int, rate: int | None) -> LabelingHere:
            return LabelingHere(self.bucket.world.worker().labeler, self._executor, 1, "memory")

        arguments = backfill.command().parsed("oss://photos/", "--yes", *words)
        try:
            return backfill.run(arguments, opened, lambda scheme: BILLING, self.connect)
        finally:
            self.out, self.err = self._capsys.readouterr()


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    with ThreadPoolExecutor(1) as executor:
        yield Run(tmp_path, capsys, executor)


def test_a_function_would_not_get_the_objects_or_nobody_would_learn_what_it_did(run: Run) -> None:
    assert run("--through", "fc", "--format", "json") == 0
    told = json.loads(run.out)
    assert (told["objects"], told["states"], told["paid_calls"]) == (20, {"labelled": 16, "skipped": 4}, 14)
    assert run.asked == [("oss", "fc")]
    assert [len(batch) for batch in run.bucket.batches] == [0, 20]


def test_a_limit_would_not_hold_for_a_function(run: Run) -> None:
    assert run("--through", "fc", "--max-calls", "3", "--format", "json") == 3
    assert json.loads(run.out)["stopped_by"] == "limit"
    assert len(run.bucket.world.detector.asked) == 3


def test_a_function_that_is_not_there_would_be_sent_objects(run: Run) -> None:
    with pytest.raises(Misconfigured, match="there is no function 'elsewhere'"):
        run("--through", "fc", "--function", "elsewhere")
    run.invoker = Platform({FUNCTION: lambda event: "hello"})
    with pytest.raises(Misconfigured, match="no function of imagelabels"):
        run("--through", "fc")
    assert not run.invoker.tasks


def test_ctrl_c_would_leave_what_is_under_way_or_wait_for_it_in_silence(run: Run) -> None:
    state = run.bucket.platform.state

    def pressed(function: str, task_id: str) -> TaskState:
        os.kill(os.getpid(), signal.SIGINT)
        run.bucket.platform.state = state  # type: ignore[method-assign]
        return TaskState(TaskStatus.RUNNING)

    run.bucket.platform.state = pressed  # type: ignore[method-assign]
    for number in range(100, 1500):
        run.bucket.put(f"{number}.jpg", "same")
    run.bucket.world.wait(2)
    with pytest.raises(KeyboardInterrupt):
        run("--through", "fc")
    assert "waiting for what is under way elsewhere; Ctrl-C again stops that too" in run.err
    assert "the same command goes on from there" in run.err
    assert all(state.status.is_over for state in run.bucket.platform.tasks.values())
    sent = sum(map(len, run.bucket.batches))
    assert 0 < sent <= 1000
    assert run("--through", "fc", "--format", "json") == 0
    assert json.loads(run.out)["objects"] == 1420
    assert sum(map(len, run.bucket.batches)) == 1420


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--through", "fc", "--max-calls", "0"), "--max-calls 0 goes without --through"),
        (("--through", "fc", "--rate", "5"), "IMAGELABELS_RATE"),
    ],
)
def test_options_that_do_not_fit_together_would_be_forgotten(run: Run, words: tuple[str, ...], said: str) -> None:
    assert run(*words) == 2
    assert said in run.err


def test_a_cluster_that_is_not_there_or_not_installed_would_end_in_a_traceback(run: Run) -> None:
    with pytest.raises(Misconfigured, match=r"imagelabels\[cluster\]|no Dask scheduler answers"):
        run("--through", "dask://127.0.0.1:1")


def test_a_way_that_is_none_would_be_taken_for_one() -> None:
    assert [through(word) for word in ("fc", "fc2", "scf", "dask://host:8786")] == [
        "fc",
        "fc2",
        "scf",
        "dask://host:8786",
    ]
    for wrong in ("", "lambda", "dask://", "dask://host", "dask://user@host:1", "tcp://host:8786", "dask://host:x"):
        with pytest.raises(ValueError, match="dask://HOST:PORT"):
            through(wrong)


def test_the_shares_would_have_a_key_twice_or_not_at_all() -> None:
    listed = [(f"{n}", Listed(ObjectRef("oss", "photos", f"{n}"), "", 0)) for n in range(1000)]
    shares = [[at for at, _ in share(f"{part}/7").of(lambda after: iter(listed))("")] for part in range(7)]
    assert sorted(at for one in shares for at in one) == sorted(at for at, _ in listed)
    assert min(map(len, shares)) > 90
    for wrong in ("", "1", "7/7", "-1/7", "0/0", "0/10001", "a/b", "1/2/3", "0/7 "):
        with pytest.raises(ValueError, match="is not I/N"):
            share(wrong)


def test_two_shares_would_use_one_checkpoint(run: Run) -> None:
    counts = []
    for part in range(3):
        assert run("--slice", f"{part}/3", "--format", "json") == 0
        counts.append(json.loads(run.out)["objects"])
    assert sum(counts) == 20
    assert max(counts) < 20
