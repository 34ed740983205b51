"""Who can read a feed, what its secret opens, and how feeds are shared and revoked."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from imagelabels.api.feeds.addresses import FeedAddress
from imagelabels.api.opened import WRONG_PER_MINUTE
from imagelabels.domain.albums import Album, Question
from imagelabels.domain.query import Page, Query
from imagelabels.domain.tokens import hashed, new_secret
from tests.api.feeding import ALBUM, BASE, HOST, KINDS, NOW, Reader
from tests.api.world import MemoryIndex, Site, seen
from tests.contract.samples import put
from tests.fakes_albums import FakeTokens

OTHER = "b" * 22


def test_a_secret_would_open_the_feed_of_another_album() -> None:
    reader = Reader()
    reader.site.albums.put(Album(OTHER, "Cats", Question(label=("cat",))))
    assert reader.ask(reader.address(album=OTHER)).status == 404
    assert reader.ask(reader.address(album=OTHER, secret=reader.share(OTHER))).status == 200


def test_a_refused_reader_would_learn_whether_there_is_such_an_album() -> None:
    reader = Reader()
    reader.site.albums.put(Album(OTHER, "Cats"))
    revoked, foreign = reader.share(), reader.share(OTHER)
    for token in reader.tokens.list():
        if token.secret_hash == hashed(revoked):
            reader.tokens.revoke(token.id, NOW)
    gone = reader.share("c" * 22)
    addresses = [reader.address(secret=secret) for secret in (revoked, foreign, new_secret(), "short", "露", "%")]
    addresses += [reader.address(album="none"), reader.address(album="c" * 22, secret=gone), reader.address(album="")]
    answers = [reader.ask(address) for address in addresses]
    assert {(answer.status, answer.body) for answer in answers} == {(404, answers[0].body)}
    assert len({tuple(answer.headers.items()) for answer in answers}) == 1


def test_a_secret_that_was_revoked_a_second_ago_would_still_open_the_feed() -> None:
    reader = Reader()
    row = reader.site.has("one.jpg", seen("dog"))
    etag = reader.get().headers["ETag"]
    reader.tokens.revoke(reader.tokens.list()[0].id, NOW)
    assert reader.get().status == reader.get(if_none_match=etag).status == reader.thumbnail(row).status == 404


def test_the_feed_of_an_album_that_was_deleted_would_still_be_there() -> None:
    reader = Reader()
    row = reader.site.has("one.jpg", seen("dog"))
    reader.site.albums.delete(ALBUM, 1)
    assert reader.get().status == reader.thumbnail(row).status == 404


def test_the_token_of_a_person_would_open_a_feed_or_the_secret_of_a_feed_the_api() -> None:
    reader = Reader()
    secret = new_secret()
    token = reader.tokens.list()[0]
    reader.tokens.put(type(token)("t", "person", hashed(secret)))
    assert reader.ask(reader.address(secret=secret)).status == 404
    for address in ("/v1/pictures", f"/v1/albums/{ALBUM}", f"/v1/albums/{ALBUM}/feeds"):
        assert reader.ask(address, HOST | {"authorization": f"Bearer {reader.secret}"}).status == 401
    for path in ("", "/", "/../../../pictures", "/rss/x"):
        assert reader.ask(f"/v1/albums/{ALBUM}/feed/{reader.secret}{path}").status == 404
    for method in ("POST", "PUT", "DELETE"):
        assert reader.ask(reader.address(), method=method).status == 405


def test_a_feed_would_show_pictures_outside_the_prefixes_of_its_secret() -> None:
    reader = Reader()
    rows = [reader.site.has(key, seen("dog")) for key in ("open/a.jpg", "private/b.jpg", "private/c.jpg")]
    reader.site.albums.pin(ALBUM, rows[2].ref.uri, "in", 1)
    reader.secret = reader.share(within=("oss://photos/open/",))
    assert [len(page) for page in reader.pages()] == [1]
    assert [reader.thumbnail(row).status for row in rows] == [302, 404, 404]
    reader.secret = reader.share(within=("oss://elsewhere/",))
    assert reader.pages() == [[]]


def test_a_small_copy_would_be_shown_of_a_picture_that_is_not_in_the_album_now() -> None:
    reader = Reader()
    dog, other = reader.site.has("a.jpg", seen("dog")), reader.site.has("a.jpg.jpg", seen("cat"))
    answer = reader.thumbnail(dog)
    assert (answer.status, answer.headers["Location"]) == (302, "https://copies.example/640")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert [reader.thumbnail(row).status for row in (dog, other)] == [302, 404]
    reader.site.albums.pin(ALBUM, other.ref.uri, "in", 1)
    reader.site.albums.pin(ALBUM, dog.ref.uri, "out", 1)
    assert [reader.thumbnail(row).status for row in (dog, other)] == [404, 302]
    assert reader.ask(reader.address("pictures/none/thumbnail")).status == 404


def test_a_small_copy_would_be_shown_although_the_search_lags_behind_the_row_that_left_the_album() -> None:
    reader = Reader()
    row = reader.site.has("a.jpg", seen("dog"))
    put(reader.site.ledger, replace(row, labels=(seen("cat"),)), "later event")
    assert [len(page) for page in reader.pages()] == [1]
    searches = reader.site.index.asked
    assert reader.thumbnail(row).status == 404
    assert reader.site.index.asked == searches


def test_each_small_picture_of_a_feed_would_read_all_pins_of_a_large_album() -> None:
    reader = Reader()
    dog, cat = (reader.site.has(f"{name}.jpg", seen(name)) for name in ("dog", "cat"))
    reader.site.albums.pin(ALBUM, cat.ref.uri, "in", 1)
    before = reader.site.albums.pages_of_pins
    assert [reader.thumbnail(row).status for row in (dog, cat)] == [302, 302]
    reader.site.albums.pin(ALBUM, dog.ref.uri, "out", 1)
    assert reader.thumbnail(dog).status == 404
    assert reader.site.albums.pages_of_pins == before


@pytest.mark.parametrize("prefix", ["oss://photos/a/", "oss://other/"])
def test_a_small_copy_would_be_shown_of_a_picture_outside_the_albums_prefix(prefix: str) -> None:
    reader = Reader(question=Question(prefix=prefix))
    rows = [reader.site.has(key, seen("dog")) for key in ("a/1.jpg", "b/2.jpg")]
    statuses = [reader.thumbnail(row).status for row in rows]
    assert statuses == [302 if row.ref.uri.startswith(prefix) else 404 for row in rows]


def test_a_small_copy_would_be_asked_of_an_album_whose_question_cannot_be_asked() -> None:
    reader = Reader(question=Question(prefix="nowhere"))
    assert reader.thumbnail(reader.site.has("a.jpg", seen("dog"))).code == "bad_question"


def test_wrong_secrets_would_be_looked_up_without_a_limit() -> None:
    reader = Reader()
    looked_up: list[str] = []

    class Counting(FakeTokens):
        def by_hash(self, secret_hash: str) -> Any:
            looked_up.append(secret_hash)
            return reader.tokens.by_hash(secret_hash)

    reader.api._caller_of._tokens = Counting()  # type: ignore[attr-defined]
    assert {reader.get().status for _ in range(2 * WRONG_PER_MINUTE)} == {200}
    wrong = [reader.ask(reader.address(secret=new_secret())) for _ in range(WRONG_PER_MINUTE + 5)]
    assert [answer.status for answer in wrong] == [404] * WRONG_PER_MINUTE + [429] * 5
    assert int(wrong[-1].headers["Retry-After"]) > 0
    assert len(looked_up) == 3 * WRONG_PER_MINUTE
    assert reader.get().status == 200, "who read the feed before is not kept out by the guesses of others"
    other = reader.share()
    assert reader.ask(reader.address(secret=other)).status == 429, "a right guess shows itself"
    reader.seconds += 60 / WRONG_PER_MINUTE
    assert reader.ask(reader.address(secret=other)).status == 200


def test_a_secret_would_be_guessed_as_a_feed_when_no_more_tokens_may_be_tried() -> None:
    reader = Reader()
    for _ in range(WRONG_PER_MINUTE):
        reader.ask("/v1/pictures", HOST | {"authorization": f"Bearer {new_secret()}"})
    assert reader.ask(reader.address(secret=new_secret())).status == 429


def test_the_wrong_addresses_of_a_stranger_behind_the_same_proxy_would_shut_readers_out() -> None:
    reader = Reader()
    assert reader.get().status == 200
    wrong = [reader.ask(reader.address(secret=new_secret())).status for _ in range(WRONG_PER_MINUTE + 1)]
    assert wrong[-1] == 429
    assert reader.get().status == 200


def test_one_feed_would_use_up_the_requests_of_another() -> None:
    reader = Reader(per_minute=3)
    other = reader.share()
    assert [reader.get().status for _ in range(4)] == [200, 200, 200, 429]
    assert reader.ask(reader.address(secret=other)).status == 200


def test_the_secret_would_stand_in_a_log_or_in_what_a_refused_reader_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(MemoryIndex):
        def search(self, query: Query) -> Page:
            raise KeyError("a fault of ours")

    reader = Reader()
    caplog.set_level(logging.DEBUG)
    answers = [reader.get(), reader.get("xml"), reader.ask(f"{reader.address()}?page=x")]
    reader.site.services.gallery.index.__class__ = Broken
    answers.append(reader.get())
    assert [answer.status for answer in answers] == [200, 400, 400, 500]
    assert "a request failed" in caplog.text
    for text in (caplog.text, *(answer.body for answer in answers[1:]), repr(FeedAddress(ALBUM, reader.secret))):
        assert reader.secret not in text


@pytest.fixture
def site() -> Site:
    site = Site(more={"tokens": FakeTokens()})
    site.albums.put(Album(ALBUM, "Dogs", Question(label=("dog",))))
    return site


def test_a_feed_is_shared_listed_and_revoked(site: Site) -> None:
    address = f"/v1/albums/{ALBUM}/feeds"
    made = site.ask("POST", address, HOST, {"name": "editors"})
    assert (made.status, made.headers["Cache-Control"]) == (201, "no-store")
    addresses = made.json["addresses"]
    assert [one.rpartition("/")[2] for one in addresses.values()] == list(addresses) == list(KINDS)
    secret = addresses["rss"].split("/")[-2]
    assert addresses["rss"] == f"{BASE}/v1/albums/{ALBUM}/feed/{secret}/rss"
    listed = site.get(address)
    assert secret not in listed.body
    (feed,) = listed.json["feeds"]
    assert (feed["id"], feed["name"], feed["prefixes"], feed["revoked_at"]) == (made.json["id"], "editors", [""], None)
    assert site.ask("DELETE", f"{address}/{feed['id']}").status == 204
    assert site.get(address).json["feeds"][0]["revoked_at"] is not None
    assert site.ask("DELETE", f"{address}/none").status == 404


def test_a_feed_would_show_more_than_the_person_who_shared_it_may_see(site: Site) -> None:
    site.sees("oss://photos/open/")
    made = site.ask("POST", f"/v1/albums/{ALBUM}/feeds", HOST, {})
    assert (made.json["name"], made.json["prefixes"]) == ("feed", ["oss://photos/open/"])


def test_a_token_that_is_no_feed_of_the_album_would_be_revoked(site: Site) -> None:
    tokens: Any = site.services.tokens
    site.albums.put(Album(OTHER, "Cats"))
    site.ask("POST", f"/v1/albums/{OTHER}/feeds", HOST, {})
    (token,) = tokens.list()
    tokens.put(type(token)("person", "somebody", hashed("x")))
    for name in (token.id, "person"):
        assert site.ask("DELETE", f"/v1/albums/{ALBUM}/feeds/{name}").status == 404
    assert all(one.revoked_at is None for one in tokens.list())


def test_a_limited_token_would_list_and_revoke_feeds_of_pictures_that_it_may_not_see(site: Site) -> None:
    address = f"/v1/albums/{ALBUM}/feeds"
    ours, theirs = ("oss://photos/ours/",), ("oss://photos/secret/",)
    for prefixes in (("",), theirs, (*ours, *theirs)):
        site.sees(*prefixes)
        hidden = site.ask("POST", address, HOST, {"name": "hidden"}).json["id"]
    site.sees(*ours)
    seen_by_us = site.ask("POST", address, HOST, {"name": "ours"}).json["id"]
    assert [feed["id"] for feed in site.get(address).json["feeds"]] == [seen_by_us]
    assert "secret" not in site.get(address).body
    assert site.ask("DELETE", f"{address}/{hidden}").status == 404
    assert site.ask("DELETE", f"{address}/{seen_by_us}").status == 204


@pytest.mark.parametrize("body", [{"name": " "}, {"name": "x" * 201}, {"nmae": "x"}, {"name": 7}, []])
def test_a_feed_without_a_name_that_tells_something_would_be_shared(site: Site, body: object) -> None:
    assert site.ask("POST", f"/v1/albums/{ALBUM}/feeds", HOST, body).status == 400
    assert site.get(f"/v1/albums/{ALBUM}/feeds").json["feeds"] == []


def test_feeds_would_be_shared_by_who_may_only_read_or_where_that_is_switched_off(site: Site) -> None:
    address = f"/v1/albums/{ALBUM}/feeds"
    assert site.ask("POST", "/v1/albums/none/feeds", HOST, {}).status == 404
    site.caller = type(site.caller)("reader")
    for method, path in (("GET", address), ("POST", address), ("DELETE", f"{address}/x")):
        assert site.ask(method, path, HOST, {} if method == "POST" else None).code == "read_only"
    function = Site()
    function.albums.put(Album(ALBUM, "Dogs"))
    assert function.get(address).code == "switched_off"


def test_the_document_would_ask_readers_of_feeds_for_a_token(site: Site) -> None:
    paths = site.get("/openapi.json").json["paths"]
    free = {path for path, item in paths.items() for one in item.values() if one.get("security") == []}
    assert free == {path for path in paths if "{secret}" in path} != set()
