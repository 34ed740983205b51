"""Faults on demand strike the calls that start, look up and stop tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.functions.settings import Asynchronous, Settings
from imagelabels.domain.errors import Unavailable
from imagelabels.providers.aliyun.fc3.invoker import Fc3Invoker
from tests.contract.invokers import aliyun_keys
from tests.emulator.faults.running import emulated
from tests.emulator.invoking import deployed
from tests.emulator.running import ROOT


def test_a_start_whose_answer_is_lost_is_there_already_and_a_throttled_one_is_not(tmp_path: Path) -> None:
    function = deployed(tmp_path, "tasks", settings=Settings(Asynchronous((), tasks=True)))
    with emulated(tmp_path / "data", function) as running:
        invoker = Fc3Invoker(running.oss.endpoint, aliyun_keys(ROOT.secret))
        running.rules({"do": "cut_after", "service": "FC", "operation": "InvokeFunction", "times": 1})
        with pytest.raises(Unavailable):
            invoker.start("tasks", b"{}", "lost")
        assert invoker.start("tasks", b"{}", "lost").already_there
        for operation, call in (
            ("InvokeFunction", lambda: invoker.start("tasks", b"{}", "busy")),
            ("GetAsyncTask", lambda: invoker.state("tasks", "lost")),
            ("StopAsyncTask", lambda: invoker.stop("tasks", "lost")),
        ):
            running.rules(
                {"do": "error", "service": "FC", "operation": operation, "code": "ResourceExhausted", "times": 1}
            )
            with pytest.raises(Unavailable) as caught:
                call()
            assert caught.value.reason == "throttled"
        assert not invoker.start("tasks", b"{}", "busy").already_there
        invoker.close()
