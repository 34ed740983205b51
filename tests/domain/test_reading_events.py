"""The functions that read events of every cloud keep to their limits and say in words what they refuse."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from imagelabels.domain.errors import BadEvent
from imagelabels.domain.model import ObjectChange, ObjectRef
from imagelabels.domain.notifications import (
    Event,
    Kind,
    check_key,
    decoded,
    event_id,
    hint,
    kind_of,
    quoted,
    read,
)

REF = ObjectRef("oss", "photos", "a.jpg")
KINDS: dict[str, Kind | None] = {"objectcreated": "created", "objectremoved": "removed", "objectcreated:tagging": None}


def change(record: object, place: str) -> ObjectChange | None:
    """Read a record that is the text of a key; any other record is wrong."""
    if not isinstance(record, str):
        raise BadEvent(place, "no key")
    return ObjectChange(ObjectRef("oss", "photos", record), "created", "event", "2026-01-01T00:00:00Z")


def inner(event: Mapping[str, object]) -> object:
    return event.get("data")


def keys(event: Event) -> list[str]:
    good, bad = read(event, "events", "OSS", change, inner)
    assert bad == []
    return [each.ref.key for each in good]


def refusal(event: Event, *, bridged: bool = True) -> str:
    good, (bad,) = read(event, "events", "OSS", change, None if bridged else inner)
    assert good == []
    return str(bad)


def test_a_hint_of_200_characters_or_digits_is_read_and_a_longer_one_counts_as_absent() -> None:
    assert hint({"a": {"b": "x" * 200}}, str, "a", "b") == "x" * 200
    for largest in (10**200 - 1, 1 - 10**200):
        assert hint({"a": {"b": largest}}, int, "a", "b") == largest
    assert [hint({"a": text}, str, "a") for text in ("x" * 201, "x" * 999)] == [None, None]
    assert [hint({"a": number}, int, "a") for number in (10**200, -(10**200), 10**300)] == [None] * 3


def test_a_hint_of_another_type_counts_as_absent() -> None:
    assert hint({"a": True}, int, "a") is None
    assert hint({"a": 1}, str, "a") is None
    assert hint({"a": [1]}, int, "a", "b") is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ObjectCreated:PutObject", "created"),
        (" oss : ObjectRemoved : DeleteObject ", "removed"),
        ("ObjectCreated:Tagging", None),
        ("ObjectCreated", "created"),
        ("Unknown", "created"),
        ("", "created"),
        (None, "created"),
        ("Unknown:ObjectCreated", None),
    ],
)
def test_an_event_is_told_by_its_family_and_only_a_known_family_is_looked_at(
    name: str | None, kind: Kind | None
) -> None:
    assert kind_of(name, "oss", KINDS) == kind


def test_a_key_of_exactly_the_longest_length_is_taken_and_every_longer_one_is_refused() -> None:
    check_key("key", "é" * 512, 1024)
    for length in (1025, 2000):
        with pytest.raises(BadEvent, match=f"{length} bytes, but a key has at most 1024"):
            check_key("key", "x" * length, 1024)
    with pytest.raises(BadEvent, match="cannot be encoded in UTF-8"):
        check_key("key", "\ud800", 1024)


@pytest.mark.parametrize(
    ("key", "other"),
    [("a+b", "a b"), ("%7E", "~"), ("100%25", "100%"), ("plain.jpg", None), ("%E7", None), ("100%", None)],
)
def test_a_key_has_another_reading_only_where_decoding_changes_it(key: str, other: str | None) -> None:
    reading = decoded(ObjectRef("oss", "photos", key))
    assert (reading.key if reading else None) == other


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (7, "a number"),
        (0.5, "a number"),
        ([], "a list"),
        ({}, "an object"),
        ("x" * 100, "'" + "x" * 100 + "'"),
        ("x" * 200, "'" + "x" * 100 + "'"),
        (b"", "a bytes"),
    ],
)
def test_a_refused_value_is_named_in_json_words_and_never_quoted_at_length(value: object, words: str) -> None:
    assert quoted(value) == words


def test_deliveries_of_one_record_have_one_id_that_no_update_changes() -> None:
    assert event_id("5C1B", REF) == "5C1B/58d4d8dec171db3f9c5a14484e682c1a"
    assert event_id("not an id", REF, "a") != event_id("not an id", REF, "b")
    assert event_id(None, REF, "a") == event_id(None, REF, "a")


def test_records_are_found_in_the_list_in_an_envelope_and_in_a_list_of_envelopes() -> None:
    assert keys({"events": ["a", "b"]}) == ["a", "b"]
    assert keys({"events": ["a"], "data": "not this one"}) == ["a"]
    assert keys({"data": "a"}) == ["a"]
    assert keys([{"data": "a"}, "b"]) == ["a", "b"]
    assert keys(b'{"events": ["a"]}') == ["a"]
    assert keys(b'{"events": ["a"]}'.ljust(4_000_000)) == ["a"]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (b"{", "event: not JSON: "),
        ("[" * 200_000, "event: nested too deeply to be read"),
        (b"[".ljust(4_000_001), "event: longer than 4000000 bytes, which is the limit"),
        ([], "event: a JSON object was expected, not a list"),
        ({}, "events: a list of records was expected, but there is only an empty object: use a trigger of OSS itself"),
        (
            {"events": None},
            "events: a list of records was expected, but there is null: use a trigger of OSS itself",
        ),
        (
            {"specversion": "1.0", "x" * 60: 1},
            f"events: a list of records was expected, but there is only 'specversion', '{'x' * 50}': EventBridge's "
            "events of OSS are not read, use a trigger of OSS itself",
        ),
        (
            {str(n): n for n in range(20)},
            "events: a list of records was expected, but there is only '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'"
            ": use a trigger of OSS itself",
        ),
    ],
)
def test_an_event_that_cannot_be_read_is_refused_with_what_it_is_and_what_to_do(event: Event, words: str) -> None:
    assert refusal(event).startswith(words)


def test_an_envelope_that_is_read_is_not_said_to_be_unreadable() -> None:
    assert "EventBridge" not in refusal({"specversion": "1.0"}, bridged=False)
