"""The demo takes no other program for its own emulator."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from demo import health
from demo.emulated import DemoEmulator
from demo.health import answers
from tests.emulator.running import running_oss
from tests.ports import free_port
from tests.scripted import Answer, scripted


def test_an_emulator_that_took_the_port_just_before_would_be_taken_for_ours(tmp_path: Path) -> None:
    port = free_port()
    with running_oss(tmp_path / "others", port=port), DemoEmulator(port, tmp_path) as emulator:
        assert not emulator.ready()


def test_an_emulator_that_runs_would_not_be_known_by_its_process(tmp_path: Path) -> None:
    with running_oss(tmp_path) as emulator:
        assert answers(emulator.server.port, os.getpid())
        assert not answers(emulator.server.port, os.getppid())


@pytest.mark.parametrize(
    "answer",
    [Answer(body=b"<html>"), Answer(body=b"[1]"), Answer(body=b"{}"), Answer(404), Answer(hang_up=True)],
    ids=["no_json", "no_object", "an_older_emulator", "another_server", "no_answer"],
)
def test_another_program_on_the_port_would_end_the_demo_with_a_stack_trace(answer: Answer) -> None:
    with scripted() as server:
        server.will(answer)
        assert not answers(int(server.endpoint.rpartition(":")[2]), os.getpid())
        assert server.first().path == "/_emulator/health"


def test_a_program_that_answers_nothing_would_be_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert not answers(silent.getsockname()[1], os.getpid())
