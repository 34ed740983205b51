"""These tests check that suggestions correct typing errors and are never far-fetched."""

from __future__ import annotations

import pytest

from imagelabels.domain.spelling import suggested


def alike(word: str, names: list[str]) -> tuple[str, ...]:
    return suggested(word, {name: name for name in names})


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("brid", "bird"),
        ("tigre", "tiger"),
        ("tomatoe", "tomato"),
        ("pizzza", "pizza"),
        ("kitchne", "kitchen"),
        ("chihuahau", "chihuahua"),
        ("elefant", "elephant"),
        ("golden retreiver", "golden retriever"),
        ("猫科动", "猫科动物"),
        ("金毛寻回大", "金毛寻回犬"),
    ],
)
def test_a_slip_of_the_finger_is_put_right(word: str, name: str) -> None:
    assert alike(word, [name, "zebra", "ox"]) == (name,)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("kitten", "mitten"),
        ("woman", "wombat"),
        ("child", "shield"),
        ("baby", "chesapeake bay retriever"),
        ("tree", "tree frog"),
        ("beach", "park bench"),
        ("college", "collie"),
        ("cake", "cape"),
        ("cat", "car"),
        ("cta", "cat"),
        ("lamb", "lamp"),
        ("towel", "tower"),
        ("crown", "crowd"),
        ("globe", "glove"),
        ("medal", "meal"),
        ("小狗", "小猫"),
        ("海", "海豹"),
        ("woman", "women's shoes"),
    ],
)
def test_what_only_looks_like_it_is_not_suggested(word: str, name: str) -> None:
    assert alike(word, [name]) == ()


def test_the_nearest_come_first_and_three_are_enough() -> None:
    names = ["retrievers", "retriever", "retrieverzz", "retrievert", "retrieverb"]
    assert alike("retriever", names) == ("retriever", "retrieverb", "retrievers")


def test_a_long_word_costs_no_more_than_its_names_are_long() -> None:
    assert alike("a" * 100_000, ["a" * 10, "b"]) == ()


def test_what_two_spellings_suggest_is_suggested_once() -> None:
    assert suggested("vehicels", {"vehicles": "Vehicles", "vehicle": "Vehicles"}) == ("Vehicles",)


@pytest.mark.parametrize("name", ["mazrle", "maarle", "mabzle", "mabale"])
def test_letters_count_as_swapped_only_when_each_is_the_other(name: str) -> None:
    """Each name differs from "marble" by a letter that moved and a wrong letter beside it, which are two slips."""
    assert alike("marble", [name]) == ()


def test_a_chinese_word_of_three_characters_bears_one_slip_and_one_of_two_bears_none() -> None:
    assert alike("长劲鹿", ["长颈鹿"]) == ("长颈鹿",)
    assert alike("斑码", ["斑马"]) == ()


def test_every_word_of_eight_letters_and_more_bears_two_slips() -> None:
    assert alike("resturent", ["restaurant"]) == ("restaurant",)
    assert alike("hipopotamos", ["hippopotamus"]) == ("hippopotamus",)
