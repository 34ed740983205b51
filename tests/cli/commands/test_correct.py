"""`imagelabels correct` over a bucket in memory and a real index."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imagelabels.cli.commands import correct, relabel, search, undo, why
from imagelabels.domain.policy import Policy
from tests.fakes import label
from tests.site import Commands, commands

URI = "oss://photos/a/1.jpg"
SHOWS = (label("cat", 0.9, "pet"), label("dog", 0.8, "pet"), label("car", 0.4, "vehicle"))


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    with commands(tmp_path, capsys) as ready:
        ready.world.detector.shows["pets"] = SHOWS
        ready.put("a/1.jpg", "pets")
        yield ready


def found(run: Commands, tmp_path: Path, *words: str) -> list[str]:
    """What the real search finds, whose taxonomy is the real one."""
    asked = search.command().parsed("--format", "json", *words)
    assert search.run(asked, lambda _: run.index) == 0
    return [json.loads(line)["uri"] for line in run._capsys.readouterr().out.splitlines()]


def ids(told: dict[str, Any]) -> list[str]:
    return [label["id"] for label in told["labels"]]


def test_what_was_added_is_found_and_what_is_not_so_is_not(run: Commands, tmp_path: Path) -> None:
    told = run.json(correct, URI, "--not", "dog", "--add", "My boat", "car")
    assert (told["uri"], told["state"], told["notes"]) == (URI, "labelled", ["corrected"])
    assert ids(told) == ["car", "user:my boat", "cat"]
    assert told["tags_ours"] == {"label:car": "vehicle", "label:user:my boat": "user", "label:cat": "mammal"}
    assert told["corrections"] == {"not": ["dog"], "add": ["My boat", "car"]}
    for words in (["my boat"], ["MY-BOAT"], ["user:my boat"], ["my boat:0.9", "cat"]):
        assert found(run, tmp_path, *words) == [URI], words
    assert found(run, tmp_path, "dog") == []
    assert found(run, tmp_path, "--none", "my boat") == []


def test_a_person_reads_the_labels_and_all_that_was_said(run: Commands) -> None:
    assert run(correct, URI, "--not", "dog") == 0
    assert run(correct, URI, "--add", "my boat") == 0
    assert run.out == f"{URI}: my boat 1.00, Cat 0.90\n  not: dog\n  added: my boat\n"
    assert run(correct, URI, "--forget") == 0
    assert run.out == f"{URI}: Cat 0.90, Dog 0.80\n"


def test_why_names_what_corrections_did(run: Commands) -> None:
    run(correct, URI, "--not", "dog", "--add", "my boat")
    told = run.json(why, URI)
    assert {one["id"]: (one["kept"], one["cause"]) for one in told["explained"]} == {
        "user:my boat": (True, "added"),
        "cat": (True, "kept"),
        "dog": (False, "not_so"),
        "car": (False, "below_threshold"),
    }
    assert told["policy_changed"] is False
    assert [one["why"] for one in told["explained"]][:1] == ["added by a correction"]


def test_relabelling_and_undo_know_of_corrections(run: Commands) -> None:
    run(correct, URI, "--not", "dog", "--add", "my boat")
    run.labeler = {"policy": Policy(threshold=0.3)}
    told = run.json(relabel, "oss://photos/", "--dry-run")
    assert (told["labels_come"], told["labels_go"]) == ({"car": 1}, {})
    assert run(undo, "oss://photos/", "--dry-run") == 0
    assert "2 tags and 1 row would be removed" in run.out
    assert run.out.endswith("ATTENTION: 1 of them holds corrections by a person, which go too\n")
    told = run.json(undo, "oss://photos/", "--yes")
    assert (told["tags"], told["corrected"]) == (2, 1)
    assert run.world.objects.there[URI].tags == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--not WORD, --add WORD or --forget"),
        (("--not", "mamals"), "did you mean mammal?"),
        (("--not", "dog", "--add", "dog"), "say one of the two"),
        (("--add", "\x1b[2J"), "is no word for a label"),
    ],
)
def test_what_cannot_be_said_is_a_message_and_status_2(run: Commands, arguments: tuple[str, ...], words: str) -> None:
    assert run(correct, URI, *arguments) == 2
    assert words in run.err
    assert "\x1b" not in run.err
    assert run.out == ""


def test_an_object_that_is_gone_is_named(run: Commands) -> None:
    run.world.objects.there.clear()
    assert run(correct, URI, "--not", "dog") == 2
    assert run.err.startswith(f"imagelabels correct: {URI}: there is no such object")


RENAMED = Policy(rename=(("cat", "Große Katze"), ("imm:露营", "Camping")))


@pytest.mark.parametrize("word", ["Große Katze", "grosse katze", "GROSSE-KATZE", "cat", "猫"])
def test_the_name_that_a_policy_shows_is_the_label_s_and_makes_no_second_one(run: Commands, word: str) -> None:
    run.labeler["policy"] = RENAMED
    assert run(relabel, "oss://photos/a/", "--yes") == 0
    told = run.json(correct, URI, "--add", word)
    assert ids(told) == ["cat", "dog"]
    assert told["tags_ours"] == {"label:cat": "mammal", "label:dog": "mammal"}
    assert run(correct, URI, "--add", "my boat") == 0
    assert run.out.startswith(f"{URI}: Große Katze 1.00, my boat 1.00, Dog 0.80\n")
    assert ids(run.json(correct, URI, "--not", word)) == ["user:my boat", "dog"]
    assert ids(run.json(correct, URI, "--forget")) == ["cat", "dog"]


def test_a_correction_by_a_shown_name_stays_what_it_is_when_the_name_changes(run: Commands) -> None:
    run.labeler["policy"] = RENAMED
    assert run.json(correct, URI, "--add", "große katze", "--not", "Dog")["corrections"]["add"] == ["cat"]
    run.labeler["policy"] = Policy()
    assert run(relabel, "oss://photos/a/", "--yes") == 0
    assert run(correct, URI, "--add", "my boat") == 0
    assert run.out.startswith(f"{URI}: Cat 1.00, my boat 1.00\n")


def test_a_name_that_only_the_row_still_shows_is_understood_too(run: Commands) -> None:
    run.labeler["policy"] = RENAMED
    assert run(relabel, "oss://photos/a/", "--yes") == 0
    run.labeler["policy"] = Policy()
    assert ids(run.json(correct, URI, "--not", "Große Katze")) == ["dog"]


def test_a_name_in_the_rows_language_and_a_vendors_word_are_understood(run: Commands) -> None:
    run.world.detector.shows["tent"] = (label("imm:露营", 0.9, None), label("cat", 0.8, "pet"))
    run.put("a/2.jpg", "tent")
    uri = "oss://photos/a/2.jpg"
    run.labeler["policy"] = Policy(language="zh-Hans")
    assert run(relabel, "oss://photos/a/", "--yes") == 0
    assert ids(run.json(correct, uri, "--add", "猫", "imm:露营")) == ["cat", "imm:露营"]
    run.labeler["policy"] = RENAMED
    assert ids(run.json(correct, uri, "--forget", "--add", "camping")) == ["imm:露营", "cat"]
    assert ids(run.json(correct, uri, "--not", "Camping")) == ["cat"]


def test_a_word_that_somebody_added_becomes_the_label_that_is_shown_so_and_is_not_said_twice(run: Commands) -> None:
    assert ids(run.json(correct, URI, "--add", "Große Katze")) == ["user:große katze".casefold(), "cat", "dog"]
    run.labeler["policy"] = RENAMED
    assert run(relabel, "oss://photos/a/", "--yes") == 0
    assert run(correct, URI, "--add", "my boat") == 0
    assert run.out.startswith(f"{URI}: Große Katze 1.00, my boat 1.00, Dog 0.80\n")
    assert ids(run.json(correct, URI, "--not", "große katze")) == ["user:my boat", "dog"]


def test_two_names_of_one_label_are_one_label(run: Commands) -> None:
    assert ids(run.json(correct, URI, "--add", "cat", "猫")) == ["cat", "dog"]


def test_a_search_understands_the_names_that_the_policy_file_shows(
    run: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.put("b/3.jpg", "pets")
    assert run(correct, "oss://photos/b/3.jpg", "--not", "cat", "--add", "Große Katze") == 0
    file = tmp_path / "policy.toml"
    file.write_text('[[rule]]\nprefix = "oss://photos/a/"\nrename = { cat = "Große Katze", "imm:露营" = "Camping" }\n')
    monkeypatch.setenv("IMAGELABELS_POLICY", str(file))
    run.labeler["policy"] = RENAMED
    assert run(relabel, "oss://photos/a/", "--yes") == 0
    for words in (["Große Katze"], ["GROSSE-KATZE:0.5"], ["--any", "grosse katze", "car"]):
        assert sorted(found(run, tmp_path, *words)) == [URI, "oss://photos/b/3.jpg"], words
    assert found(run, tmp_path, "--none", "große katze") == []
    assert found(run, tmp_path, "cat") == [URI]
    monkeypatch.delenv("IMAGELABELS_POLICY")
    assert found(run, tmp_path, "Große Katze") == ["oss://photos/b/3.jpg"]
