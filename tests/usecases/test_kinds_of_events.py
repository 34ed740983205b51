"""What becomes of each kind of event that the stores know. The table in docs/operate.md names these tests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from imagelabels.domain.model import Delivered, ObjectRef
from imagelabels.providers.aliyun import events as oss_events
from imagelabels.providers.tencent import events as cos_events
from imagelabels.usecases.deliver import deliver
from tests.world import TIMEOUT, World

OSS, COS = ObjectRef("oss", "photos", "a.jpg"), ObjectRef("cos", "photos-1250000000", "a.jpg")


class Store:
    """A world of one cloud, whose events come in the cloud's own form."""

    def __init__(self, world: World, ref: ObjectRef) -> None:
        self.world, self.ref = world, ref
        world.objects.store = ref.store

    def puts(self, shows: str, **put: Any) -> None:
        self.world.user_puts(self.ref, shows, **put)()
        self.world.wait(2)

    def tells(self, name: str) -> str:
        """Deliver an event of that name; what became of it, or nothing if it is left out."""
        changes = _oss(name) if self.ref.store == "oss" else _cos(name)
        with ThreadPoolExecutor(1) as executor:
            deadline = self.world.clock.monotonic() + TIMEOUT
            return " ".join(map(_became, deliver(self.world.worker().labeler, changes, deadline, executor)))


def _oss(name: str) -> list[Any]:
    there = {"bucket": {"name": OSS.bucket}, "object": {"key": OSS.key}}
    changes, bad = oss_events.changes({"events": [{"eventName": name, "oss": there}]})
    assert not bad
    return changes


def _cos(name: str) -> list[Any]:
    bucket, _, appid = COS.bucket.rpartition("-")
    there = {"cosBucket": {"name": bucket, "appid": appid}, "cosObject": {"key": f"/{appid}/{bucket}/{COS.key}"}}
    changes, bad, _ = cos_events.changes({"Records": [{"event": {"eventName": name}, "cos": there}]})
    assert not bad
    return changes


def _became(one: Delivered) -> str:
    if one.outcome is None:
        return str(one.error)
    return f"{one.outcome.state}{f' {one.outcome.reason}' if one.outcome.reason else ''}"


def _store(world: World, name: str) -> Store:
    return Store(world, COS if name.startswith("cos:") else OSS)


@pytest.mark.parametrize(
    "name",
    ["ObjectCreated:PutObject", "ObjectCreated:PostObject", "cos:ObjectCreated:Put", "cos:ObjectCreated:Post"],
)
def test_an_upload_is_labelled(world: World, name: str) -> None:
    store = _store(world, name)
    store.puts("cat")
    assert store.tells(name) == "labelled"
    assert world.tags(store.ref) == {"label:cat": "mammal"}


@pytest.mark.parametrize("name", ["ObjectCreated:PutObject", "cos:ObjectCreated:Put"])
def test_an_overwrite_gets_the_labels_of_its_new_content(world: World, name: str) -> None:
    store = _store(world, name)
    store.puts("cat")
    store.tells(name)
    store.puts("car", tags={"trip": "x"})
    assert store.tells(name) == "labelled"
    assert world.tags(store.ref) == {"trip": "x", "label:car": "vehicle"}


@pytest.mark.parametrize("name", ["ObjectCreated:CopyObject", "cos:ObjectCreated:Copy"])
def test_a_copy_is_labelled_and_costs_no_call(world: World, name: str) -> None:
    store = _store(world, name)
    original = replace(store.ref, key="original.jpg")
    world.user_puts(original, "cat")()
    world.wait(2)
    world.worker().gets(original)
    store.puts("cat", tags={"label:cat": "mammal"})
    assert store.tells(name) == "labelled"
    assert world.detector.asked == ["cat"]


@pytest.mark.parametrize("name", ["ObjectCreated:CompleteMultipartUpload", "cos:ObjectCreated:CompleteMultipartUpload"])
def test_an_upload_in_parts_is_labelled_when_it_is_whole(world: World, name: str) -> None:
    store = _store(world, name)
    store.puts("cat", etag="0123-2")
    assert store.tells(name) == "labelled"


@pytest.mark.parametrize(
    "name",
    ["ObjectCreated:InitiateMultipartUpload", "ObjectCreated:UploadPart", "ObjectRemoved:AbortMultipartUpload"],
)
def test_parts_of_an_upload_are_left_out(world: World, name: str) -> None:
    store = _store(world, name)
    store.puts("cat")
    assert store.tells(name) == ""
    assert world.detector.asked == []


@pytest.mark.parametrize("name", ["ObjectCreated:AppendObject", "cos:ObjectCreated:Append"])
def test_what_was_appended_to_is_labelled_as_it_is_now(world: World, name: str) -> None:
    store = _store(world, name)
    store.puts("cat")
    store.tells(name)
    store.puts("dog")
    assert store.tells(name) == "labelled"
    assert world.labels(store.ref) == ("dog",)


@pytest.mark.parametrize(
    "name", ["ObjectRemoved:DeleteObject", "ObjectRemoved:DeleteObjects", "cos:ObjectRemove:Delete"]
)
def test_a_removal_takes_the_row_away(world: World, name: str) -> None:
    store = _store(world, name)
    store.puts("cat")
    world.worker().gets(store.ref)
    world.objects.delete(store.ref)
    assert store.tells(name) == "removed"
    assert world.ledger.row(store.ref) is None


@pytest.mark.parametrize("name", ["ObjectRemoved:DeleteObject", "cos:ObjectRemove:DeleteMarkerCreated"])
def test_a_delete_marker_takes_the_row_away(world: World, name: str) -> None:
    store = _store(world, name)
    store.puts("cat", version="v1")
    world.worker().gets(store.ref)
    world.objects.delete(store.ref)  # A look at a key whose newest version is a marker finds no object.
    assert store.tells(name) == "removed"
    assert world.ledger.row(store.ref) is None


@pytest.mark.parametrize("name", ["ObjectRemoved:DeleteObject", "cos:ObjectRemove:Delete"])
def test_the_removal_of_an_old_version_changes_nothing(world: World, name: str) -> None:
    store = _store(world, name)
    store.puts("cat", version="v2")
    world.worker().gets(store.ref)
    assert store.tells(name) == "unchanged"
    assert world.labels(store.ref) == ("cat",)


@pytest.mark.parametrize("name", ["ObjectRemoved:DeleteObject", "cos:ObjectRemove:Delete"])
def test_a_version_that_is_visible_again_gets_its_own_labels_and_costs_no_call(world: World, name: str) -> None:
    store = _store(world, name)
    store.puts("cat", version="v1")
    world.worker().gets(store.ref)
    store.puts("car", version="v2")
    world.worker().gets(store.ref)
    store.puts("cat", version="v1")  # The newest version was removed.
    assert store.tells(name) == "labelled"
    assert world.labels(store.ref) == ("cat",)
    assert world.detector.asked == ["cat", "car"]


@pytest.mark.parametrize("name", ["ObjectRestore:Completed", "cos:ObjectRestore:Completed"])
def test_an_archived_picture_is_skipped_and_labelled_once_it_is_restored(world: World, name: str) -> None:
    store = _store(world, name)
    store.puts("cat", archived=True)
    created = "cos:ObjectCreated:Put" if name.startswith("cos:") else "ObjectCreated:PutObject"
    assert store.tells(created) == "skipped archived"
    there = world.objects.there[store.ref.uri]
    there.head = replace(there.head, archived=False)
    assert store.tells(name) == "labelled"


def test_the_order_to_restore_is_left_out_since_nothing_can_be_read_yet(world: World) -> None:
    store = _store(world, "cos:")
    store.puts("cat", archived=True)
    assert store.tells("cos:ObjectRestore:Post") == ""


def test_a_symbolic_link_is_skipped_and_the_tags_of_its_target_stay(world: World) -> None:
    store = _store(world, "oss:")
    store.puts("cat", symlink=True, tags={"label:car": "vehicle"})
    assert store.tells("ObjectCreated:PutSymlink") == "skipped symlink"
    assert world.tags(store.ref) == {"label:car": "vehicle"}
    assert world.detector.asked == []


def test_a_late_event_of_what_a_lifecycle_rule_removed_takes_the_row_away(world: World) -> None:
    store = _store(world, "oss:")
    store.puts("cat")
    world.worker().gets(store.ref)
    world.objects.delete(store.ref)
    assert store.tells("ObjectCreated:PutObject") == "removed"


def test_a_batch_tag_job_starts_nothing_and_its_tags_stay(world: World) -> None:
    store = _store(world, "oss:")
    store.puts("cat")
    store.tells("ObjectCreated:PutObject")
    world.objects.user_tag(store.ref, "cost-centre", "42")
    assert store.tells("ObjectModified:UpdateObjectMeta") == ""
    store.puts("car", tags={**world.tags(store.ref)})
    assert store.tells("ObjectCreated:PutObject") == "labelled"
    assert world.tags(store.ref) == {"cost-centre": "42", "label:car": "vehicle"}


@pytest.mark.parametrize("name", ["ObjectReplication:ObjectCreated", "cos:ObjectCreated:Replication"])
def test_a_replicated_picture_is_labelled(world: World, name: str) -> None:
    store = _store(world, name)
    store.puts("cat")
    assert store.tells(name) == "labelled"
