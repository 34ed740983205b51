"""Object tags: which ones COS accepts or refuses, and what a copy and an overwrite do to them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.running import COS_BUCKET, RunningCos, cos_refused


def tags(client: Any, key: str = "a") -> dict[str, str | None]:
    found = client.get_object_tagging(COS_BUCKET, key)["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in (found or {"Tag": []})["Tag"]}


def tagging(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"TagSet": {"Tag": [{"Key": key, "Value": value} for key, value in pairs]}}


@pytest.fixture
def tagged(client: Any) -> Any:
    """Return a client of a bucket whose object `a` has one tag."""
    client.put_object(COS_BUCKET, b"x", "a", Tagging="mine=1")
    return client


def test_tags_are_replaced_as_a_whole_and_removed(tagged: Any) -> None:
    tagged.put_object_tagging(COS_BUCKET, "a", tagging(("标签", "图 片"), ("b", "")))
    assert tags(tagged) == {"标签": "图 片", "b": None}
    tagged.delete_object_tagging(COS_BUCKET, "a")
    assert tagged.get_object_tagging(COS_BUCKET, "a") == {"TagSet": None}


def test_tags_change_neither_the_object_nor_its_date_and_are_no_event(tagged: Any, changes: list[Any]) -> None:
    before, told = tagged.head_object(COS_BUCKET, "a"), len(changes)
    tagged.put_object_tagging(COS_BUCKET, "a", tagging(("b", "2")))
    after = tagged.head_object(COS_BUCKET, "a")
    assert {name: after[name] for name in ("ETag", "Last-Modified")} == {
        name: before[name] for name in ("ETag", "Last-Modified")
    }
    assert after["x-cos-tagging-count"] == "1"
    assert len(changes) == told


@pytest.mark.parametrize(
    "pairs",
    [
        [(f"k{n}", "v") for n in range(10)],
        [("k" * 127, "v" * 255)],
        [("图" * 42 + "k", "图" * 85)],
        [("aZ09 +-=._:/@", "aZ09 +-=._:/@")],
        [("key", "v"), ("Key", "v")],
    ],
)
def test_tags_up_to_the_limit_are_kept_as_they_are(tagged: Any, pairs: list[tuple[str, str]]) -> None:
    tagged.put_object_tagging(COS_BUCKET, "a", tagging(*pairs))
    assert tags(tagged) == dict(pairs)


@pytest.mark.parametrize(
    "pairs",
    [
        [(f"k{n}", "v") for n in range(11)],
        [("k" * 128, "v")],
        [("图" * 43, "v")],
        [("", "v")],
        [("k", "v" * 256)],
        [("k", "图" * 86)],
        [("k", "v"), ("k", "w")],
        *([("k", f"a{char}b")] for char in ",;|&<#%!?*()\\'\"~^$"),
        *([(f"a{char}b", "v")] for char in ",;\t\n"),
    ],
)
def test_tags_beyond_the_limits_are_refused_and_none_is_written(tagged: Any, pairs: list[tuple[str, str]]) -> None:
    assert cos_refused(tagged.put_object_tagging, COS_BUCKET, "a", tagging(*pairs)) == (400, "InvalidTag")
    assert tags(tagged) == {"mine": "1"}


@pytest.mark.parametrize("header", ["k=a,b", "&".join(f"k{n}=v" for n in range(11)), "k=v&k=w", "k=%FF"])
def test_an_upload_with_tags_that_are_refused_is_refused_whole(tagged: Any, cos: RunningCos, header: str) -> None:
    assert cos_refused(tagged.put_object, COS_BUCKET, b"y", "a", Tagging=header) == (400, "InvalidTag")
    stored = cos.store.object(COS_BUCKET, "a")
    assert stored is not None
    assert stored.file.read_bytes() == b"x"


def test_an_upload_brings_its_own_tags_and_none_of_those_before(tagged: Any) -> None:
    tagged.put_object(COS_BUCKET, b"y", "a", Tagging="%E5%9B%BE=a%20b&c=")
    assert tags(tagged) == {"图": "a b", "c": None}
    tagged.put_object(COS_BUCKET, b"z", "a")
    assert tags(tagged) == {}


@pytest.mark.parametrize("operation", ["get_object_tagging", "delete_object_tagging"])
def test_tags_of_an_object_that_is_not_there_are_an_error(client: Any, operation: str) -> None:
    assert cos_refused(getattr(client, operation), COS_BUCKET, "none") == (404, "NoSuchKey")


def test_tags_are_not_written_to_an_object_that_is_not_there(client: Any) -> None:
    assert cos_refused(client.put_object_tagging, COS_BUCKET, "none", tagging(("k", "v"))) == (404, "NoSuchKey")


def test_a_version_is_not_taken_for_the_object(tagged: Any) -> None:
    refusal = cos_refused(tagged.put_object_tagging, COS_BUCKET, "a", tagging(("k", "v")), VersionId="MTg0NDUx")
    assert refusal == (404, "NoSuchVersion")
    assert tags(tagged) == {"mine": "1"}


@pytest.mark.parametrize(
    "body",
    [b"", b"<Tagging>", b"<Tagging/>", b"<Other/>", b"<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>"],
)
def test_a_document_that_is_none_is_refused(tagged: Any, cos: RunningCos, body: bytes) -> None:
    host, _, target = cos.signed_url("PUT", "a", 60, {"tagging": ""}).removeprefix("http://").partition("/")
    status, _, answer = cos.raw("PUT", f"/{target}", {"Host": host}, body)
    assert (status, b"<Code>MalformedXML</Code>" in answer) == (400, True)
    assert tags(tagged) == {"mine": "1"}
