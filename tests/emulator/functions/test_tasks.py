"""Tasks in the file of a queue: they outlive the emulator, and their number is bounded."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from emulator.functions import tasks
from emulator.functions.function import Answer
from emulator.functions.places import Places
from emulator.functions.queue import Queue
from emulator.functions.tasks import Status, TaskExists, Wanted


async def answered(payload: bytes, request_id: str) -> Answer:
    return Answer(request_id, payload)


async def never(payload: bytes, request_id: str) -> Answer:
    await asyncio.Event().wait()
    raise AssertionError


async def run(queue: Queue, until: int) -> None:
    """Deliver events until so many tasks are over."""
    running = asyncio.create_task(queue.run())
    while queue.delivered < until:
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])


def test_a_task_is_kept_over_a_restart_and_its_id_stays_taken(tmp_path: Path) -> None:
    async def scene() -> None:
        queue = Queue(tmp_path / "queue", answered, (), keeps_tasks=True)
        queue.enqueue(b"event", task_id="batch-1")
        queue.close()
        queue = Queue(tmp_path / "queue", answered, (), keeps_tasks=True)
        with pytest.raises(TaskExists):
            queue.enqueue(b"other", task_id="batch-1")
        await run(queue, 1)
        queue.close()
        queue = Queue(tmp_path / "queue", answered, (), keeps_tasks=True)
        found = queue.tasks.find("batch-1")
        assert found is not None
        assert found.answer is not None
        assert (found.status, found.answer.body) == (Status.SUCCEEDED, b"event")
        queue.close()

    asyncio.run(scene())


def test_a_task_that_was_being_stopped_does_not_run_after_a_restart_and_the_others_do(tmp_path: Path) -> None:
    async def scene() -> None:
        queue = Queue(tmp_path / "queue", never, (), keeps_tasks=True)
        for name in ("stopped", "other"):
            queue.enqueue(b"", task_id=name)
        running = asyncio.create_task(queue.run())
        while queue.counts()["running"] < 2:
            await asyncio.sleep(0)
        stopped = queue.stop("stopped")
        assert stopped is not None
        assert stopped.status is Status.STOPPING
        running.cancel()
        await asyncio.wait([running])
        queue.close()
        queue = Queue(tmp_path / "queue", answered, (), keeps_tasks=True)
        await run(queue, 1)
        statuses = {task.id: task.status for task in queue.tasks.listed(Wanted())}
        assert statuses == {"stopped": Status.STOPPED, "other": Status.SUCCEEDED}
        queue.close()

    asyncio.run(scene())


def test_tasks_that_are_over_fill_no_disk_and_those_that_ended_first_go_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "MOST_OVER", 2)

    async def scene() -> None:
        queue = Queue(tmp_path / "queue", answered, (), consumers=1, keeps_tasks=True)
        for number in range(4):
            queue.enqueue(b"", task_id=f"batch-{number}")
        await run(queue, 4)
        queue.enqueue(b"", task_id="waiting")
        assert [task.id for task in queue.tasks.listed(Wanted())] == ["waiting", "batch-3", "batch-2"]
        queue.close()

    asyncio.run(scene())


def test_an_answer_that_is_too_large_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "LARGEST_ANSWER", 4)

    async def scene() -> None:
        queue = Queue(tmp_path / "queue", answered, (), keeps_tasks=True)
        queue.enqueue(b"12345", task_id="batch-1")
        await run(queue, 1)
        found = queue.tasks.find("batch-1")
        assert found is not None
        assert found.answer is not None
        assert found.answer.body == b""
        queue.close()

    asyncio.run(scene())


def test_more_places_let_waiting_invocations_go_on(tmp_path: Path) -> None:
    async def scene() -> None:
        places = Places(1)

        async def take() -> None:
            async with places:
                pass

        async with places:
            assert places.full
            waiting = asyncio.create_task(take())
            await asyncio.sleep(0)
            await places.change(2)
            await waiting
        assert not places.full

    asyncio.run(scene())
