"""What strangers chose, printed so that it can do nothing."""

from __future__ import annotations

import ast

import pytest

from imagelabels.views.printing import cells, escaped, label_text, nearest, state_text


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


def test_a_label_and_an_outcome_read_the_same_wherever_they_stand_and_can_do_nothing() -> None:
    assert label_text("D\x1bogs", 0.926) == "D\\x1bogs 0.93"
    assert state_text("labelled", None) == "labelled"
    assert state_text("skipped", "corrupt", ("format_\n", "")) == "skipped: corrupt, format_\\n"


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
