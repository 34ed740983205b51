"""`imagelabels redrive` over a bucket in memory, a real index and a function in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imagelabels.cli.commands import redrive
from imagelabels.domain.budget import Limits
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.providers import sqlite
from imagelabels.usecases.outcomes import Chosen, unfinished
from imagelabels.usecases.redrive import candidates
from imagelabels.usecases.walk import Place
from tests.cli.functions import FunctionInMemory
from tests.site import Commands, at_a_terminal, commands
from tests.world import World

PLACE = "oss://photos/"


class Redriving:
    """The command over a world, with a function that labels for it."""

    def __init__(self, site: Commands, capsys: pytest.CaptureFixture[str]) -> None:
        self.site, self.world = site, site.world
        self.function = FunctionInMemory(site.world)
        self._capsys = capsys
        self.price: str | None = None
        self.clock_ahead = 0.0
        """The clock of the command's machine is ahead of the store's by so many seconds."""
        self.out = self.err = ""

    def read(self) -> str:
        """Return what a command printed that ended with an error."""
        return self._capsys.readouterr().out

    def __call__(self, *arguments: str) -> int:
        def bench(place: Any) -> redrive.Bench:
            return redrive.Bench(self.site.site(place), self.world.ledger, self.price, ("fake", "other"), self._now)

        status = redrive.run(redrive.command().parsed(PLACE, *arguments), bench, self.function.connect)
        self.out, self.err = self._capsys.readouterr()
        return status

    def _now(self) -> float:
        return self.world.clock.store + self.clock_ahead

    def stands_still(self, key: str, reason: str) -> ObjectRef:
        """Upload a picture whose delivery ends with the reason."""
        ref = ObjectRef("oss", "photos", key)
        self.world.user_puts(ref, key)()
        self.world.wait(2)
        worker = self.world.worker()
        if reason == "budget":
            worker.labeler = replace(worker.labeler, limits=Limits(total=0))
        elif reason in ("forbidden", "detector_unbound"):
            worker.fails("objects.tags", Misconfigured("no", reason))
        elif reason == "detector_refused":
            self.world.detector.refuses.add(key)
        else:
            worker.fails("objects.tags", Unavailable(reason))
        worker.gets(ref)
        return ref


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Redriving]:
    with commands(tmp_path, capsys) as site:
        yield Redriving(site, capsys)


def test_what_stands_still_is_labelled_without_another_upload_and_is_done_then(run: Redriving) -> None:
    refs = [run.stands_still(*pair) for pair in (("a", "budget"), ("b", "forbidden"), ("c", "store_error"))]
    assert run("--yes") == 0, run.err
    assert [run.world.state(ref) for ref in refs] == ["labelled"] * 3
    assert run.out.splitlines()[-1] == "3 labelled; 1 paid call; 0 still not done"
    assert run("--yes") == 0
    assert "nothing stands still here" in run.out
    assert len(run.function.events) == 1


def test_a_dry_run_tells_counts_and_the_most_that_it_can_cost_and_changes_nothing(run: Redriving) -> None:
    for pair in (("a", "budget"), ("b", "budget"), ("c", "forbidden")):
        run.stands_still(*pair)
    run.price = "0.000142 USD"
    assert run("--dry-run") == 0
    assert run.out.splitlines() == [
        PLACE,
        "  2\tparked: budget",
        "  1\tparked: forbidden",
        "  at most 3 calls to the detector, which cost 0.000426 USD",
    ]
    assert run.function.events == []
    assert run("--dry-run", "--format", "json") == 0
    told = json.loads(run.out)
    assert (told["pictures"], told["most_calls"], told["most_cost"]) == (3, 3, "0.000426 USD")
    assert {(one["state"], one["reason"], one["rows"]) for one in told["counts"]} == {
        ("parked", "budget", 2),
        ("parked", "forbidden", 1),
    }


def test_the_most_that_a_detector_with_several_scenes_can_cost_counts_every_scene(run: Redriving) -> None:
    run.stands_still("a", "budget")
    run.world.detector.calls = 3
    run.price = "0.0012 CNY"
    assert run("--dry-run") == 0
    assert run.out.splitlines()[-1] == "  at most 3 calls to the detector, which cost 0.0036 CNY"


def test_only_what_was_asked_for_is_tried_again(run: Redriving) -> None:
    parked, forbidden = run.stands_still("a", "budget"), run.stands_still("b", "forbidden")
    assert run("--reason", "forbidden", "--yes") == 0
    assert (run.world.state(parked), run.world.state(forbidden)) == ("parked", "labelled")
    late = str(round(run.world.clock.store * 1000) + 1000)
    assert run("--since", late, "--yes") == 0
    assert run.world.state(parked) == "parked"
    assert run("--until", late, "--state", "parked", "--yes") == 0
    assert run.world.state(parked) == "labelled"


def _died(run: Redriving, key: str) -> ObjectRef:
    """Upload a picture whose delivery dies, so that the index has nothing of it but a lock, which is over."""
    ref = ObjectRef("oss", "photos", key)
    run.world.user_puts(ref, key)()
    assert run.world.ledger.lock(ref, "t", run.world.clock.store + 1, run.world.clock.store, "e")
    run.world.wait(100)
    return ref


def _noted(run: Redriving, key: str, reason: str) -> ObjectRef:
    """Label a picture, and let another delivery note a reason beside its finished row."""
    ref = ObjectRef("oss", "photos", key)
    run.world.user_puts(ref, key)()
    run.world.wait(2)
    run.world.worker().gets(ref)
    run.world.user_puts(ref, f"{key} later")()
    run.world.wait(2)
    run.world.worker().fails("objects.tags", Unavailable(reason)).gets(ref)
    return ref


@pytest.mark.parametrize("options", [(), ("--state", "waiting"), ("--since", "2001-01-01"), ("--until", "2100-01-01")])
def test_no_row_on_which_work_is_not_done_is_left_out_by_a_state_or_a_time(
    run: Redriving, options: tuple[str, ...]
) -> None:
    refs = [_died(run, "a"), run.stands_still("b", "store_error"), _noted(run, "c", "timeout")]
    parked = run.stands_still("d", "budget")
    assert run(*options, "--yes") == 0, run.err
    assert [run.world.state(ref) for ref in refs] == ["labelled"] * 3
    assert run.world.state(parked) == ("parked" if "--state" in options else "labelled")
    assert run("--yes", "--state", "waiting") == 0
    assert "stands still here" in run.out


def test_the_rows_that_are_tried_are_those_that_outcomes_lists(run: Redriving) -> None:
    _died(run, "a"), run.stands_still("b", "store_error"), _noted(run, "c", "timeout"), run.stands_still("d", "budget")
    late = round(run.world.clock.store * 1000) + 1000
    index, now = run.site.index, run.world.clock.store
    for since in (None, late):
        chosen = Chosen(since=since)
        listed = {row.ref for row in unfinished(index, now, "oss://photos", "", chosen)}
        tried = {one.ref for one in candidates(index, Place("oss", "photos", ""), chosen, now)}
        assert {ref.key for ref in listed} == {ref.key for ref in tried} == set("abcd" if since is None else "abc")


def test_the_hold_ends_since_a_person_has_mended_what_it_was_for(run: Redriving) -> None:
    ref = run.stands_still("a", "budget")
    run.world.ledger.hold("fake", "oss://photos", "detector_unbound", run.world.clock.store + 600)
    assert run("--yes") == 0, run.err
    assert run.world.state(ref) == "labelled"


def test_the_hold_of_another_detector_than_the_commands_own_ends_too(run: Redriving) -> None:
    run.stands_still("a", "budget")
    run.world.ledger.hold("other", "oss://photos", "detector_unbound", run.world.clock.store + 600)
    assert run("--yes") == 0, run.err
    assert run.world.ledger.spending("other", run.world.clock.store).holds == {}


def test_a_refusal_of_another_detector_than_the_commands_own_is_forgotten_too(run: Redriving) -> None:
    ref = run.stands_still("a", "detector_refused")
    run.world.detector.refuses.clear()
    site = run.site.site(Place("oss", "photos", ""))
    tools = replace(site.tools, detector=replace(site.tools.detector, setting="another setting"))
    run.site.site = lambda place: replace(site, tools=tools)  # type: ignore[method-assign]
    assert run("--state", "skipped", "--again", "--yes") == 0, run.err
    assert run.world.state(ref) == "labelled"


def test_whoever_asks_for_a_reason_that_no_picture_has_learns_that_others_stand_still(run: Redriving) -> None:
    run.stands_still("a", "forbidden")
    assert run("--reason", "busy", "--dry-run") == 0
    assert "nothing that was asked for stands still here, but 1 picture stands still" in run.out
    assert run("--since", "2026-11-29", "--until", "2026-11-28", "--dry-run") == 2
    assert "--until must be later" in run.err


def test_one_call_costs_and_two_calls_cost(run: Redriving) -> None:
    run.stands_still("a", "forbidden")
    run.price = "0.000142 USD"
    assert run("--dry-run") == 0
    assert run.out.splitlines()[-1] == "  at most 1 call to the detector, which costs 0.000142 USD"


def test_what_was_done_before_the_function_was_not_to_be_had_is_said(run: Redriving) -> None:
    for number in range(41):
        run.stands_still(f"{number:02}", "forbidden")
    act = run.function.connect("oss", None)[1]
    send, calls = act.invoke, list[bytes]()

    def gone(function: str, event: bytes) -> Any:
        calls.append(event)
        if len(calls) == 2:
            raise Misconfigured("there is no such function")
        return send(function, event)

    act.invoke = gone  # type: ignore[method-assign]
    with pytest.raises(Misconfigured):
        run("--yes")
    assert run.read().splitlines()[-1] == "40 labelled; 0 paid calls; 1 still not done"


def test_the_hold_ends_too_where_the_clock_of_this_machine_is_fast(run: Redriving) -> None:
    ref = run.stands_still("a", "budget")
    run.world.ledger.hold("fake", "oss://photos", "detector_unbound", run.world.clock.store + 600)
    run.clock_ahead = 3600.0
    assert run("--yes") == 0, run.err
    assert run.world.state(ref) == "labelled"


def test_a_budget_that_is_spent_stays_spent(run: Redriving) -> None:
    ref = run.stands_still("a", "budget")
    run.function.limits = Limits(total=0)
    assert run("--yes") == 1
    assert run.world.detector.asked == []
    assert run.world.state(ref) == "parked"
    assert "oss://photos/a: parked: budget" in run.err


def test_a_refused_picture_is_asked_about_again_only_when_a_person_says_so(run: Redriving) -> None:
    ref, other = run.stands_still("a", "detector_refused"), run.stands_still("b", "detector_refused")
    run.world.detector.refuses.clear()
    assert run("--yes") == 0
    assert run.world.state(ref) == "skipped"
    assert run("--state", "skipped", "--yes") == 2
    assert "give --again too" in run.err
    assert run("--again", "--yes") == 2
    calls = len(run.world.detector.asked)
    assert run("--state", "skipped", "--again", "--reason", "detector_refused", "--yes") == 0, run.err
    assert [run.world.state(one) for one in (ref, other)] == ["labelled", "labelled"]
    assert len(run.world.detector.asked) == calls + 2
    assert "at most 2 calls to the detector" in run.out


def test_a_refusal_that_could_not_be_forgotten_is_told_and_its_picture_counts_as_not_done(
    run: Redriving, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.stands_still("a", "detector_refused")
    ref = run.stands_still("b", "detector_refused")
    run.world.detector.refuses.clear()
    whole = run.world.ledger.forget_refusal
    failing = [Unavailable("throttled", "too many requests")]

    def fails_first(answer_id: str) -> bool:
        if failing:
            raise failing.pop()
        return whole(answer_id)

    monkeypatch.setattr(run.world.ledger, "forget_refusal", fails_first)
    assert run("--state", "skipped", "--again", "--yes") == 1
    assert "too many requests" in run.err
    assert run.out.splitlines()[-1] == "1 labelled; 1 paid call; 1 still not done"
    assert run("--state", "skipped", "--again", "--yes") == 0
    assert run.world.state(ref) == "labelled"


def test_nothing_is_given_to_the_function_when_the_answer_is_no(
    run: Redriving, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.stands_still("a", "forbidden")
    said = at_a_terminal("n\n", monkeypatch)
    assert run() == 1
    assert "Give 1 picture to the function imagelabels? [y/N]" in said.getvalue()
    assert run.function.events == []


def test_a_script_that_forgets_yes_is_told_so(run: Redriving) -> None:
    assert run() == 2
    assert "--yes" in run.err


def test_a_function_that_does_not_exist_is_named(run: Redriving) -> None:
    run.stands_still("a", "forbidden")
    with pytest.raises(Misconfigured):
        run("--yes", "--function", "label")


def test_what_still_fails_is_told_and_left_for_the_next_time(run: Redriving) -> None:
    ref = run.stands_still("a", "forbidden")
    run.function.fails = Unavailable("throttled")
    assert run("--yes", "--format", "json") == 1
    told = json.loads(run.out.splitlines()[-1])
    assert (told["states"], told["left"]) == ({"waiting": 1}, 1)
    run.function.fails = None
    assert run("--yes") == 0
    assert run.world.state(ref) == "labelled"


def test_a_picture_that_no_event_can_name_does_not_keep_the_others_from_going_on(run: Redriving) -> None:
    refs = [run.stands_still(key, "forbidden") for key in ("a-unnamed", "b", "c")]
    assert run("--yes") == 1
    assert "oss://photos/a-unnamed: failed: no event can name" in run.err
    assert [run.world.state(ref) for ref in refs] == ["parked", "labelled", "labelled"]


def test_a_redrive_that_was_cut_off_goes_on_with_what_is_left(run: Redriving) -> None:
    refs = [run.stands_still(f"{number:02}", "forbidden") for number in range(45)]
    act, calls = run.function.connect("oss", None)[1], 0
    send = act.invoke

    def cut_off(function: str, event: bytes) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return send(function, event)

    act.invoke = cut_off  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        run("--yes")
    assert sum(run.world.state(ref) == "parked" for ref in refs) == 5
    assert run("--yes") == 0
    assert [len(event) for event in run.function.events] == [40, 5]
    assert {run.world.state(ref) for ref in refs} == {"labelled"}


def test_what_a_function_writes_to_another_index_would_be_said_to_be_done(run: Redriving, tmp_path: Path) -> None:
    other = World(sqlite.open_ledger(tmp_path / "other.db"))
    other.user_puts(run.stands_still("a.jpg", "budget"), "a.jpg")()
    run.function = FunctionInMemory(other)
    with pytest.raises(Misconfigured, match="writes to another index"):
        run("--yes")
    assert "1 labelled" in (told := run.read())
    assert "1 still not done" in told
