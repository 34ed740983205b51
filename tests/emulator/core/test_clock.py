"""The emulator's own clock: how it is moved, what is done then, and what survives a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from emulator.core import clock
from emulator.core.clock import FURTHEST, PERIOD, Clock
from emulator.core.server import Server
from tests.emulator.aging import move
from tests.emulator.running import RunningServer


def test_a_restart_does_not_turn_the_clock_back(tmp_path: Path) -> None:
    first = Clock(tmp_path / "clock", real=lambda: 1000.0)
    first.move(50.5)
    assert first() == Clock(tmp_path / "clock", real=lambda: 1000.0)() == 1050.5


@pytest.mark.parametrize("text", ["", "x", "nan", "-5", "inf"])
def test_a_spoilt_file_of_the_clock_does_not_keep_the_emulator_from_starting(tmp_path: Path, text: str) -> None:
    (tmp_path / "clock").write_text(text)
    assert 0 <= Clock(tmp_path / "clock").ahead <= FURTHEST


def test_signatures_are_judged_by_the_real_time_behind_a_moved_clock() -> None:
    moved = Clock(real=lambda: 1000.0)
    moved.move(86400)
    assert clock.real_time(moved)() == 1000.0
    plain = lambda: 7.0  # noqa: E731
    assert clock.real_time(plain) is plain


def test_the_clock_is_told_and_moved_and_what_falls_due_is_done_before_the_answer() -> None:
    moved, done = Clock(real=lambda: 0.0), []

    async def work() -> Mapping[str, int]:
        done.append(moved())
        return {"removed": len(done)}

    moved.add_work("oss", work)
    server = Server([], control=clock.routes(moved))
    with server.running():
        running = RunningServer(server)
        assert b'"now": "1970-01-01T00:00:00Z"' in running.raw("GET", "/_emulator/clock")[2]
        answer = move(running, {"days": 1})
        assert (answer["now"], answer["ahead_seconds"]) == ("1970-01-02T00:00:00Z", 86400)
        assert answer["done"] == {"oss": {"removed": 1}}
        assert move(running, {"seconds": 1.5})["done"] == {"oss": {"removed": 2}}
        for wrong in (-1, "1", True, None, 1e300, 10**400, [1]):
            assert move(running, {"seconds": wrong})["status"] == 400, wrong
        bodies: list[object] = [{}, {"hours": 1}, {"days": 1, "seconds": 1}, [], "x"]
        for body in bodies:
            assert move(running, body)["error"] == 'the body must be like {"seconds": 3600} or {"days": 31}'
        assert done == [86400.0, 86401.5]


def test_due_work_is_done_at_the_start_and_again_in_each_period(monkeypatch: pytest.MonkeyPatch) -> None:
    moved, done = Clock(real=lambda: 0.0), []
    monkeypatch.setattr(clock, "LOOK_AGAIN", 0)

    async def work() -> Mapping[str, int]:
        done.append(moved())
        if len(done) == 2:
            raise OSError("the work of one period fails, and that of the next is done all the same")
        return {}

    async def periods() -> None:
        moved.add_work("oss", work)
        running = asyncio.create_task(moved.run())
        for _ in range(3):
            for _ in range(3):
                await asyncio.sleep(0)
            moved.move(PERIOD)
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(periods())
    assert done == [0.0, float(PERIOD), 2.0 * PERIOD]
