"""Asynchronous delivery: it is durable, happens at least once, has the retries of the platform, and keeps failures."""

from __future__ import annotations

import asyncio
import itertools
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from emulator import services
from emulator.functions.function import Answer
from emulator.functions.messages import MOST, MOST_BYTES, Message
from emulator.functions.queue import Queue

Invoke = Callable[[bytes, str], Awaitable[Answer]]
PLATFORMS = {platform.cloud: platform for platform in services.PLATFORMS}
RETRIES = PLATFORMS["aliyun"].retries


def failed(request_id: str, message: str) -> Answer:
    return Answer(request_id, json.dumps({"errorMessage": message}).encode(), "UnhandledInvocationError")


class Calls:
    """Records its invocations, and fails as often as a test says."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.seen: list[tuple[bytes, str, float]] = []

    async def __call__(self, event: bytes, request_id: str) -> Answer:
        self.seen.append((event, request_id, time.time()))
        if len(self.seen) <= self.failures:
            return failed(request_id, f"try {len(self.seen)}")
        return Answer(request_id, b"done")

    @property
    def events(self) -> list[bytes]:
        return [event for event, _, _ in self.seen]


@asynccontextmanager
async def delivering(
    path: Path, invoke: Invoke, consumers: int = 1, time_scale: float = 0.0, retries: Sequence[float] = RETRIES
) -> AsyncIterator[Queue]:
    queue = Queue(path, invoke, retries, consumers, time_scale)
    running = asyncio.create_task(queue.run())
    try:
        yield queue
    finally:
        running.cancel()
        await asyncio.wait([running])
        queue.close()


async def settled(queue: Queue) -> dict[str, int]:
    while (counts := queue.counts())["waiting"] or counts["running"]:
        await asyncio.sleep(0.005)
    return counts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "queue.sqlite"


def test_event_is_on_disk_before_enqueue_returns(path: Path) -> None:
    queue, other = Queue(path, Calls(), RETRIES), sqlite3.connect(path)
    queue.enqueue("图".encode())
    assert other.execute("SELECT payload, state FROM events").fetchall() == [("图".encode(), "waiting")]
    other.close()
    queue.close()


def test_events_are_delivered_in_order_unchanged_and_then_gone(path: Path) -> None:
    calls = Calls()

    async def scene() -> None:
        async with delivering(path, calls) as queue:
            events = [b"\x00\xff", '{"key":"图+%41"}'.encode(), b""]
            for event in events:
                queue.enqueue(event)
            assert await settled(queue) == {"waiting": 0, "running": 0, "failed": 0, "delivered": 3}
            assert calls.events == events

    asyncio.run(scene())


def test_event_that_comes_while_nothing_waits_is_delivered(path: Path) -> None:
    calls = Calls()

    async def scene() -> None:
        async with delivering(path, calls, consumers=2) as queue:
            for _ in range(3):
                await asyncio.sleep(0.01)
                queue.enqueue(b"late")
                await settled(queue)
        assert len(calls.seen) == 3

    asyncio.run(scene())


@pytest.mark.parametrize(("cloud", "scale"), [("aliyun", 0.02), ("tencent", 0.001)])
def test_function_error_is_retried_after_the_platforms_waits_then_kept_as_failure(
    path: Path, cloud: str, scale: float
) -> None:
    calls, retries = Calls(failures=99), PLATFORMS[cloud].retries

    async def scene() -> None:
        async with delivering(path, calls, time_scale=scale, retries=retries) as queue:
            request_id = queue.enqueue('{"key":"图"}'.encode())
            assert await settled(queue) == {"waiting": 0, "running": 0, "failed": 1, "delivered": 0}
            (failure,) = queue.failures()
        times = [at for _, _, at in calls.seen]
        assert len(times) == len(retries) + 1
        waits = [later - earlier for earlier, later in itertools.pairwise(times)]
        assert all(wait >= scale * seconds for wait, seconds in zip(waits, retries, strict=True))
        assert {request for _, request, _ in calls.seen} == {request_id}
        assert failure["payload"] == '{"key":"图"}'
        assert failure["error"] == {"errorMessage": f"try {len(times)}"}
        assert failure["attempts"] == len(times)
        assert failure["request_id"] == request_id
        assert failure["enqueued"] <= times[0] <= times[-1] <= failure["failed"]  # type: ignore[operator]

    asyncio.run(scene())


@pytest.mark.parametrize(("cloud", "waits"), [("aliyun", (1.0, 2.0, 4.0)), ("tencent", (60.0, 60.0))])
def test_waits_before_retries_are_the_platforms_own_at_full_scale(
    path: Path, cloud: str, waits: tuple[float, ...]
) -> None:
    async def scene() -> None:
        calls = Calls(failures=99)
        async with delivering(path, calls, time_scale=1.0, retries=PLATFORMS[cloud].retries) as queue:
            queue.enqueue(b"x")
            while queue.pending()[0]["attempts"] == 0:
                await asyncio.sleep(0.005)
            (event,) = queue.pending()
            tries = int(str(event["attempts"]))  # On a slow machine the first retry may be over.
            _, _, called = calls.seen[tries - 1]
            assert called + waits[tries - 1] <= float(str(event["due"])) <= time.time() + waits[tries - 1]

    asyncio.run(scene())
    assert tuple(PLATFORMS[cloud].retries) == waits


def test_retry_that_succeeds_ends_it(path: Path) -> None:
    calls = Calls(failures=3)

    async def scene() -> None:
        async with delivering(path, calls) as queue:
            queue.enqueue(b"x")
            assert (await settled(queue))["delivered"] == 1
            assert queue.failures() == []
        assert len(calls.seen) == 4

    asyncio.run(scene())


def test_event_that_waits_for_its_retry_does_not_hold_up_the_next(path: Path) -> None:
    calls = Calls(failures=1)

    async def scene() -> None:
        async with delivering(path, calls, time_scale=0.05) as queue:
            queue.enqueue(b"first")
            queue.enqueue(b"second")
            await settled(queue)
        assert calls.events == [b"first", b"second", b"first"]

    asyncio.run(scene())


def test_events_under_way_and_waiting_are_delivered_after_a_restart(path: Path) -> None:
    begun: list[bytes] = []

    async def hang(event: bytes, request_id: str) -> Answer:
        begun.append(event)
        await asyncio.Event().wait()
        raise AssertionError

    async def scene() -> None:
        async with delivering(path, hang) as queue:
            queue.enqueue(b"under way")
            queue.enqueue(b"waiting")
            while not begun:
                await asyncio.sleep(0.005)
            assert queue.counts()["running"] == 1
        calls = Calls()
        async with delivering(path, calls) as queue:
            assert (await settled(queue))["delivered"] == 2
        assert calls.events == [b"under way", b"waiting"]

    asyncio.run(scene())


def test_retries_are_counted_across_a_restart(path: Path) -> None:
    async def scene() -> None:
        async with delivering(path, Calls(failures=99), time_scale=60.0) as queue:
            queue.enqueue(b"x")
            while queue.pending()[0]["attempts"] == 0:
                await asyncio.sleep(0.005)
        database = sqlite3.connect(path)
        database.execute("UPDATE events SET due = 0")
        database.commit()
        database.close()
        calls = Calls(failures=99)
        async with delivering(path, calls) as queue:
            assert (await settled(queue))["failed"] == 1
        assert len(calls.seen) == 3

    asyncio.run(scene())


def test_failures_survive_a_restart_and_can_be_put_back_all_or_some(path: Path) -> None:
    async def scene() -> None:
        async with delivering(path, Calls(failures=99)) as queue:
            for event in (b"a", b"b", b"c"):
                queue.enqueue(event)
            await settled(queue)
        calls = Calls(failures=1)
        async with delivering(path, calls) as queue:
            ids = [failure["id"] for failure in queue.failures()]
            assert queue.redrive([int(str(ids[1])), 999]) == 1
            assert await settled(queue) == {"waiting": 0, "running": 0, "failed": 2, "delivered": 1}
            assert calls.events == [b"b", b"b"]
            assert queue.redrive() == 2
            assert await settled(queue) == {"waiting": 0, "running": 0, "failed": 0, "delivered": 3}
            assert calls.events[2:] == [b"a", b"c"]

    asyncio.run(scene())


def test_consumers_work_side_by_side_and_no_event_is_delivered_twice(path: Path) -> None:
    under_way, most, seen = 0, 0, []

    async def slow(event: bytes, request_id: str) -> Answer:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        seen.append(event)
        return Answer(request_id, b"")

    async def scene() -> None:
        async with delivering(path, slow, consumers=3) as queue:
            for number in range(9):
                queue.enqueue(str(number).encode())
            await settled(queue)
        assert sorted(seen) == [str(number).encode() for number in range(9)]
        assert most == 3

    asyncio.run(scene())


def test_fault_of_the_emulator_itself_is_not_swallowed(path: Path) -> None:
    async def broken(event: bytes, request_id: str) -> Answer:
        raise RuntimeError("a fault of ours")

    async def scene() -> None:
        queue = Queue(path, broken, RETRIES)
        queue.enqueue(b"x")
        try:
            await queue.run()
        finally:
            queue.close()

    with pytest.raises(RuntimeError, match="a fault of ours"):
        asyncio.run(scene())


async def with_messages(path: Path, kept: list[bytes], sent: list[bytes]) -> tuple[list[object], int]:
    """Deliver events whose messages have these bodies to a queue that keeps some. Return its messages, and drops."""
    Queue(path, Calls(), RETRIES).close()
    with sqlite3.connect(path) as database:
        database.executemany(
            "INSERT INTO messages (destination, body, sent) VALUES ('queue', ?, 0)", [(body,) for body in kept]
        )
    database.close()
    bodies = iter(sent)
    queue = Queue(path, Calls(), RETRIES, on_end=lambda ended: Message("queue", next(bodies)))
    running = asyncio.create_task(queue.run())
    for _ in sent:
        queue.enqueue(b"event")
    await settled(queue)
    running.cancel()
    await asyncio.wait([running])
    shown = [message["body"] for message in queue.messages.all()]
    dropped = queue.messages.dropped
    queue.close()
    return shown, dropped


def test_messages_that_nobody_fetches_would_fill_the_disk(path: Path) -> None:
    kept = [b"%d" % number for number in range(MOST)]
    shown, dropped = asyncio.run(with_messages(path, kept, [b'"a"', b'"b"']))
    assert (shown, dropped) == ([*range(2, MOST), "a", "b"], 2)


def test_a_few_large_messages_would_fill_the_memory_of_whoever_looks_at_them(path: Path) -> None:
    large = b"x" * (MOST_BYTES // 2)
    shown, dropped = asyncio.run(with_messages(path, [b"1", large], [large, b"2" * (MOST_BYTES + 1), b"3"]))
    assert (shown, dropped) == ([3], 4)
