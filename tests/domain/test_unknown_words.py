"""These tests check that a refused word is answered with the labels that can be written in its place."""

from __future__ import annotations

import pytest

from imagelabels.domain import taxonomy
from imagelabels.domain import words as everyday
from imagelabels.domain.concept import Concept
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.domain.unknown_words import hint
from imagelabels.domain.words import EverydayWords, UnlabelledWords

KNOWN = taxonomy.load()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("kitten", "write cat"),
        ("Kittens", "write cat"),
        ("小猫", "write cat"),
        ("兽类", "write mammal"),
        ("猫科", "write those that you mean of cat, wild-cat"),
        ("home", "write those that you mean of furniture, home-and-household, kitchenware"),
        ("mamal", "did you mean mammal?"),
        ("kiten", "did you mean cat?"),
        ("birthday", "there is no label for it, because the embedded model knows no occasions"),
        (
            "snow",
            "there is no label for it, because the embedded model does not tell weather or season; "
            "the nearest: landscape",
        ),
        ("xyzzy", ""),
        ("imm:", ""),
        ("", ""),
    ],
)
def test_a_refused_word_is_answered_with_what_to_write(word: str, expected: str) -> None:
    assert hint(word, KNOWN) == expected


def test_everything_that_a_search_understands_is_answered_with_ids_of_labels() -> None:
    for entry in everyday.load(KNOWN.vocabularies).everyday:
        for word in (word for words in entry.words.values() for word in words):
            answer = hint(word, KNOWN)
            if isinstance(entry, EverydayWords):
                written = answer.removeprefix("write ").removeprefix("those that you mean of ").split(", ")
                assert written == list(entry.ids), word
            else:
                assert isinstance(entry, UnlabelledWords)
                assert entry.why in answer
                named = answer.partition("; the nearest: ")[2]
                assert set(filter(None, named.split(", "))) <= KNOWN.concepts.keys(), word


def test_no_label_is_named_that_another_taxonomy_does_not_have() -> None:
    small = Taxonomy([Concept("car", 1, None, {"en": "Car"}, {})], 1)
    assert hint("kitten", small) == ""
