"""What a look writes: nothing unless it was asked to, and then nothing that stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from imagelabels.providers.aliyun.oss.objects import OssObjects
from imagelabels.providers.tencent.cos.objects import CosObjects
from tests.deploy.doctor.live.account import Account, upload

pytestmark = pytest.mark.story


def contents(running: Account) -> list[Any]:
    """Everything that is in the stores of both clouds, and in the tables."""
    objects = [
        (name, one, store.object(bucket.name, one.key))
        for name, store in running.stores.items()
        for bucket in store.buckets()
        for one in store.scan(bucket.name, b"", b"", 1000)
    ]
    return [*objects, *running.rows._db.iterdump()]


def writes(running: Account) -> list[str]:
    return [request for request in running.requests if request.split()[0] in ("PUT", "DELETE")]


def test_a_look_would_change_something(running: Account) -> None:
    upload(running, "photos/dog.jpg", {"label:dog": "mammal", "owner": "me"})
    before = contents(running)
    assert running.look() == []
    assert contents(running) == before
    assert all("doctor" in request for request in writes(running))
    assert len(writes(running)) == 1, "only the write of tags to an object that is not there"


def test_a_look_that_may_write_would_leave_something(running: Account) -> None:
    upload(running, "photos/dog.jpg", {"label:dog": "mammal"})
    before = contents(running)
    assert running.look(probe=True, prefix="photos/") == []
    assert contents(running) == before
    made = [request for request in writes(running) if "photos" in request]
    assert len(made) == 4, "two writes of tags, an object made and removed"
    assert all("imagelabels-doctor-" in request for request in made)


def test_an_object_that_was_made_would_stay_when_its_tags_are_refused(running: Account) -> None:
    before = contents(running)
    running.refuse("tagging", 403, "AccessDenied", "PUT")
    assert "permission-missing" in running.checks(probe=True)
    assert contents(running) == before


def test_an_object_that_was_made_would_stay_on_ctrl_c(running: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: Any) -> None:
        raise KeyboardInterrupt

    before = contents(running)
    kinds: dict[str, Any] = {"aliyun": OssObjects, "tencent": CosObjects}
    kind = kinds[running.cloud]
    tags: Callable[..., Any] = kind.put_tags
    calls = iter([tags, interrupted])
    monkeypatch.setattr(kind, "put_tags", lambda *args: next(calls)(*args))
    with pytest.raises(KeyboardInterrupt):
        running.look(probe=True)
    assert contents(running) == before
    assert any(request.startswith("DELETE") for request in running.requests)


def test_an_object_whose_making_was_not_confirmed_would_stay(running: Account) -> None:
    before = contents(running)
    running.lose("imagelabels-doctor-", "PUT")
    assert set(running.checks(probe=True)) == {"could-not-look"}
    assert contents(running) == before


def test_an_object_that_cannot_be_removed_would_not_be_named(running: Account) -> None:
    running.refuse("imagelabels-doctor-", 403, "AccessDenied", "DELETE")
    (finding,) = running.look(probe=True)
    assert finding.check == "probe-left"
    assert "imagelabels-doctor-" in finding.where


def test_tags_that_somebody_changes_at_once_would_be_taken_for_kept(running: Account) -> None:
    def plant(request: web.Request) -> web.Response | None:
        if "tagging" not in request.raw_path or request.method != "GET":
            return None
        return web.Response(text="<Tagging><TagSet/></Tagging>", content_type="application/xml")

    running.plants.append(plant)
    assert running.checks(probe=True) == ["tags-not-kept"]


def test_a_version_of_the_object_that_was_made_would_stay(running: Account) -> None:
    running.headers |= {"x-oss-version-id": "v1", "x-cos-version-id": "v1"}
    running.look(probe=True)
    (removal,) = [request for request in running.requests if request.startswith("DELETE")]
    assert "versionId=v1" in removal
