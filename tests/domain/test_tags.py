"""These tests check which tags are ours, and which tags an object gets."""

from __future__ import annotations

import pytest

from imagelabels.domain.model import Label, Tags
from imagelabels.domain.policy import Chosen, Policy, choose
from imagelabels.domain.tags import KEY_BYTES, Wanted, ours, spell, tag_key, unspell, wanted
from tests.fakes import label
from tests.world import CONCEPTS

P = "label:"


def want(labels: list[Label], present: Tags | None = None, **policy: object) -> Wanted:
    chosen = choose(tuple(labels), Policy(**policy), CONCEPTS)  # type: ignore[arg-type]
    return wanted(chosen, present or {}, Policy(**policy), CONCEPTS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["dog", "imm:露营", "a=b", "=3D", "100%", " edge ", "a b", "x@y", "🐕", "a\nb", "=-ab"]
)
def test_spelling_is_reversible_and_only_uses_what_stores_take(text: str) -> None:
    spelled = spell(text)
    assert unspell(spelled) == text
    assert all(c.isascii() and (c.isalnum() or c in " +-._:/=") for c in spelled)
    assert spelled == spelled.strip()


def test_two_ids_never_share_a_tag_key() -> None:
    long = "露" * 60
    keys = [tag_key(P, f"imm:{text}") for text in ("a%", "a=25", "a=3D25", long, long + "x", long + "y")]
    assert len(set(keys)) == len(keys)
    assert max(len(key.encode()) for key in keys) <= KEY_BYTES


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("label:dog", "mammal"),
        ("label:dog", "0.93"),
        ("label:dog", "1.00"),
        ("label:dog", "vehicle"),
        ("label:imm:=E9=9C=B2", "imm"),
        ("label:imm:=E9=9C=B2", "mammal"),
        ("label:ci:x", "0.00"),
        (tag_key(P, "imm:" + "露" * 60), "imm"),
    ],
)
def test_a_tag_that_we_could_have_written_is_ours_under_any_setting(key: str, value: str) -> None:
    assert ours(key, value, P, CONCEPTS)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("label:dog", "mine"),
        ("label:dog", ""),
        ("label:dog", "pet"),
        ("label:dog", "0.9"),
        ("label:dog", "1.01"),
        ("label:dog", "0.930"),
        ("label:summer", "1"),
        ("label:summer", "mammal"),
        ("label:", "mammal"),
        ("label:imm:", "imm"),
        ("label:other:x", "imm"),
        ("label:imm:=e9=9c=b2", "imm"),
        ("label:imm:%", "imm"),
        ("Label:dog", "mammal"),
        ("dog", "mammal"),
        ("label:=-12345678", "mammal"),
    ],
)
def test_anything_else_under_the_prefix_is_the_users(key: str, value: str) -> None:
    assert not ours(key, value, P, CONCEPTS)
    assert want([label("cat")], {key: value}).tags[key] == value


def test_the_value_is_the_category_and_never_changes_with_language_or_confidence() -> None:
    assert want([label("dog")]).written == {"label:dog": "mammal"}
    assert want([label("dog", 0.71)], language="zh-Hans").written == {"label:dog": "mammal"}


def test_a_vendors_label_under_a_known_one_gets_that_ones_category_and_else_the_vendors_name() -> None:
    known = Label("imm:puppy", "puppy", "en", 3, "pet", 0.9)
    unknown = Label("imm:tent", "tent", "en", 3, "imm:camping", 0.9)
    assert want([known, unknown]).written == {"label:imm:puppy": "mammal", "label:imm:tent": "imm"}


def test_a_category_is_found_through_a_parent_that_only_the_answer_knows() -> None:
    puppy = Label("imm:puppy", "puppy", "en", 3, "imm:small ones", 0.9)
    small = Label("imm:small ones", "small ones", "en", 2, "mammal", 0.5)
    assert want([puppy, small]).written == {"label:imm:puppy": "mammal"}


def test_a_loop_in_a_vendors_parents_ends() -> None:
    a, b = Label("imm:a", "a", "en", 2, "imm:b", 0.9), Label("imm:b", "b", "en", 2, "imm:a", 0.9)
    assert want([a, b]).written == {"label:imm:a": "imm", "label:imm:b": "imm"}


def test_the_most_particular_labels_come_first_and_then_by_confidence_centrality_and_id() -> None:
    labels = [label("mammal", 0.99), label("pet", 0.98), label("dog", 0.8), label("cat", 0.9), label("car", 0.8)]
    assert list(want(labels, tag_limit=10).written) == [
        f"label:{label_id}" for label_id in ("cat", "car", "dog", "mammal", "pet")
    ]
    central = [label("dog", 0.8, centric=0.9), label("car", 0.8, centric=0.1), label("cat", 0.8, centric=None)]
    assert list(want(central).written) == ["label:dog", "label:car", "label:cat"]


def test_never_more_than_five_nor_more_than_the_user_leaves_free() -> None:
    labels = [label(label_id) for label_id in ("mammal", "pet", "cat", "dog", "vehicle", "car")]
    five = want(labels)
    assert (len(five.written), five.left_out) == (5, ("vehicle",))
    eight = {f"mine{n}": "" for n in range(8)}
    assert len(want(labels, eight).tags) == 10
    assert want(labels, {f"mine{n}": "" for n in range(10)}).written == {}
    none = want(labels, tag_limit=0)
    assert (none.written, none.left_out) == ({}, ())  # if no tags are wanted, none counts as left out


def test_a_key_that_the_user_holds_is_not_written_and_its_place_goes_to_the_next() -> None:
    got = want([label("dog", 0.9), label("car", 0.8)], {"label:dog": "mine"}, tag_limit=1)
    assert got.tags == {"label:dog": "mine", "label:car": "vehicle"}
    assert (got.taken, got.left_out) == (("dog",), ())


def test_tags_of_ours_that_no_longer_fit_go_and_a_value_of_another_setting_is_replaced() -> None:
    before = {"label:dog": "0.91", "label:car": "vehicle", "trip": "x"}
    assert want([label("dog")], before).tags == {"trip": "x", "label:dog": "mammal"}


def test_without_labels_only_theirs_remain() -> None:
    assert wanted(Chosen((), {}), {"label:dog": "mammal", "a": "b"}, Policy(), CONCEPTS).tags == {"a": "b"}


def test_another_prefix_owns_only_its_own() -> None:
    got = want([label("dog")], {"label:cat": "mammal"}, tag_prefix="ai/")
    assert got.tags == {"label:cat": "mammal", "ai/dog": "mammal"}


def test_our_own_tags_of_before_take_no_room_from_the_new_ones() -> None:
    """Our old tags are replaced. A picture that is labelled again must not lose a tag for each tag that it had."""
    theirs = {f"mine{number}": "x" for number in range(7)}
    present = theirs | {"label:car": "vehicle", "label:mammal": "mammal", "label:pet": "mammal"}
    found = want([label("dog", 0.9), label("cat", 0.8), label("imm:Tent", 0.75)], present)
    assert found.tags == theirs | {"label:dog": "mammal", "label:cat": "mammal", "label:imm:Tent": "imm"}
    assert found.left_out == ()


def test_a_tag_key_that_fits_is_never_cut_and_a_longer_one_keeps_as_much_as_fits() -> None:
    name = "x" * (127 - len("label:imm:"))
    assert tag_key(P, f"imm:{name}") == f"label:imm:{name}"
    longer = tag_key(P, f"imm:{name}y")
    assert len(longer) == 127
    assert longer.startswith(f"label:imm:{name[:-10]}=-")


def test_a_tag_key_that_was_cut_before_an_update_is_the_same_after_it() -> None:
    assert tag_key(P, "imm:" + "露" * 40) == "label:imm:" + "=E9=9C=B2" * 11 + "=-28bdaa1f"


def test_an_object_with_more_tags_than_a_store_allows_gets_none_of_ours() -> None:
    eleven = {f"mine{n}": "" for n in range(11)}
    got = want([label("dog")], eleven)
    assert (got.written, got.tags, got.left_out) == ({}, eleven, ("dog",))
