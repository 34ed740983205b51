"""`imagelabels why` over a bucket in memory and a real index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.cli.commands import undo, why
from imagelabels.cli.main import main
from imagelabels.domain.budget import Limits
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.moments import shown
from imagelabels.domain.policy import Policy
from tests.fakes import label
from tests.site import Commands, Terminal, commands

URI = "oss://photos/a/1.jpg"
SHOWS = (label("cat", 0.9, "pet"), label("dog", 0.8, "pet"), label("car", 0.4, "vehicle"))

KEPT = {"detector": "fake", "model": "fake-1", "error": None}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    with commands(tmp_path, capsys) as ready:
        ready.world.detector.shows["pets"] = SHOWS
        ready.put("a/1.jpg", "pets", tags={"trip": "x", "label:dog": "mine"})
        yield ready


def test_each_label_of_the_answer_says_why_it_stays_or_goes(run: Commands) -> None:
    told = run.json(why, URI)
    assert (told["state"], told["reason"], told["same_content"]) == ("labelled", None, True)
    assert told["answer"] == KEPT
    assert told["policy_changed"] is False
    assert {one["id"]: (one["kept"], one["cause"]) for one in told["explained"]} == {
        "cat": (True, "kept"),
        "dog": (True, "tag_taken"),
        "car": (False, "below_threshold"),
    }
    assert told["tags_ours"] == {"label:cat": "mammal"}
    assert told["tags_yours"] == {"trip": "x", "label:dog": "mine"}
    assert told["untagged_ids"] == ["dog"]
    assert [(line["state"], line["paid_calls"]) for line in told["history"]] == [("labelled", 1)]


def test_asking_why_writes_nothing_claims_nothing_and_asks_no_detector(run: Commands) -> None:
    run.json(why, URI)
    assert run.worker is not None
    assert sorted(run.worker.wire.calls) == [
        "ledger.answer",
        "ledger.history",
        "ledger.row",
        "objects.head",
        "objects.tags",
    ]


def test_a_person_reads_a_line_for_each_fact(run: Commands) -> None:
    assert run(why, URI) == 0
    lines = [re.sub(r" +", " ", line).strip() for line in run.out.splitlines()]
    assert lines[0] == URI
    assert "object there" in lines
    assert any(line.startswith("state labelled ") and line.endswith(" tag_taken") for line in lines)
    assert "answer kept, by fake fake-1" in lines
    assert "labels Cat 0.900 kept tag label:cat=mammal" in lines
    assert any(line.startswith("Cars 0.400 below threshold 0.7") for line in lines)
    assert "ours label:cat=mammal" in lines
    assert "trip=x" in lines
    assert any(line.startswith("history ") and line.endswith("labelled 1 paid event of a/1.jpg") for line in lines)


def test_a_policy_that_has_changed_is_said_and_is_the_one_that_is_explained(run: Commands) -> None:
    run.labeler = {"policy": Policy(threshold=0.3)}
    told = run.json(why, URI)
    assert told["policy_changed"] is True
    assert [one["cause"] for one in told["explained"] if one["id"] == "car"] == ["kept"]
    run.labeler = {"policy": Policy(threshold=0.3)}
    run(why, URI)
    assert "imagelabels relabel" in run.out


def test_a_policy_that_labels_nothing_here_says_so_and_claims_no_label(run: Commands) -> None:
    run.labeler = {"policy": Policy(label=False)}
    told = run.json(why, URI)
    assert (told["excluded"], told["explained"], told["answer"]) == (True, [], KEPT)
    run.labeler = {"policy": Policy(label=False)}
    run(why, URI)
    assert "not to be labelled" in run.out


def test_a_picture_that_was_replaced_meanwhile_is_told_from_the_one_in_the_row(run: Commands) -> None:
    run.world.user_puts(ObjectRef("oss", "photos", "a/1.jpg"), "car")()
    told = run.json(why, URI)
    assert (told["state"], told["same_content"], told["answer"], told["explained"]) == ("labelled", False, None, [])


def test_a_refused_picture_says_its_reason(run: Commands) -> None:
    run.world.detector.refuses.add("blur")
    run.put("a/2.jpg", "blur")
    told = run.json(why, "oss://photos/a/2.jpg")
    assert (told["state"], told["reason"]) == ("skipped", "detector_refused")
    assert told["answer"] == {
        "detector": None,
        "model": None,
        "error": {"reason": "detector_refused", "message": "BadPicture"},
    }
    run(why, "oss://photos/a/2.jpg")
    assert "refused: detector_refused: BadPicture\n" in run.out


def test_no_line_for_a_person_is_wider_than_the_terminal(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    run.put("a/3.jpg", "pets", tags={"a word " * 20: "x"})
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    run(why, "oss://photos/a/3.jpg")
    assert max(map(len, terminal.getvalue().splitlines())) <= 80


@pytest.mark.parametrize("output_format", ["text", "json"])
def test_an_object_that_nobody_knows_is_no_error(run: Commands, output_format: str) -> None:
    assert run(why, "oss://photos/nothing\x1b.jpg", "--format", output_format) == 0
    assert ("there is none" if output_format == "text" else '"exists": false') in run.out
    assert "\x1b" not in run.out


def test_a_bucket_that_there_is_not_is_no_missing_object(run: Commands) -> None:
    with pytest.raises(Misconfigured, match="there is no bucket 'no-such-bucket'"):
        run(why, "oss://no-such-bucket/a.jpg")


def test_a_picture_whose_bucket_was_deleted_still_has_its_row(run: Commands) -> None:
    ref = run.put("b/1.jpg", "pets")
    run.world.objects.delete(ref)
    assert run.worker is None
    run.world.objects.missing_bucket = ref.bucket
    assert run.json(why, ref.uri)["state"] == "labelled"


def test_an_undone_picture_still_has_its_history(run: Commands) -> None:
    run(undo, URI, "--yes")
    told = run.json(why, URI)
    assert (told["state"], told["answer"]) == (None, KEPT)
    assert "reconcile --repair" in told["next_step"]
    assert [line["state"] for line in told["history"]] == ["labelled", "undone"]


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("oss://photos", "names no object"),
        ("oss://photos/", "names no object"),
        ("photos/a.jpg", "does not begin like a URI"),
    ],
)
def test_what_names_no_object_is_refused(uri: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", uri]) == 2
    assert said in capsys.readouterr().err


def test_the_whole_story_of_a_parked_picture_is_told(run: Commands) -> None:
    ref = ObjectRef("oss", "photos", "new.jpg")
    run.limits = Limits(total=0)
    run.world.user_puts(ref, "new")()
    run.world.wait(2)
    for _ in range(2):
        worker = run.world.worker()
        worker.labeler = replace(worker.labeler, limits=run.limits)
        worker.gets(ref)
        run.world.wait(60)
    assert run(why, ref.uri) == 0
    first = run.world.ledger.history(ref)[0].at
    lines = run.out.splitlines()
    assert f"  since     {shown(first)}" in lines
    assert any(line.startswith("  budget    ") and "of 0, which is spent" in line for line in lines)
    assert any(line.startswith("  next      the timer tries again when the function's") for line in lines)
    told = run.json(why, ref.uri)
    assert told["next_step"].startswith("the timer tries again")
    assert told["budgets"][0]["calls_limit"] == 0


def test_a_delivery_that_died_says_that_the_timer_tries_again(run: Commands) -> None:
    ref = ObjectRef("oss", "photos", "new.jpg")
    run.world.user_puts(ref, "new")()
    run.world.worker().dies_before("detector.detect").gets(ref)
    assert run.json(why, ref.uri)["next_step"] == "a delivery is at work on it"
    run.world.wait(300)
    assert run.json(why, ref.uri)["next_step"] == "the delivery that held it died: the timer tries again"


def test_a_picture_whose_event_was_lost_says_what_labels_it(run: Commands) -> None:
    run.world.user_puts(ObjectRef("oss", "photos", "lost.jpg"), "new")()
    assert "`imagelabels reconcile --repair` labels the picture" in run.json(why, "oss://photos/lost.jpg")["next_step"]
    assert run(why, "oss://photos/lost.jpg") == 0
    assert "  state     no row\n  next      no event has come yet" in run.out
    assert run.json(why, "oss://photos/nothing.jpg")["next_step"] is None


def test_a_picture_that_waits_has_the_state_that_outcomes_tells(run: Commands) -> None:
    ref = ObjectRef("oss", "photos", "new.jpg")
    run.world.user_puts(ref, "new")()
    run.world.worker().fails("objects.tags", Unavailable("store_error")).gets(ref)
    told = run.json(why, ref.uri)
    assert (told["state"], told["reason"], told["waiting_reason"]) == ("waiting", "store_error", "store_error")
    assert run(why, ref.uri) == 0
    assert "  state     waiting: store_error\n" in run.out
    assert "waits" not in run.out


def test_the_id_of_an_event_is_broken_where_it_is_wider_than_the_terminal(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = ObjectRef("oss", "photos", "a/1.jpg")
    run.world.worker().gets(ref, event_id=f"invoke-{'a' * 32}/{'b' * 32}")
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    run(why, ref.uri)
    lines = terminal.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.strip() for line in lines[-2:]] == [f"invoke-{'a' * 32}/", "b" * 32]
