"""What can be asked over HTTP, and what is answered to questions that cannot be meant."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from imagelabels.api.here import Caller
from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.query import Page, Query
from imagelabels.records.rows import image_pk
from tests.api.world import MemoryIndex, Site, event, seen


@pytest.fixture
def site() -> Site:
    site = Site()
    site.has("dog.jpg", seen("dog", 0.95), updated_at=3_000)
    site.has("pug.jpg", seen("pug", 0.7), seen("umbrella", 0.6), updated_at=2_000)
    site.has("2026/cat.jpg", seen("cat", 0.8), updated_at=1_000)
    return site


def uris(site: Site, address: str) -> list[str]:
    answer = site.get(address)
    assert answer.status == 200, answer.body
    return [picture["uri"].removeprefix("oss://photos/") for picture in answer.json["pictures"]]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("", ["dog.jpg", "pug.jpg", "2026/cat.jpg"]),
        ("?label=dog", ["dog.jpg", "pug.jpg"]),
        ("?label==dog", ["dog.jpg", "pug.jpg"]),
        ("?label=狗", ["dog.jpg", "pug.jpg"]),
        ("?label=dog,umbrella", ["pug.jpg"]),
        ("?label=dog&label=umbrella", ["pug.jpg"]),
        ("?label=dog:0.9", ["dog.jpg"]),
        ("?label=dog&min_confidence=0.9", ["dog.jpg"]),
        ("?any_of=cat,pug", ["pug.jpg", "2026/cat.jpg"]),
        ("?not=dog", ["2026/cat.jpg"]),
        ("?prefix=oss://photos/2026/", ["2026/cat.jpg"]),
        ("?prefix=oss://photo", []),
        ("?order=oldest", ["2026/cat.jpg", "pug.jpg", "dog.jpg"]),
        ("?order=uri", ["2026/cat.jpg", "dog.jpg", "pug.jpg"]),
        ("?since=1970-01-01T00:00:02Z", ["dog.jpg", "pug.jpg"]),
        ("?from=2030-01-01", []),
        ("?to=2030-01-01&limit=1", ["dog.jpg"]),
        ("?state=any&limit=1", ["dog.jpg"]),
    ],
)
def test_each_condition_of_a_search_can_be_asked(site: Site, question: str, expected: list[str]) -> None:
    assert uris(site, f"/v1/pictures{question}") == expected


def test_pages_bring_every_picture_once(site: Site) -> None:
    page, seen_uris = "", list[str]()
    while True:
        answer = site.get(f"/v1/pictures?limit=1&page={page}").json
        seen_uris += [picture["uri"] for picture in answer["pictures"]]
        if (page := answer["next"]) is None:
            break
    assert len(seen_uris) == len(set(seen_uris)) == 3


@pytest.mark.parametrize(
    ("question", "code", "says"),
    [
        ("?labels=dog", "unknown_parameter", "did you mean label?"),
        ("?min_confidence=80", "bad_parameter", "min_confidence"),
        ("?min_confidence=dog", "bad_parameter", "min_confidence"),
        ("?limit=0", "bad_parameter", "limit"),
        ("?limit=1001", "bad_parameter", "limit"),
        ("?order=best", "bad_question", "newest, oldest, confidence, uri"),
        ("?state=lost", "bad_question", "labelled"),
        ("?from=yesterday", "bad_question", "2026-11-21"),
        ("?prefix=photos", "bad_question", "oss://photos/2026/"),
        ("?page=abc", "bad_question", "page token"),
        ("?label=dog:7", "bad_question", "0 to 1"),
        (f"?label={'x' * 10_001}", "bad_question", "10,000"),
        (f"?label={'x,' * 60}x", "bad_question", "50"),
    ],
)
def test_a_question_that_cannot_be_meant_is_refused_with_what_is_wrong(
    site: Site, question: str, code: str, says: str
) -> None:
    answer = site.get(f"/v1/pictures{question}")
    assert (answer.status, answer.code) == (400, code)
    assert says in answer.json["detail"]


def test_a_page_token_of_another_question_is_refused(site: Site) -> None:
    token = site.get("/v1/pictures?limit=1").json["next"]
    answer = site.get(f"/v1/pictures?label=dog&limit=1&page={token}")
    assert (answer.status, answer.code) == (400, "bad_question")
    assert "another query" in answer.json["detail"]


def test_a_label_that_the_embedded_model_never_gives_is_answered_with_a_wider_one(site: Site) -> None:
    says = "{}: the embedded model never gives Weddings (wedding), which was wrong too often: try People (person)"
    for word in ("wedding", "婚礼"):
        for question in (f"/v1/pictures?label={quote(word)}", f"/v1/counts?any_of={quote(word)}"):
            assert site.get(question).json["hints"] == [says.format(word)]


def test_a_single_word_that_finds_nothing_is_answered_with_the_label_above_it(site: Site) -> None:
    says = "camera: pictures often get only the wider label: try Cameras and optics (camera-and-optics)"
    assert (
        site.get("/v1/pictures?label=camera").json["hints"]
        == site.get("/v1/counts?label=camera").json["hints"]
        == [says]
    )
    assert site.get("/v1/pictures?label=camera,person").json["hints"] == []


def test_a_misspelt_word_gets_a_suggestion(site: Site) -> None:
    assert site.get("/v1/pictures?label=elefant").json["hints"] == ["nothing is called elefant: did you mean elephant?"]
    assert site.get("/v1/counts?label=elefant").json["hints"] == ["nothing is called elefant: did you mean elephant?"]


@pytest.mark.parametrize(
    "question", ["", "?label=dog", "?not=umbrella", "?min_confidence=0.75", "?label=dog&min_confidence=0.65"]
)
def test_the_count_of_a_facet_is_what_choosing_it_finds(site: Site, question: str) -> None:
    counts = site.get(f"/v1/counts{question}").json
    assert counts["total"] == len(uris(site, f"/v1/pictures{question}"))
    assert counts["labels"]
    for facet in counts["labels"] + counts["categories"]:
        chosen = f"{question}&label=={facet['id']}" if question else f"?label=={facet['id']}"
        assert facet["count"] == len(uris(site, f"/v1/pictures{chosen}")), facet


def test_words_are_completed_in_both_languages(site: Site) -> None:
    assert site.get("/v1/labels?q=dogs&limit=1").json["labels"][0]["id"] == "dog"
    assert site.get("/v1/labels?q=狗&limit=1&language=zh-Hans").json["labels"][0]["name"].startswith("狗")
    assert site.get("/v1/labels?q=kitt&limit=1").json["labels"][0]["id"] == "cat"  # Kittens are cats.
    assert site.get("/v1/labels?q=zzzz").json == {"labels": []}


def test_an_unchanged_answer_is_not_sent_twice(site: Site) -> None:
    first = site.get("/v1/pictures")
    again = site.get("/v1/pictures", {"if-none-match": f'W/{first.headers["ETag"]}, "other"'})
    assert (again.status, again.body, again.headers["ETag"]) == (304, "", first.headers["ETag"])
    site.has("new.jpg", seen("dog"))
    assert site.get("/v1/pictures", {"if-none-match": first.headers["ETag"]}).status == 200


def test_an_address_that_is_not_there_is_a_problem_document(site: Site) -> None:
    assert (site.get("/v2/pictures").status, site.get("/v2/pictures").code) == (404, "not_found")
    answer = site.ask("DELETE", "/v1/pictures")
    assert (answer.status, answer.code, answer.headers["Allow"]) == (405, "wrong_method", "GET")


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    site = Site(per_minute=2)
    assert [site.get("/v1/labels").status for _ in range(3)] == [200, 200, 429]
    assert int(site.get("/v1/labels").headers["Retry-After"]) <= 31
    site.now = 31.0
    assert site.get("/v1/labels").status == 200
    site.caller = Caller("another")
    assert site.get("/v1/labels").status == 200


def test_requests_at_the_same_time_do_not_see_each_others_questions(site: Site) -> None:
    def ask(number: int) -> bool:
        prefix = f"oss://photos/{number}"
        site.has(f"{number}.jpg", seen("dog"))
        return bool(uris(site, f"/v1/pictures?prefix={prefix}.jpg") == [f"{number}.jpg"])

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(10_000, 10_400)))


@pytest.mark.parametrize(
    "error",
    [
        Misconfigured("the index is of an older version: run `imagelabels index migrate`"),
        Unavailable("index_error", "busy"),
    ],
)
def test_an_index_that_is_being_migrated_is_asked_again_later(error: LabelingError) -> None:
    class Migrating(MemoryIndex):
        def search(self, query: Query) -> Page:
            raise error

    answer = Site(Migrating()).get("/v1/pictures")
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "unavailable", "30")


def test_a_fault_of_ours_is_told_without_a_word_of_what_it_was() -> None:
    class Broken(MemoryIndex):
        def search(self, query: Query) -> Page:
            raise RuntimeError("secret")

    answer = Site(Broken()).get("/v1/pictures")
    assert (answer.status, answer.code) == (500, "fault")
    assert "secret" not in answer.body
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_wider_word_is_completed_as_one_of_level_0(site: Site) -> None:
    levels = {word["id"]: word["level"] for word in site.get("/v1/labels?q=animal&limit=50").json["labels"]}
    assert levels["animal"] == 0


def test_a_picture_that_only_a_delivery_holds_is_not_there_yet(site: Site) -> None:
    ref = ObjectRef("oss", "photos", "new.jpg")
    assert site.ledger.lock(ref, "t", 30, 0, "e")
    assert site.get(f"/v1/pictures/{image_pk(ref)}").status == 404


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("application/json", b"\xff\xfe", 400, "bad_body"),
        ("application/json", b"{", 400, "bad_body"),
        ("application/json", b"[" * 100_000, 400, "bad_body"),
        ("application/json", b"9" * 5_000, 400, "bad_body"),
        ("application/json", b"", 400, "bad_parameter"),
        ("application/json; charset=utf-8", b"7", 400, "bad_parameter"),
        ("multipart/form-data", b'{"title": "x"}', 415, "no_json"),
        ("multipart/form-data; boundary=x", b'{"title": "x"}', 415, "no_json"),
        ("application/x-www-form-urlencoded", b"title=x", 415, "no_json"),
        ("text/plain", b'{"title": "x"}', 415, "no_json"),
    ],
)
def test_a_body_that_is_no_json_would_find_a_fault_of_ours(
    site: Site, kind: str, body: bytes, status: int, code: str
) -> None:
    for method, address in (
        ("POST", "/v1/albums"),
        ("POST", "/v1/albums/preview"),
        ("PUT", "/v1/albums/x"),
        ("PUT", "/v1/albums/x/pins/y"),
        ("POST", "/v1/pictures/x/corrections"),
    ):
        asked = dict(event(method, address, {"content-type": kind}))
        asked |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        answer = site.api.answer(asked)
        assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (status, code), address


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/v1/albums", {"title": "x", "question": {"min_confidence": True}}),
        ("/v1/pictures/x/corrections", {"forget": 1}),
        ("/v1/pictures/x/corrections", {"forget": "yes"}),
    ],
)
def test_a_value_of_another_type_would_be_taken_for_one_that_fits(site: Site, address: str, body: object) -> None:
    assert site.ask("POST", address, None, body).code == "bad_parameter"


def test_a_client_would_be_told_of_methods_that_an_address_does_not_have(site: Site) -> None:
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        answer = site.ask(method, "/v1/albums/preview", None, {"title": "x"} if method == "PUT" else None)
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert site.ask("OPTIONS", "/v1/albums/x").headers["Allow"] == "DELETE, GET, PUT"
