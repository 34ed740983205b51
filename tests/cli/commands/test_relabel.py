"""`imagelabels relabel` over a bucket in memory and a real index."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels.cli.commands import relabel
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.policy import Policy
from imagelabels.usecases import walk
from tests.fakes import label
from tests.site import Commands, at_a_terminal, commands


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Commands]:
    monkeypatch.setattr(walk, "LIMIT", 2)  # so that pages end
    with commands(tmp_path, capsys) as ready:
        ready.world.detector.shows["both"] = (label("cat", 0.9, "pet"), label("car", 0.4, "vehicle"))
        for key, content in (("a/1.jpg", "both"), ("a/2.jpg", "dog"), ("a/3.jpg", "both"), ("b/1.jpg", "both")):
            ready.put(key, content)
        ready.world.user_puts(ObjectRef("oss", "photos", "a/2.jpg"), "new")()
        ready.put("a/4.jpg", "dog")
        ready.labeler = {"policy": Policy(threshold=0.3)}
        yield ready


FORESEEN = {
    "prefix": "oss://photos/a/",
    "foreseen": True,
    "pictures": 4,
    "changed": 2,
    "unchanged": 1,
    "no_answer": 1,
    "labels_come": {"car": 2},
    "labels_go": {},
    "tags_come": {"label:car": 2},
    "tags_go": {},
}


def test_a_dry_run_counts_what_would_come_and_go_by_label_and_tag_and_writes_nothing(run: Commands) -> None:
    before = {uri: dict(there.tags) for uri, there in run.world.objects.there.items()}
    assert run.json(relabel, "oss://photos/a/", "--dry-run") == FORESEEN
    assert {uri: there.tags for uri, there in run.world.objects.there.items()} == before
    assert run.worker is not None
    assert set(run.worker.wire.calls) == {"ledger.row", "objects.head", "objects.tags", "ledger.answer"}


def test_the_diff_is_printed_before_the_first_write(run: Commands) -> None:
    def look() -> None:
        raise KeyboardInterrupt

    site = run.site
    run.site = lambda place: (site(place), run.worker.before("ledger.lock", look))[0]  # type: ignore[method-assign,union-attr]
    with pytest.raises(KeyboardInterrupt):
        run(relabel, "oss://photos/a/", "--yes")
    assert "label\tcar\t+2\t-0\n" in run._capsys.readouterr().out
    assert run.world.tags(ObjectRef("oss", "photos", "a/1.jpg")) == {"label:cat": "mammal"}


def test_relabelling_writes_what_was_foreseen_asks_nobody_and_has_nothing_left_to_do(run: Commands) -> None:
    asked = list(run.world.detector.asked)
    assert run(relabel, "oss://photos/a/", "--yes", "--format", "json") == 0
    first, second = map(json.loads, run.out.splitlines())
    assert first == FORESEEN
    assert second == {"prefix": "oss://photos/a/", "foreseen": False, "written": 2, "failed": {}}
    assert run.world.tags(ObjectRef("oss", "photos", "a/1.jpg")) == {"label:cat": "mammal", "label:car": "vehicle"}
    assert run.world.tags(ObjectRef("oss", "photos", "b/1.jpg")) == {"label:cat": "mammal"}
    assert run.world.detector.asked == asked
    again = run.json(relabel, "oss://photos/a/", "--dry-run")
    assert (again["changed"], again["unchanged"], again["labels_come"]) == (0, 3, {})


def test_a_person_reads_counts_first_then_labels_and_tags(run: Commands) -> None:
    assert run(relabel, "oss://photos/a/", "--yes") == 0
    assert run.out.splitlines() == [
        "oss://photos/a/",
        "  4 pictures: 2 would change, 1 would stay as before, 1 would be left, without a kept answer",
        "label\tcar\t+2\t-0",
        "tag\tlabel:car\t+2\t-0",
        "oss://photos/a/1.jpg",
        "  +car +label:car",
        "oss://photos/a/3.jpg",
        "  +car +label:car",
        "2 pictures were relabelled",
    ]


def test_a_person_sees_the_difference_and_may_say_no(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    err = at_a_terminal("no\n", monkeypatch)
    assert run(relabel, "oss://photos/a/") == 1
    assert "label\tcar\t+2\t-0" in run.out
    assert "Relabel 2 pictures? [y/N] nothing was written\n" in err.getvalue()
    assert run.world.tags(ObjectRef("oss", "photos", "a/1.jpg")) == {"label:cat": "mammal"}


def test_a_person_who_says_yes_gets_it_and_is_not_asked_about_nothing(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal("yes\n", monkeypatch)
    assert run(relabel, "oss://photos/a/") == 0
    assert "2 pictures were relabelled" in run.out
    assert run(relabel, "oss://photos/a/") == 0
    assert "0 pictures were relabelled" in run.out


def test_without_a_terminal_and_without_yes_nothing_is_relabelled(run: Commands) -> None:
    assert run(relabel, "oss://photos/a/") == 2
    assert "--yes" in run.err
    assert "--dry-run" in run.err
    assert run.out == ""


def test_what_fails_is_named_and_the_same_command_goes_on(run: Commands) -> None:
    run.world.objects.tag_writes_fail = [Unavailable("throttled")] * 2
    assert run(relabel, "oss://photos/a/", "--yes") == 1
    assert "oss://photos/a/1.jpg: throttled" in run.err
    run.world.wait(60)
    assert run(relabel, "oss://photos/a/", "--yes") == 0
    assert "2 pictures were relabelled" in run.out


def test_a_policy_file_is_applied_in_place_of_the_settings(run: Commands, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[[rule]]\nprefix = "oss://photos/a/"\nexclude = ["cat"]\n')
    told = run.json(relabel, "oss://photos/", "--dry-run", "--policy", str(file))
    assert (told["labels_go"], told["labels_come"]) == ({"cat": 2}, {})


def test_a_policy_file_that_cannot_be_read_is_a_message(run: Commands, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="nowhere"):
        run(relabel, "oss://photos/", "--yes", "--policy", str(tmp_path / "nowhere.toml"))
