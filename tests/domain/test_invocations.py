"""How objects are shared out over invocations, and how a function's answer is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from imagelabels.domain.invocations import (
    LONGEST_ANSWER,
    MOST_BYTES,
    MOST_OBJECTS,
    Failure,
    batches,
    failure,
    failure_of,
    outcomes,
)
from imagelabels.domain.model import ObjectRef


def event(refs: Sequence[ObjectRef]) -> bytes:
    return json.dumps({"records": [ref.key for ref in refs]}).encode()


def named(*keys: str) -> list[ObjectRef]:
    return [ObjectRef("oss", "photos", key) for key in keys]


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (40, [40]), (41, [40, 1]), (80, [40, 40]), (81, [40, 40, 1])]
)
def test_an_event_names_40_objects_at_most(count: int, sizes: list[int]) -> None:
    refs = named(*map(str, range(count)))
    made = list(batches(refs, event))
    assert [len(batch.refs) for batch in made] == sizes
    assert [ref for batch in made for ref in batch.refs] == refs
    assert [batch.event for batch in made] == [event(batch.refs) for batch in made]


def test_an_event_of_objects_with_long_names_stays_below_40_kb() -> None:
    made = list(batches(named(*(f"{number:04}" + "\n" * 1019 for number in range(100))), event))
    assert sum(len(batch.refs) for batch in made) == 100
    assert all(MOST_BYTES / 2 < len(batch.event) <= MOST_BYTES for batch in made[:-1])
    assert all(len(batch.refs) < MOST_OBJECTS for batch in made)


def test_an_event_may_be_exactly_as_long_as_the_limit() -> None:
    frame = len(event(named("")))
    fits = named("a" * (MOST_BYTES // 2 - frame), "b" * (MOST_BYTES // 2 - frame))
    assert [len(batch.refs) for batch in batches(fits, event)] == [2]
    longer = named("a" * (MOST_BYTES // 2 - frame), "b" * (MOST_BYTES // 2 - frame + 1))
    assert [len(batch.refs) for batch in batches(longer, event)] == [1, 1]


def test_an_object_whose_name_fills_more_than_an_event_still_goes_alone() -> None:
    long, short = named("a" * (MOST_BYTES + 1), "b")
    assert [batch.refs for batch in batches([long, short], event)] == [(long,), (short,)]


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        ('{"errorMessage": "no dog", "errorType": "ValueError", "stackTrace": []}', "ValueError", "no dog"),
        ('{"ErrorMessage": "no dog", "ErrorType": "ValueError"}', "ValueError", "no dog"),
        ('{"message": "no dog"}', "Unhandled", "no dog"),
        ('{"errorType": "", "errorMessage": 5}', "Unhandled", ""),
        ("Process exited", "Unhandled", "Process exited"),
        (b"\xff broken", "Unhandled", "\ufffd broken"),
        ("[1]", "Unhandled", "[1]"),
        ("[" * 100_000, "Unhandled", "[" * 1997 + "..."),
    ],
)
def test_a_functions_failure_is_told_by_its_kind_and_its_words(body: bytes | str, kind: str, message: str) -> None:
    assert failure_of("Unhandled", body) == Failure(kind, message)


def test_a_failure_is_one_short_text_whatever_the_function_says() -> None:
    told = failure("K" * 300, "m" * 3000)
    assert (len(told.kind), len(told.message)) == (200, 2000)
    assert str(Failure("Killed")) == "Killed"
    assert str(Failure("ValueError", "no dog")) == "ValueError: no dog"


def reported(**fields: Any) -> bytes:
    return json.dumps({"records": [{"state": "labelled", **fields}]}).encode()


def test_an_outcome_is_read_as_the_function_wrote_it() -> None:
    body = reported(
        uri="oss://photos/a.jpg",
        event_id="e",
        reason=None,
        message="m",
        label_ids=["dog", "mammal"],
        notes=["corrected"],
        paid_calls=1,
    )
    (outcome,) = outcomes(body)
    assert (outcome.uri, outcome.event_id, outcome.state) == ("oss://photos/a.jpg", "e", "labelled")
    assert (outcome.reason, outcome.message, outcome.paid_calls) == (None, "m", 1)
    assert (outcome.label_ids, outcome.notes) == (("dog", "mammal"), ("corrected",))


def test_fields_of_another_type_count_as_missing() -> None:
    (outcome,) = outcomes(reported(uri=1, label_ids="dog", notes=[1, "a", None], paid_calls=True))
    assert (outcome.uri, outcome.label_ids, outcome.notes, outcome.paid_calls) == (None, (), ("a",), 0)


def test_texts_and_lists_of_an_outcome_are_bounded() -> None:
    (outcome,) = outcomes(reported(message="m" * 5000, label_ids=["x" * 500] * 500))
    assert outcome.message is not None
    assert (len(outcome.message), len(outcome.label_ids), len(outcome.label_ids[0])) == (2000, 100, 200)
    many = json.dumps({"records": [{"state": "labelled"}] * 1000}).encode()
    assert len(outcomes(many)) == 2 * MOST_OBJECTS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b'"hello"',
        b"{}",
        b'{"records": {}}',
        b'{"records": ["labelled"]}',
        b'{"records": [{"uri": "oss://photos/a.jpg"}]}',
        b"\xff",
        b"[" * 100_000,
        b'{"records": []}' + b" " * LONGEST_ANSWER,
    ],
)
def test_the_answer_of_another_function_is_no_outcome(body: bytes) -> None:
    with pytest.raises(ValueError, match="no function of imagelabels"):
        outcomes(body)
