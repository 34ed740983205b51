"""`imagelabels redrive --queue` over a queue in memory, a bucket in memory, a real index and a function in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imagelabels.cli.commands import redrive
from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.ports.failed_events import MOST_MESSAGES, FailedEvents
from tests.cli.functions import FunctionInMemory
from tests.failed_events import HELD, QueueInMemory
from tests.site import Commands, at_a_terminal, commands

ELSEWHERE = ObjectRef("oss", "others", "a")


class Draining:
    """The command over a world, with a queue, and a function that labels for it."""

    def __init__(self, site: Commands, capsys: pytest.CaptureFixture[str]) -> None:
        self.site, self.world, self.queue = site, site.world, QueueInMemory()
        self.function = FunctionInMemory(site.world)
        self.function.raises = True
        self._capsys = capsys
        self.opened: list[tuple[str, str | None, str]] = []
        self.price: str | None = None
        self.out = self.err = ""

    def __call__(self, *arguments: str, place: str = "oss://photos/") -> int:
        def bench(place: Any) -> redrive.Bench:
            return redrive.Bench(self.site.site(place), self.world.ledger, self.price, ("fake", "other"))

        def open_queue(scheme: str, through: str | None, queue: str) -> FailedEvents:
            self.opened.append((scheme, through, queue))
            return self.queue

        args = redrive.command().parsed(place, "--queue", "failures", *arguments)
        try:
            return redrive.run(args, bench, self.function.connect, open_queue)
        finally:
            self.out, self.err = self._capsys.readouterr()

    def put(self, key: str) -> ObjectRef:
        """Upload a picture whose event has failed, and let its message be in the queue."""
        ref = ObjectRef("oss", "photos", key)
        self.world.user_puts(ref, key)()
        self.world.wait(2)
        self.queue.send(ref)
        return ref


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Draining]:
    with commands(tmp_path, capsys) as site:
        yield Draining(site, capsys)


def test_pictures_of_failed_events_are_labelled_and_their_messages_deleted(run: Draining) -> None:
    refs = [run.put(key) for key in "abc"]
    assert run("--yes", "--through", "fc2") == 0, run.err
    assert [run.world.state(ref) for ref in refs] == ["labelled"] * 3
    assert run.out.splitlines() == [
        "oss://photos/ in the queue failures",
        "  3 pictures in 3 messages",
        "  at most 3 calls to the detector",
        "3 labelled; 3 paid calls; 0 still not done",
        "3 messages deleted; none left",
    ]
    assert (run.queue.ids, run.opened) == ([], [("oss", "fc2", "failures")])


def test_what_was_done_twice_is_paid_once(run: Draining) -> None:
    ref = run.put("a")
    run.queue.send(ref)
    run.queue.fails = {"delete": Unavailable("timeout")}
    with pytest.raises(Unavailable):
        run("--yes")
    assert "1 labelled; 1 paid call; 0 still not done" in run.out
    assert "0 messages deleted; none left" in run.out
    run.queue.fails = {}
    assert run("--yes") == 0, run.err
    assert run.out.splitlines()[-2].endswith("; 0 paid calls; 0 still not done")
    assert run.out.splitlines()[-1] == "2 messages deleted; none left"
    assert run.world.state(ref) == "labelled"


def test_a_dry_run_only_looks_and_tells_the_most_that_it_can_cost(run: Draining) -> None:
    run.put("a"), run.queue.send(faults=("not JSON",))
    run.price = "0.000142 USD"
    assert run("--dry-run") == 0
    assert run.out.splitlines() == [
        "oss://photos/ in the queue failures",
        "  1 picture in 2 messages",
        "  1 message cannot be read as an event, and will stay there",
        "  at most 1 call to the detector, which costs 0.000142 USD",
    ]
    assert run.err.splitlines() == ["message M2 of imagelabels: not JSON: it stays in the queue"]
    assert (run.queue.calls, run.function.events) == (["peek"], [])
    assert run("--dry-run", "--format", "json") == 0
    assert json.loads(run.out) == {
        "prefix": "oss://photos/",
        "queue": "failures",
        "foreseen": True,
        "messages": 2,
        "has_more": False,
        "pictures": 1,
        "unreadable": 1,
        "other_functions": {},
        "most_calls": 1,
        "most_cost": "0.000142 USD",
    }


def test_a_queue_that_shows_only_a_part_of_itself_says_so_and_is_worked_through(run: Draining) -> None:
    refs = [run.put(f"{number:02}") for number in range(MOST_MESSAGES + 1)]
    assert run("--dry-run") == 0
    assert f"  16 pictures in the first {MOST_MESSAGES} messages, and there may be more" in run.out
    assert "  at most 16 calls to the detector for these pictures" in run.out
    assert run("--yes") == 0, run.err
    assert "17 messages deleted; none left" in run.out
    assert {run.world.state(ref) for ref in refs} == {"labelled"}


def test_messages_about_other_pictures_stay_and_are_no_failure(run: Draining) -> None:
    ids = [run.queue.send(ELSEWHERE)]
    assert run("--yes") == 0
    assert run.out.splitlines()[-1] == "  0 pictures in 1 message"
    ref = run.put("a")
    assert run("--yes") == 0
    assert "1 message deleted; 1 left in the queue: 1 about other pictures or other functions" in run.out
    assert (run.queue.free, run.world.state(ref)) == (ids, "labelled")


def test_the_failures_of_another_function_stay_and_are_not_counted_as_pictures(run: Draining) -> None:
    ref = run.put("a")
    ids = [run.queue.send(ref, function="thumbnails")]
    assert run("--yes") == 0
    assert "  1 picture in 2 messages" in run.out
    assert "1 message deleted; 1 left in the queue: 1 about other pictures or other functions" in run.out
    assert run.queue.free == ids
    run.world.user_puts(ref, "dog")()
    assert run("--yes") == 0
    assert run.out.splitlines()[-2:] == [
        "  0 pictures in 1 message",
        "  1 message of the function thumbnails will stay there: if that one labels pictures, name it by --function",
    ]
    assert run("--dry-run", "--format", "json") == 0
    assert json.loads(run.out)["other_functions"] == {"thumbnails": 1}
    assert (run.queue.free, len(run.function.events)) == (ids, 1)


def test_only_what_many_messages_hide_behind_is_looked_for(run: Draining) -> None:
    for _ in range(MOST_MESSAGES):
        run.queue.send(ELSEWHERE)
    ref = run.put("a")
    assert run("--yes") == 0
    assert "1 message deleted; 16 left in the queue: 16 about other pictures or other functions" in run.out
    assert run.world.state(ref) == "labelled"


def test_a_message_that_is_no_event_is_named_and_left_and_a_person_must_look(run: Draining) -> None:
    run.queue.send(faults=("it is no message of Function Compute",), function="")
    assert run("--yes") == 1
    assert run.err == "message M1: it is no message of Function Compute: it stays in the queue\n"
    run.put("a")
    assert run("--yes") == 1
    assert run.err == "message M1: it is no message of Function Compute: it stays in the queue\n"
    assert "1 message deleted; 1 left in the queue: 1 no event that can be read" in run.out
    assert run.queue.free == ["M1"]


def test_an_empty_queue_is_told(run: Draining) -> None:
    run.put("a")
    run.queue.receive()
    assert run("--yes") == 0
    assert "no message can be received now: whatever somebody else has received comes back later" in run.out
    run.queue.now += HELD
    assert run("--yes") == 0
    assert "1 message deleted" in run.out


def test_a_picture_that_is_parked_again_is_due_in_the_index_and_its_message_goes(run: Draining) -> None:
    ref = run.put("a")
    run.function.fails = Misconfigured("no", "forbidden")
    assert run("--yes") == 1
    assert run.err == "oss://photos/a: parked: forbidden\n"
    assert run.out.splitlines()[-2:] == ["1 parked; 1 paid call; 1 still not done", "1 message deleted; none left"]
    assert run.world.state(ref) == "parked"


def test_what_waits_makes_the_function_fail_for_all_and_yet_what_is_recorded_of_each_counts(run: Draining) -> None:
    refs = [run.put(key) for key in "abc"]
    run.function.fails, run.function.fails_on = Unavailable("throttled"), "/b"
    assert run("--yes") == 1
    assert [run.world.state(ref) for ref in refs] == ["labelled", None, "labelled"]
    assert run.world.row(refs[1]).waiting == "throttled"
    assert "3 messages deleted; none left" in run.out
    assert len(run.err.splitlines()) == 3


def test_a_picture_of_which_nothing_is_recorded_keeps_its_message(run: Draining) -> None:
    run.put("unnamed"), run.put("a")
    assert run("--yes") == 1
    assert "no event can name" in run.err
    assert "1 message deleted; 1 left in the queue: 1 of which nothing is recorded" in run.out
    assert run.queue.free == ["M1"]


@pytest.mark.parametrize("wrong", [Misconfigured("there is no function"), Unavailable("throttled", "busy")])
def test_a_function_that_cannot_be_invoked_loses_no_message(run: Draining, wrong: LabelingError) -> None:
    run.put("a")
    _, invoker = run.function.connect("oss", None)
    invoker.fails = [wrong]  # type: ignore[attr-defined]
    if isinstance(wrong, Misconfigured):
        with pytest.raises(Misconfigured):
            run("--yes")
    else:
        assert run("--yes") == 1
    assert run.queue.free == ["M1"]
    assert run("--yes") == 0


def test_the_hold_ends_since_a_person_has_mended_what_it_was_for(run: Draining) -> None:
    ref = run.put("a")
    run.world.ledger.hold("fake", "oss://photos", "detector_unbound", run.world.clock.store + 600)
    assert run("--yes") == 0, run.err
    assert run.world.state(ref) == "labelled"


def test_the_result_is_told_in_json(run: Draining) -> None:
    run.put("a"), run.queue.send(ELSEWHERE)
    assert run("--yes", "--format", "json") == 0
    assert json.loads(run.out.splitlines()[1]) == {
        "prefix": "oss://photos/",
        "queue": "failures",
        "foreseen": False,
        "states": {"labelled": 1},
        "failed": 0,
        "paid_calls": 1,
        "left": 0,
        "deleted": 1,
        "elsewhere": 1,
        "unreadable": 0,
        "unrecorded": 0,
        "late": 0,
    }


def test_whoever_says_no_changes_nothing(run: Draining, monkeypatch: pytest.MonkeyPatch) -> None:
    run.put("a")
    asked = at_a_terminal("n\n", monkeypatch)
    assert run() == 1
    assert "Give 1 picture to the function imagelabels?" in asked.getvalue()
    assert (run.queue.calls, run.function.events) == (["peek"], [])


@pytest.mark.parametrize("option", [("--state", "parked"), ("--reason", "budget"), ("--since", "2026-01-01")])
def test_what_chooses_rows_does_not_go_with_a_queue(run: Draining, option: tuple[str, str]) -> None:
    assert run("--yes", *option) == 2
    assert "--queue takes all messages about pictures below PREFIX" in run.err
    assert run.opened == []
