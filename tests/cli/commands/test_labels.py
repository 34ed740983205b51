"""`imagelabels labels`: what can be found, and what a word means."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from dataclasses import asdict

import pytest

from imagelabels.cli.commands import labels
from imagelabels.domain import measured, taxonomy
from imagelabels.views.printing import cells


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _run(*arguments: str, terminal: bool = False) -> list[str]:
    with redirect_stdout(Terminal() if terminal else io.StringIO()) as printed:
        assert labels.run(labels.command().parsed(*arguments)) == 0
    return printed.getvalue().splitlines()


def _json(*arguments: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in _run("--format", "json", *arguments)]


def test_every_label_and_every_wider_word_is_listed_once() -> None:
    known = taxonomy.load()
    for listed in ([line.split("\t")[0] for line in _run()], [row["id"] for row in _json()]):
        assert len(listed) == len(set(listed))
        assert set(listed) == {*known.concepts, *known.wider}


def test_a_label_is_listed_with_names_level_category_and_what_is_below() -> None:
    lines = _run()
    assert "dog\t2\tmammal\tDogs\t狗\t" in lines
    assert "animal\t0\t\tAnimals\t动物\t" in lines
    assert {len(line.split("\t")) for line in lines} == {6}
    cat = next(row for row in _json() if row["id"] == "cat")
    counts = measured.load().get("cat")
    assert cat == {
        "id": "cat",
        "level": 2,
        "category_id": "mammal",
        "names": {"en": "Cats", "zh-Hans": "猫"},
        "also_called": {"en": ["Cat"], "zh-Hans": ["猫咪"]},
        "child_ids": ["tabby-cat", "tiger-cat", "persian-cat", "siamese-cat", "egyptian-cat"],
        "embedded": True,
        "embedded_needs": None,
        "embedded_measured": None if counts is None else asdict(counts),
    }


def test_a_label_that_the_embedded_model_gives_with_a_setting_only_is_marked() -> None:
    marked = {row["id"]: row["embedded_needs"] for row in _json() if row["embedded_needs"]}
    assert marked == {"face": "IMAGELABELS_FACES=on"}
    assert [line for line in _run() if not line.endswith("\t")] == [
        "face\t2\tperson\tFaces\t人脸\tIMAGELABELS_FACES=on"
    ]
    assert _run("face", terminal=True) == [
        "face  Faces, Face, 人脸, 脸, 面孔  [embedded model: only with",
        "    IMAGELABELS_FACES=on]",
    ]


def test_people_are_told_how_good_a_label_is_and_which_labels_are_never_given() -> None:
    person = measured.load()["person"]
    assert person.right > 150
    assert _run("person", terminal=True)[1] == (
        f"    right {person.right} of {person.given}, found {person.right} of {person.there}"
    )
    (trolleybus,) = _json("trolleybus")
    assert (trolleybus["embedded"], trolleybus["embedded_measured"]) == (False, None)
    assert _run("trolleybus", terminal=True)[1] == "    never given: it was wrong too often"
    desk = measured.load()["table-and-desk"]
    assert desk.given == 0
    assert _run("tables", terminal=True)[1] == f"    given to no picture, found 0 of {desk.there}"


def test_the_labels_and_their_grades_fit_into_a_narrow_terminal() -> None:
    lines = _run(terminal=True)
    grades = [line for line in lines if line.lstrip().startswith(("right ", "given to no picture", "never given"))]
    assert len(grades) > 50
    assert max(cells(line) for line in lines) <= 80
    assert _run("screenshot", terminal=True)[:3] == [
        "graphic  Graphics and screenshots, Graphics, Screenshots, Screenshot, Drawings,",
        "    Drawing, 图形和截图, 图形, 截图, 屏幕截图, 图画, 屏幕快照",
        f"    right {measured.load()['graphic'].right} of {measured.load()['graphic'].given}, found "
        f"{measured.load()['graphic'].right} of {measured.load()['graphic'].there}",
    ]


def test_a_word_for_a_label_that_is_never_given_is_answered_with_the_wider_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _run("castle")[0].startswith("castle\t3\t")
    never = "castle: the embedded model never gives Castle (castle), which was wrong too often: try Castles and palaces"
    assert capsys.readouterr().err == f"{never} (castle-and-palace)\n"


@pytest.mark.parametrize("word", ["cat", "Cats", "猫", "cats", "kitten", "小猫"])
def test_a_word_lists_what_a_search_for_it_finds(word: str) -> None:
    ids = [line.split("\t")[0] for line in _run(word)]
    assert ids == ["cat", "tabby-cat", "tiger-cat", "persian-cat", "siamese-cat", "egyptian-cat"]


def test_a_wider_word_lists_the_categories_it_is_for_and_all_below() -> None:
    ids = [line.split("\t")[0] for line in _run("animals")]
    assert ids[:4] == ["animal", "mammal", "dog", "chihuahua"]
    assert {"bird", "ladybug", "goldfish"} <= set(ids)
    assert "daisy" not in ids


def test_people_see_what_is_below_by_how_far_it_is_indented() -> None:
    lines = _run("kitten", terminal=True)
    assert lines[:2] == ["kitten is looked for as cat:", "cat  Cats, Cat, 猫, 猫咪"]
    assert "  tabby-cat  Tabby cat, 虎斑猫" in lines
    assert _run("猫科", terminal=True)[0] == "猫科 is looked for as cat, wild-cat:"
    assert _run("cat", terminal=True)[0] == "cat  Cats, Cat, 猫, 猫咪"
    assert _run("pizza", "--language", "zh-Hans", terminal=True)[0] == "pizza  披萨"
    assert _run(terminal=True)[0] == "animal  Animals, 动物  [a word for several categories]"


def test_one_language_is_shown_where_one_is_asked_for() -> None:
    assert _run("pizza", "--language", "en") == ["pizza\t3\tfood\tPizza\t"]
    assert _run("pizza", "--language", "zh-Hans") == ["pizza\t3\tfood\t披萨\t"]
    (row,) = _json("seashore", "--language", "zh-Hans")
    assert (row["names"], row["also_called"]) == ({"zh-Hans": "海滨"}, {"zh-Hans": ["海滩", "沙滩", "海边"]})


def test_a_word_that_the_embedded_model_cannot_say_is_answered_with_that() -> None:
    says = "woman: the embedded model does not tell women from men: try People (person)"
    assert _run("woman") == _run("woman", terminal=True) == [says]
    assert _json("woman") == [
        {"word": "woman", "embedded": False, "why": "does not tell women from men", "near_ids": ["person"]}
    ]


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("qqqq", "no label of ours is called qqqq"),
        ("chihuahau", "nothing is called chihuahau: did you mean Chihuahua?"),
        ("q\x1b[2J", r"no label of ours is called q\x1b[2J"),
    ],
)
def test_a_word_that_nothing_is_called_is_said_on_stderr(
    word: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(word) == []
    assert hint in capsys.readouterr().err


def test_a_word_of_a_vendor_lists_the_label_it_stands_for() -> None:
    assert _run("兽类")[0] == _run("ci:兽类")[0] == "mammal\t1\tmammal\tMammals\t哺乳动物\t"
