"""Random steps on the emulated object stores, judged by moto."""

from __future__ import annotations

import itertools
import os
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.emulator.judge.cos import Cos
from tests.emulator.judge.judged import Judged
from tests.emulator.judge.machine import machine
from tests.emulator.judge.oss import Oss
from tests.emulator.judge.s3 import S3, judge
from tests.emulator.running import Running, RunningCos, running_cos, running_oss

pytestmark = pytest.mark.story

RUNS, STEPS = int(os.environ.get("JUDGE_RUNS", "4")), 50
"""`make judge` sets many more runs."""
BOUNDED = settings(
    max_examples=RUNS,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize="JUDGE_RUNS" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def judged_oss(running: Running, stack: ExitStack, name: str) -> tuple[Judged, S3, int]:
    running.store.create_bucket(name)
    return Oss(running.bucket(name)), stack.enter_context(judge(name, 100 * 1024)), 100 * 1024


def judged_cos(running: RunningCos, stack: ExitStack, name: str) -> tuple[Judged, S3, int]:
    bucket = f"{name}-1250000000"
    running.store.create_bucket(bucket, "STANDARD")
    return Cos(running.client(), bucket), stack.enter_context(judge(bucket, 1024 * 1024)), 1024 * 1024


def test_oss_answers_as_the_judge_does_or_differs_as_its_pages_say() -> None:
    names = (f"run-{number}" for number in itertools.count())
    with TemporaryDirectory() as folder, running_oss(Path(folder)) as running:
        steps = machine("oss", lambda stack: judged_oss(running, stack, next(names)))
        run_state_machine_as_test(steps, settings=BOUNDED)


def test_cos_answers_as_the_judge_does_or_differs_as_its_pages_say() -> None:
    names = (f"run-{number}" for number in itertools.count())
    with TemporaryDirectory() as folder, running_cos(Path(folder)) as running:
        steps = machine("cos", lambda stack: judged_cos(running, stack, next(names)))
        run_state_machine_as_test(steps, settings=BOUNDED)
