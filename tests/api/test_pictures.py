"""One picture over HTTP, who may see it, and what people may say of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import EventEntry, ImageRecord, ObjectRef
from imagelabels.records.rows import image_pk
from imagelabels.usecases.correct import Said
from tests.api.world import Site, picture, seen

SCRIPT = "<script>alert(1)</script>.jpg"


def test_a_picture_is_shown_with_its_history() -> None:
    site = Site()
    row = site.has(SCRIPT, seen("dog"))
    answer = site.get(f"/v1/pictures/{image_pk(row.ref)}")
    assert answer.json["uri"] == f"oss://photos/{SCRIPT}"
    assert [event["state"] for event in answer.json["history"]] == ["labelled"]
    assert answer.json["why_not"] == "this server does not ask the store"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_store_that_cannot_be_asked_leaves_the_row_readable() -> None:
    def why(ref: ObjectRef) -> None:
        raise Unavailable("throttled", "the store is busy")

    site = Site(more={"why": why})
    row = site.has("dog.jpg", seen("dog"))
    answer = site.get(f"/v1/pictures/{image_pk(row.ref)}")
    assert (answer.status, answer.json["why_not"], answer.json["explained"]) == (200, "the store is busy", None)


@pytest.mark.parametrize("name", ["0" * 32, "x", "%00", "..", "a" * 5000])
def test_a_picture_that_is_not_there_is_not_found(name: str) -> None:
    assert Site().get(f"/v1/pictures/{name}").status == 404


def test_a_picture_outside_the_prefixes_of_the_caller_does_not_exist() -> None:
    site = Site()
    row = site.has("private/dog.jpg", seen("dog"))
    site.has("public/cat.jpg", seen("cat"))
    site.sees("oss://photos/public/")
    address = f"/v1/pictures/{image_pk(row.ref)}"
    for hidden in (
        site.get(address),
        site.get(f"{address}/thumbnail"),
        site.ask("POST", f"{address}/corrections", body={"add": ["cat"]}),
    ):
        assert hidden.status in (403, 404)
    assert site.get(address).json == site.get("/v1/pictures/" + "0" * 32).json
    counts = site.get("/v1/counts").json
    assert (counts["total"], [facet["id"] for facet in counts["labels"]]) == (1, ["cat", "mammal"])
    assert [line["uri"] for line in site.get("/v1/changes").json["changes"]] == ["oss://photos/public/cat.jpg"]
    assert b"private" not in b"".join(part.body for part in site.get("/v1/export").body.parts)


@pytest.mark.parametrize("prefix", ["oss://photos-private/", "oss://photo", "oss://photos/pub"])
def test_a_prefix_of_a_question_widens_nothing(prefix: str) -> None:
    site = Site()
    site.has("dog.jpg", seen("dog"), bucket="photos-private")
    site.has("public/cat.jpg", seen("cat"))
    site.sees("oss://photos")
    found = site.get(f"/v1/pictures?prefix={prefix}").json["pictures"]
    assert [one["uri"] for one in found] == (["oss://photos/public/cat.jpg"] if prefix.endswith("pub") else [])


@pytest.mark.parametrize("order", ["newest", "oldest", "confidence", "uri"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_over_several_prefixes_bring_every_picture_once_and_in_order(order: str, limit: int) -> None:
    site = Site()
    for number in range(12):
        site.has(
            f"{'abcd'[number % 4]}/{number}.jpg", seen("dog", 0.5 + number % 3 / 10), updated_at=1_000 + number // 2
        )
    site.sees("oss://photos/a", "oss://photos/b/", "oss://photos/d/", "oss://photos/d/3", "oss://elsewhere/")
    whole = [row["uri"] for row in site.get(f"/v1/pictures?order={order}&limit=100").json["pictures"]]
    page, paged = "", list[str]()
    while page is not None:
        answer = site.get(f"/v1/pictures?order={order}&limit={limit}&page={page}")
        page = answer.json["next"]
        paged += [row["uri"] for row in answer.json["pictures"]]
        assert len(answer.json["pictures"]) <= limit
    assert paged == whole
    assert len(whole) == 9
    site.caller = replace(site.caller, within=("",))
    everything = [row["uri"] for row in site.get(f"/v1/pictures?order={order}&limit=100").json["pictures"]]
    assert whole == [uri for uri in everything if "/c/" not in uri]
    site.caller = replace(site.caller, within=("oss://photos/a",))
    assert site.get("/v1/counts").json["total"] == 3


def test_a_page_token_is_of_no_use_with_other_prefixes() -> None:
    site = Site()
    for number in range(4):
        site.has(f"{'ab'[number % 2]}/{number}.jpg", seen("dog"))
    site.sees("oss://photos/a/", "oss://photos/b/")
    token = site.get("/v1/pictures?limit=1").json["next"]
    site.sees("oss://photos/a/", "oss://photos/c/")
    assert site.get(f"/v1/pictures?limit=1&page={token}").code == "bad_question"


def test_a_correction_is_made_by_who_may_write_only() -> None:
    said: list[tuple[ObjectRef, Said]] = []

    def correct(ref: ObjectRef, words: Said) -> ImageRecord:
        said.append((ref, words))
        if words.add == ("animal",):
            raise ValueError("animal is a wider word")
        return picture("oss://photos/dog.jpg", seen("cat"))

    site = Site(more={"correct": correct})
    address = f"/v1/pictures/{image_pk(site.has('dog.jpg', seen('dog')).ref)}/corrections"
    answer = site.ask("POST", address, body={"not": ["dog"], "add": ["cat"]})
    assert (answer.status, answer.json["picture"]["labels"][0]["id"]) == (200, "cat")
    assert said == [(ObjectRef("oss", "photos", "dog.jpg"), Said(("dog",), ("cat",)))]
    assert site.ask("POST", address, body={"add": ["animal"]}).code == "bad_correction"
    for nothing in ({}, {"add": list[str]()}):
        assert site.ask("POST", address, body=nothing).code == "bad_correction"
    for wrong in ({"ad": ["cat"]}, {"add": "cat"}, "{", "[]", "null"):
        assert site.ask("POST", address, body=wrong).status in (400, 422)
    site.caller = replace(site.caller, may_write=False)
    assert (site.ask("POST", address, body={"add": ["cat"]}).code, len(said)) == ("read_only", 2)


def test_each_small_copy_of_a_page_would_read_a_history_that_nobody_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(more={"small": lambda record, side: "https://copies.example/"})
    row = site.has("dog.jpg", seen("dog"))
    read: list[ObjectRef] = []

    def history(ref: ObjectRef) -> tuple[EventEntry, ...]:
        read.append(ref)
        return ()

    monkeypatch.setattr(site.ledger, "history", history)
    assert site.get(f"/v1/pictures/{image_pk(row.ref)}/thumbnail").status == 302
    assert read == []
    assert site.get(f"/v1/pictures/{image_pk(row.ref)}").status == 200
    assert read == [row.ref]


def test_a_thumbnail_is_an_address_and_never_bytes() -> None:
    def small(record: ImageRecord, side: int) -> str:
        if record.width is None:
            raise ValueError("the picture has no size")
        return f"https://store.example/{record.ref.key}?side={side}&signature=x"

    site = Site(more={"small": small})
    address = f"/v1/pictures/{image_pk(site.has('dog.jpg', seen('dog')).ref)}/thumbnail"
    answer = site.get(f"{address}?side=64")
    assert (answer.status, answer.body) == (302, "")
    assert answer.headers["Location"] == "https://store.example/dog.jpg?side=64&signature=x"
    assert site.get(f"{address}?side=9999").code == "bad_parameter"
    folder = image_pk(site.has("none.jpg", width=None).ref)
    assert site.get(f"/v1/pictures/{folder}/thumbnail").code == "no_thumbnail"
