"""The event of OSS that a command makes is read by the function as one that OSS sent."""

from __future__ import annotations

import json

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun.events import changes
from imagelabels.providers.aliyun.invocation_event import event
from imagelabels.usecases.backfill import is_of
from tests.providers.event_keys import NASTY

KEYS = [*NASTY, "照" * 341, "\n" * 1023]


@pytest.mark.parametrize("key", KEYS, ids=ascii)
def test_every_key_comes_back_as_it_was_given(key: str) -> None:
    ref = ObjectRef("oss", "photos", key)
    (change,), bad = changes(event([ref]))
    assert (change.ref, change.kind, bad) == (ref, "created", [])


def test_all_objects_of_an_event_come_back_in_their_order_each_with_an_event_id_of_its_own() -> None:
    refs = [ObjectRef("oss", "photos", key) for key in KEYS]
    found, bad = changes(event(refs))
    assert ([change.ref for change in found], bad) == (refs, [])
    assert len({change.event_id for change in found}) == len(refs)


def test_the_history_tells_an_invocation_from_an_upload_and_from_another_invocation() -> None:
    ref = ObjectRef("oss", "photos", "dog.jpg")
    ids = [changes(event([ref]))[0][0].event_id for _ in range(2)]
    assert ids[0] != ids[1]
    assert all(event_id.startswith("invoke-") for event_id in ids)


def test_nothing_is_said_of_an_object_that_nobody_has_looked_at() -> None:
    (record,) = json.loads(event([ObjectRef("oss", "photos", "dog.jpg")]))["events"]
    assert record["oss"]["object"] == {"key": "dog.jpg"}


@pytest.mark.parametrize(
    ("bucket", "key", "words"),
    [
        ("photos", "照" * 342, "1026 bytes, but a key has at most 1023"),
        ("photos", "lone \udcff surrogate", "cannot be encoded in UTF-8"),
        ("Photos", "dog.jpg", "cannot be 'Photos'"),
    ],
)
def test_an_object_that_no_event_can_name_is_refused_before_anything_is_invoked(
    bucket: str, key: str, words: str
) -> None:
    with pytest.raises(Misconfigured, match=words):
        event([ObjectRef("oss", "photos", "dog.jpg"), ObjectRef("oss", bucket, key)])


def test_the_history_would_not_tell_which_backfill_made_a_call() -> None:
    ref = ObjectRef("oss", "photos", "dog.jpg")
    (change,), *_ = changes(event([ref], "backfill-1f-2"))
    assert is_of("backfill-1f-2", change.event_id)
    assert not is_of("backfill-1f-20", change.event_id)
    assert not is_of("backfill-1f", change.event_id)
