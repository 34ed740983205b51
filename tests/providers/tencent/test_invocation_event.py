"""The event of COS that a command makes is read by the function as one that COS sent."""

from __future__ import annotations

import json

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.tencent.events import changes
from imagelabels.providers.tencent.invocation_event import event
from imagelabels.usecases.backfill import is_of
from tests.providers.event_keys import NASTY

BUCKET = "my-photos-1250000000"
KEYS = [*NASTY, "/1250000000/my-photos/dog.jpg", "照" * 283, "\n" * 850]


@pytest.mark.parametrize("key", KEYS, ids=ascii)
def test_every_key_comes_back_as_it_was_given(key: str) -> None:
    ref = ObjectRef("cos", BUCKET, key)
    (change,), bad, regions = changes(event([ref]))
    assert (change.ref, change.kind, bad, regions) == (ref, "created", [], {})


def test_all_objects_of_an_event_come_back_in_their_order_each_with_an_event_id_of_its_own() -> None:
    refs = [ObjectRef("cos", BUCKET, key) for key in KEYS]
    found, bad, _ = changes(event(refs))
    assert ([change.ref for change in found], bad) == (refs, [])
    assert len({change.event_id for change in found}) == len(refs)
    assert all(change.event_id.startswith("invoke-") for change in found)


def test_nothing_is_said_of_an_object_that_nobody_has_looked_at() -> None:
    (record,) = json.loads(event([ObjectRef("cos", BUCKET, "dog.jpg")]))["Records"]
    assert set(record["cos"]["cosObject"]) == {"key", "meta", "vid"}


@pytest.mark.parametrize(
    ("bucket", "key", "words"),
    [
        (BUCKET, "照" * 284, "852 bytes, but a key has at most 850"),
        (BUCKET, "lone \udcff surrogate", "cannot be encoded in UTF-8"),
        ("photos", "dog.jpg", "'photos' is no bucket of COS: one ends in the APPID"),
        ("photos-today", "dog.jpg", "ends in the APPID"),
        ("-1250000000", "dog.jpg", "ends in the APPID"),
        ("Photos-1250000000", "dog.jpg", "cannot be 'Photos'"),
    ],
)
def test_an_object_that_no_event_can_name_is_refused_before_anything_is_invoked(
    bucket: str, key: str, words: str
) -> None:
    with pytest.raises(Misconfigured, match=words):
        event([ObjectRef("cos", bucket, key)])


def test_the_history_would_not_tell_which_backfill_made_a_call() -> None:
    ref = ObjectRef("cos", "photos-1250000000", "dog.jpg")
    (change,), *_ = changes(event([ref], "backfill-1f-2"))
    assert is_of("backfill-1f-2", change.event_id)
    assert not is_of("backfill-1f-20", change.event_id)
    assert not is_of("backfill-1f", change.event_id)
