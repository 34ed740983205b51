"""docs/formats.md tells every field that is written, with its type, and no other."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from imagelabels.cli.commands import correct as cli_correct
from imagelabels.cli.commands import reconcile as cli_reconcile
from imagelabels.cli.commands import redrive as cli_redrive
from imagelabels.cli.commands import relabel as cli_relabel
from imagelabels.cli.commands import undo as cli_undo
from imagelabels.cli.commands import why as cli_why
from imagelabels.cli.main import main
from imagelabels.cli.output_file import Output, state_of
from imagelabels.deploy.price_file import shipped
from imagelabels.domain import taxonomy
from imagelabels.domain.albums import Album, Question
from imagelabels.domain.bill import Bill, Terms
from imagelabels.domain.budget import Hold, Limits, Spending
from imagelabels.domain.errors import BadEvent, Misconfigured, Unavailable
from imagelabels.domain.explain import Explained
from imagelabels.domain.foreseen import Tally, Way
from imagelabels.domain.invocations import Failure, Invoked, ReportedOutcome
from imagelabels.domain.model import Delivered, Detection, ObjectChange, ObjectRef, Outcome
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.policy import Policy
from imagelabels.domain.query import Counts, Page
from imagelabels.domain.resumption import Ended, Resumed
from imagelabels.domain.tally import DetectorSpending, Group
from imagelabels.ports import Unfinished
from imagelabels.records.rows import unfinished
from imagelabels.respond import respond
from imagelabels.usecases.albums import album_json
from imagelabels.usecases.walk import Place
from imagelabels.views.answers import Refused, answered
from imagelabels.views.bill import bill_json
from imagelabels.views.forms import accepted_json, invoked_json, resumed_json
from imagelabels.views.outcomes import counts_json, outcome_row_json, unfinished_json
from imagelabels.views.rows import print_counts, print_page
from imagelabels.views.vendor import EXPLAINED, LABEL
from tests.cli.functions import FunctionInMemory
from tests.contract.samples import label, record
from tests.failed_events import QueueInMemory
from tests.fakes import label as seen
from tests.model import PHOTOS, model_path
from tests.site import Commands, commands
from tests.views.documented import PAGE, Comparison, tables

KNOWN = taxonomy.load()
URI = "oss://photos/a/1.jpg"


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_path(tmp_path_factory)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    with commands(tmp_path, capsys) as ready:
        ready.world.detector.shows["pets"] = (seen("cat", 0.9, "pet"), seen("dog", 0.8, "pet"), seen("car", 0.4))
        ready.world.detector.refuses.add("blur")
        ready.put("a/1.jpg", "pets", tags={"trip": "x", "label:dog": "mine"})
        ready.put("a/2.jpg", "blur")
        yield ready


def printed(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def files(folder: Path) -> Iterator[tuple[str, Any]]:
    """What `detect --output` writes of a labelled, an explained and a refused picture."""
    labels = (label("mammal"), replace(label("cat", parent="mammal"), centric_score=None))
    detection = Detection(labels, "embedded", "m", '{"width": 4, "height": 3}', False)
    reasons = (
        Explained("cat", "imm:Cat", "Cats", 0.9, True, "kept", "kept", ("label:cat", "mammal")),
        Explained("dog", "dog", "Dogs", 0.1, False, "below_threshold", "below threshold 0.7", None),
    )
    path = str(PHOTOS / "chelsea.png")
    with Output(folder / "out.jsonl").begin(set()) as output:
        output.add(answered(path, detection, labels, KNOWN), state_of(path, "settings"))
        output.add(answered(path, detection, labels, KNOWN, reasons), state_of(path, "settings"))
        output.add(Refused("nope.jpg", "store_error", "there is no file or folder nope.jpg"), None)
    for line in (folder / "out.jsonl").read_text().splitlines():
        yield "picture-file", json.loads(line)


def rows(capsys: pytest.CaptureFixture[str]) -> Iterator[tuple[str, Any]]:
    """What `search` prints of pictures in every state, of a page's end, and of counts."""
    labels = (label("mammal"), replace(label("cat", parent="mammal"), centric_score=None))
    whole = record(labels=labels)
    bare = unfinished(ObjectRef("oss", "album", "b.jpg"), "throttled")
    print_page(Page((whole, bare), "token"), "json", KNOWN)
    first, second, last = printed(capsys)
    yield from (("row", first), ("row", second), ("next-page", last))
    print_counts(Counts(2, {"cat": 1}, {"mammal": 1}, {"labelled": 2}, {"corrupt": 1}, {"format_heic": 1}), "json")
    yield "counts", printed(capsys)[0]


def known(capsys: pytest.CaptureFixture[str]) -> Iterator[tuple[str, Any]]:
    """What `labels` prints of every label, and of a word that the embedded model has none for."""
    for word in ([], ["animals"]):
        assert main(["labels", *word, "--format", "json"]) == 0
        yield from (("known-label", line) for line in printed(capsys))
    assert main(["labels", "woman", "--format", "json"]) == 0
    yield "word-without-a-label", printed(capsys)[0]


def stored(run: Commands) -> Iterator[tuple[str, Any]]:
    """What the commands print that work on labelled objects."""
    for uri in (URI, "oss://photos/a/2.jpg", "oss://photos/nothing.jpg"):
        yield "why", run.json(cli_why, uri)
    ref, now = ObjectRef("oss", "photos", "a/3.jpg"), run.world.clock.time()
    assert run.world.ledger.lock(ref, "token", now + 60, now, "event")
    yield "why", run.json(cli_why, ref.uri)
    run.world.ledger.release(ref, "token", "throttled")
    yield "why", run.json(cli_why, ref.uri)
    corrected = run.json(cli_correct, URI, "--not", "dog", "--add", "my boat")
    yield "correction", {name: corrected.pop(name) for name in ("tags_ours", "corrections")}
    yield "row", corrected
    run.labeler = {"policy": Policy(threshold=0.3)}
    assert run(cli_relabel, "oss://photos/", "--yes", "--format", "json") == 0
    foreseen, written = map(json.loads, run.out.splitlines())
    yield from (("relabelling", foreseen), ("relabelled", written))
    yield "undoing", run.json(cli_undo, "oss://photos/", "--yes")


def operated(run: Commands) -> Iterator[tuple[str, Any]]:
    """What `outcomes`, `redrive` and `reconcile` print, and what the timer's function answers."""
    ref, now = ObjectRef("oss", "photos", "a/9.jpg"), 1_700_000_000.0
    done, bare = record(ref, labels=(), state="skipped", reason="corrupt"), unfinished(ref, "throttled")
    yield from (("outcome-row", outcome_row_json(one)) for one in (done, replace(done, reason=None), bare))
    for row in (Unfinished(ref, "parked", "budget", now), Unfinished(ref, None, None, None)):
        yield "unfinished-row", unfinished_json(row)
    spent = Spending(3, 2, 0, {"oss://photos": Hold("forbidden", now)})
    budgets = [DetectorSpending("imm", spent, limits) for limits in (Limits(1, 2, 3), Limits())]
    yield "outcome-counts", counts_json([Group("parked", "budget", 2), Group("labelled", "", 1)], budgets)
    yield "run-of-the-timer", resumed_json(Resumed(Ended.DONE, {"labelled": 2}, 1, {"*": ("budget",)}))
    yield "run-of-the-timer", resumed_json(Resumed(Ended.NO_TIME, message="give the function a longer timeout"))
    function = FunctionInMemory(run.world)
    for key in ("a/7.jpg", "a/8.jpg"):
        run.world.user_puts(ObjectRef("oss", "photos", key), key)()
        run.world.worker().fails("objects.tags", Unavailable("throttled")).gets(ObjectRef("oss", "photos", key))
    run.world.worker().fails("objects.tags", Misconfigured("no", "forbidden")).gets(ref)
    run.world.user_puts(ref, "parked")()
    run.world.worker().fails("objects.tags", Misconfigured("no", "forbidden")).gets(ref)
    yield "why", run.json(cli_why, ref.uri)
    for price in (None, "0.1 USD"):
        opened = cli_redrive.Bench(run.site(Place("oss", "photos", "")), run.world.ledger, price, ())

        def bench(place: Place, opened: cli_redrive.Bench = opened) -> cli_redrive.Bench:
            return opened

        words = ("oss://photos/a/7.jpg", "--yes", "--format", "json")
        cli_redrive.run(cli_redrive.command().parsed(*words), bench, function.connect)
        yield from zip(("redriving", "redriven"), run.printed(), strict=False)
        queue = QueueInMemory()
        queue.send(ObjectRef("oss", "photos", "a/7.jpg"))
        queue.send(function="thumbnails")
        of_queue = ("oss://photos/", "--queue", "failures", "--yes", "--format", "json")
        cli_redrive.run(cli_redrive.command().parsed(*of_queue), bench, function.connect, partial(_opened, queue))
        yield from zip(("redriving-of-a-queue", "redriven-of-a-queue"), run.printed(), strict=True)
    cli_reconcile.run(
        cli_reconcile.command().parsed("oss://photos/a/", "--repair", "--format", "json"), run.site, function.connect
    )
    *drifts, total = run.printed()
    yield from (("drift", one) for one in drifts)
    yield "drift-counts", total


def _opened(queue: QueueInMemory, scheme: str, through: str | None, name: str) -> QueueInMemory:
    return queue


def outcomes() -> Iterator[tuple[str, Any]]:
    """What a function answers."""
    change = ObjectChange(ObjectRef("oss", "photos", "a.jpg"), "created", "event-1")
    skipped = Outcome(State.SKIPPED, Reason.CORRUPT, ("format_heic",), ("cat",), 1)
    done = [Delivered(change, skipped), Delivered(change, Outcome(State.LABELLED, None, (), ("cat",)))]
    answer = respond("r", done, [BadEvent("events[0]", "missing")])
    yield from (("outcome", one) for one in answer["records"])


def folder_of_files(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[tuple[str, Any]]:
    """What `detect --index` prints at its end."""
    (tmp_path / "photos").mkdir()
    shutil.copy(PHOTOS / "rocket.jpg", tmp_path / "photos")
    (tmp_path / "photos" / "text").write_text("no picture")
    index = ("--index", f"sqlite:///{tmp_path}/photos.db")
    paths = (str(tmp_path / "photos"), str(tmp_path / "nowhere"))
    assert main(["detect", "--model", str(model), *paths, *index, "--format", "json"]) == 1
    (told,) = printed(capsys)
    assert (told["skipped"], told["failed"]) == ({"not_image": 1}, {"store_error": 1})
    yield "counts-of-files", told


def invocations() -> Iterator[tuple[str, Any]]:
    """What `invoke` prints of an object that the function answered for, and of those that it did not."""
    answered_so = ReportedOutcome(URI, "invoke-1", "skipped", "corrupt", "m", ("dog",), ("no_labels",), 1)
    for one in (
        Invoked(URI, "request", answered_so),
        Invoked(URI, "request", error=Failure("ValueError", "no dog")),
        Invoked(URI, error=Unavailable("throttled", "busy")),
    ):
        form = invoked_json(one)
        yield "invoked-object", {"request_id": form.pop("request_id")}
        yield "outcome", form
    yield "accepted-object", accepted_json(Invoked(URI, "request", accepted=True))
    yield "accepted-object", accepted_json(Invoked(URI, error=Unavailable("throttled", "busy")))


def albums() -> Iterator[tuple[str, Any]]:
    """An album with every condition, and one with none."""
    asked = Question(("dog",), ("cat",), ("pug",), 0.5, "oss://photos/", 0, 1, 2, "any", "corrupt")
    for album in (Album("a", "Dogs", asked, cover=URI), Album("b", "All")):
        yield "album", album_json(album, ("",))


def bills() -> Iterator[tuple[str, Any]]:
    """What a dry run tells with all prices and labelled pictures, and with neither."""
    counted = Tally(ways=Counter({Way.CALL: 2, Way.DONE: 1}), unasked=2, unasked_tags=4)
    labelled = replace(counted, labelled_rows=1, labelled_tags=2)
    prices = shipped()
    yield "bill", bill_json(Bill(labelled, Terms("oss", True, "aliyun", prices, prices["imm-image-label"])), URI)
    yield "bill", bill_json(Bill(counted, Terms("ci", True, "tencent", prices, None)), URI)


def test_the_page_tells_every_field_of_every_form_with_its_type_and_no_other(
    run: Commands, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    comparison = Comparison(tables())
    for source in (
        operated(run),
        stored(run),
        files(tmp_path),
        rows(capsys),
        known(capsys),
        folder_of_files(model, tmp_path, capsys),
        bills(),
        albums(),
        outcomes(),
        invocations(),
    ):
        for form, written in source:
            comparison.take(form, written)
    assert comparison.wrong == []
    assert list(comparison.unseen()) == []


def test_every_name_is_in_snake_case() -> None:
    forms = tables()
    assert len(forms) > 20
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for fields in forms.values() for name in fields)


def test_the_page_tells_the_vendors_name_of_every_field_that_has_one() -> None:
    told = re.findall(r"^\| `(\w+)` \| (?:`(\w+)` )?\| (?:`(\w+)` )?\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {ours: label for ours, label, _ in told if label} == LABEL
    assert {ours: explained for ours, _, explained in told if explained} == EXPLAINED


def test_the_comparison_finds_a_field_that_is_missing_one_too_many_and_one_of_another_type() -> None:
    comparison = Comparison({"tag": {"key": ("string",), "value": ("string", "null")}})
    comparison.take("tag", {"key": 1, "other": "x"})
    assert comparison.wrong == [
        "tag: other is not on the page",
        "tag: key is 1, not string",
        "tag: value is 'absent', not string or null",
    ]
    comparison.take("tag", {"key": "k", "value": None})
    assert list(comparison.unseen()) == ["tag: value: string"]
