"""What strangers chose, printed so that it can do nothing."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from imagelabels.domain.model import Label
from imagelabels.domain.taxonomy import Concept, Taxonomy
from imagelabels.views.printing import cells, escaped, label_json, nearest

TAXONOMY = Taxonomy(
    [
        Concept("mammal", 1, None, {"en": "Mammals", "zh-Hans": "哺乳动物"}, {}),
        Concept("dog", 2, "mammal", {"en": "Dogs", "zh-Hans": "狗"}, {}),
    ],
    1,
)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[31mred\x1b]0;title\x07", r"\x1b[31mred\x1b]0;title\x07"),
        ("\x9b31m\x7f\x00", r"\x9b31m\x7f\x00"),
        ("\u202egpj.exe\u2066", r"\u202egpj.exe\u2066"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
        ("\udcff", r"\udcff"),
        (r"C:\new", r"C:\\new"),
        ("\U000e0001", r"\U000e0001"),
    ],
    ids=ascii,
)
def test_what_a_terminal_would_obey_is_spelled_out(text: str, printed: str) -> None:
    assert escaped(text) == printed


@pytest.mark.parametrize("text", ["", "summer/dog 1.jpg", "露营/鹿.jpg", "été", "😀", "[red]%5B'\"&", "مرحبا"])
def test_letters_of_every_script_stay(text: str) -> None:
    assert escaped(text) == text


def test_no_two_texts_are_printed_alike_and_each_can_be_told_from_its_print() -> None:
    for code in (*range(0x3000), *range(0xD800, 0xE100), *range(0x1F000, 0x1F700), 0xE0001, 0x10FFFF):
        text = f"a{chr(code)}n"
        printed = escaped(text)
        assert printed.isprintable()
        assert ast.literal_eval('"' + printed.replace('"', '\\"') + '"') == text


LABEL = Label("dog", "Dogs", "en", 2, "mammal", 0.93, 0.5)


def test_a_label_has_the_services_keys() -> None:
    assert label_json(LABEL, TAXONOMY) == {
        "LabelId": "dog",
        "LabelName": "Dogs",
        "LabelConfidence": 0.93,
        "CentricScore": 0.5,
        "LabelLevel": 2,
        "ParentLabelName": "Mammals",
        "Language": "en",
    }


def test_the_parent_is_called_in_the_label_s_language() -> None:
    label = replace(LABEL, name="狗", language="zh-Hans")
    assert label_json(label, TAXONOMY)["ParentLabelName"] == "哺乳动物"


@pytest.mark.parametrize(("parent", "name"), [(None, ""), ("imm:动物", "动物"), ("imm:a:b", "a:b")])
def test_a_parent_that_only_the_vendor_knows_has_the_vendors_name(parent: str | None, name: str) -> None:
    told = label_json(replace(LABEL, parent_id=parent, centric_score=None), TAXONOMY)
    assert (told["ParentLabelName"], told["CentricScore"]) == (name, None)


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("labeled", ("labelled", "skipped"), "labelled"),
        ("zh", ("en", "zh-Hans"), "zh-Hans"),
        ("JSON", ("table", "json"), "json"),
        ("fr", ("en", "zh-Hans"), None),
        ("", ("en", "zh-Hans"), None),
        ("de", ("detect", "delete"), None),
    ],
)
def test_only_what_is_near_is_suggested(word: str, known: tuple[str, ...], meant: str | None) -> None:
    assert nearest(word, known) == meant


def test_columns_are_counted_as_a_terminal_counts_them() -> None:
    assert [cells(text) for text in ("cat", "猫", "é", "e\u0301", "ネコ")] == [3, 2, 1, 1, 4]
