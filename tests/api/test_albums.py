"""Albums over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from imagelabels.domain import albums as limits
from imagelabels.domain.albums import MOST_PINS, Album, Pin, Question, TooManyPins
from imagelabels.domain.changes import named
from imagelabels.records.rows import image_pk
from tests.api.world import Answered, Site, seen


@pytest.fixture
def site() -> Site:
    site = Site()
    for key, label in (("a.jpg", "dog"), ("b.jpg", "cat"), ("c.jpg", "dog"), ("private/d.jpg", "dog")):
        site.has(key, seen(label))
    return site


def made(site: Site, **body: Any) -> Answered:
    return site.ask("POST", "/v1/albums", body={"title": "Dogs", "question": {"label": ["dog"]}} | body)


def holds(site: Site, album: str, limit: int = 1) -> list[str]:
    page, uris, pages = "", list[str](), set[str]()
    while page is not None:
        assert page not in pages, "a page leads to itself"
        pages.add(page)
        answer = site.get(f"/v1/albums/{album}/pictures?limit={limit}&page={page}")
        assert answer.status == 200, answer.body
        uris += [row["uri"].removeprefix("oss://photos/") for row in answer.json["pictures"]]
        page = answer.json["next"]
    return uris


def test_an_album_is_made_read_changed_and_deleted(site: Site) -> None:
    answer = made(site)
    address = answer.headers["Location"]
    assert (answer.status, answer.headers["ETag"]) == (201, '"1"')
    read = site.get(address)
    assert read.json == answer.json
    assert read.json["question"]["label"] == ["dog"]
    body = {"title": "Cats", "question": {"label": ["cat"], "from": "2020-01-01"}, "language": "zh-Hans"}
    changed = site.ask("PUT", address, {"if-match": read.headers["ETag"]}, body)
    assert (changed.status, changed.headers["ETag"], changed.json["title"]) == (200, '"2"', "Cats")
    assert changed.json["question"]["from"] == "2020-01-01T00:00:00.000Z"
    assert [album["title"] for album in site.get("/v1/albums").json["albums"]] == ["Cats"]
    assert site.ask("DELETE", address, {"if-match": '"2"'}).status == 204
    assert site.get(address).status == 404


def test_a_damaged_album_would_hide_the_others(site: Site) -> None:
    addresses = sorted(made(site).headers["Location"] for _ in range(3))
    names = [address.rpartition("/")[2] for address in addresses]
    site.albums.damaged.add(names[1])
    first = site.get("/v1/albums?limit=1").json
    rest = site.get(f"/v1/albums?after={first['next']}").json
    assert [album["id"] for album in (*first["albums"], *rest["albums"])] == [names[0], names[2]]
    assert site.get(addresses[1]).code == "unavailable"


def test_a_change_that_did_not_see_the_last_one_is_refused(site: Site) -> None:
    address = made(site).headers["Location"]
    body = {"title": "Cats"}
    assert site.ask("PUT", address, None, body).code == "no_version"
    assert site.ask("PUT", address, {"if-match": '"7"'}, body).code == "changed"
    assert site.ask("DELETE", address, {"if-match": '"7"'}).code == "changed"
    assert site.get(address).json["title"] == "Dogs"


def test_what_an_album_would_hold_is_shown_before_it_is_saved(site: Site) -> None:
    answer = site.ask("POST", "/v1/albums/preview", body={"title": "Dogs", "question": {"label": ["dog"]}})
    assert (answer.status, answer.json["total"], len(answer.json["pictures"])) == (200, 3, 3)
    assert site.get("/v1/albums").json["albums"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"title": ""},
        {"title": " "},
        {"title": "x" * 201},
        {"question": {"labels": ["dog"]}},
        {"question": {"min_confidence": 7}},
        {"question": {"prefix": "photos"}},
        {"question": {"label": ["x" * 10_001]}},
        {"question": {"label": ["露" * 4_000]}},
        {"question": {"state": "lost"}},
        {"question": "dog"},
        {"order": "best"},
        {"language": "fr"},
    ],
)
def test_an_album_that_could_not_be_opened_is_not_saved(site: Site, body: dict[str, Any]) -> None:
    assert made(site, **body).status == 400
    assert site.get("/v1/albums").json["albums"] == []


def test_an_album_whose_word_was_retired_still_opens_and_says_so(site: Site) -> None:
    site.albums.put(Album("retired", "Old", Question(label=("elefant",))))
    answer = site.get("/v1/albums/retired/pictures")
    assert (answer.status, answer.json["pictures"]) == (200, [])
    assert answer.json["hints"] == ["nothing is called elefant: did you mean elephant?"]


def test_pictures_are_put_in_and_taken_out_by_hand(site: Site) -> None:
    album = made(site).json["id"]
    ids = {key: image_pk(row.ref) for row in site.index.rows for key in [row.ref.key]}
    assert site.ask("PUT", f"/v1/albums/{album}/pins/{ids['b.jpg']}", body={"kind": "in"}).status == 204
    assert site.ask("PUT", f"/v1/albums/{album}/pins/{ids['a.jpg']}", body={"kind": "out"}).status == 204
    assert holds(site, album) == holds(site, album, 100) == ["b.jpg", "c.jpg", "private/d.jpg"]
    assert site.ask("DELETE", f"/v1/albums/{album}/pins/{ids['a.jpg']}").status == 204
    assert sorted(holds(site, album)) == ["a.jpg", "b.jpg", "c.jpg", "private/d.jpg"]


def test_what_was_put_in_by_hand_is_hidden_from_who_may_not_see_it(site: Site) -> None:
    album = made(site, question={"label": ["cat"]}, cover="oss://photos/private/d.jpg").json["id"]
    ids = {row.ref.key: image_pk(row.ref) for row in site.index.rows}
    site.ask("PUT", f"/v1/albums/{album}/pins/{ids['private/d.jpg']}", body={"kind": "in"})
    assert holds(site, album) == ["private/d.jpg", "b.jpg"]
    site.sees("oss://photos/b", "oss://photos/a")
    assert holds(site, album) == ["b.jpg"]
    assert site.get(f"/v1/albums/{album}").json["cover"] is None
    assert site.ask("PUT", f"/v1/albums/{album}/pins/{ids['private/d.jpg']}", body={"kind": "out"}).status == 404


def test_pages_begin_anew_when_the_picture_that_a_page_ended_with_is_taken_out(site: Site) -> None:
    album = site.ask("POST", "/v1/albums", body={"title": "Mine"}).json["id"]
    uris = [f"oss://photos/{number}.jpg" for number in range(4)]
    for number, uri in enumerate(uris):
        site.has(f"{number}.jpg")
        site.albums.pin(album, uri, "in", 1)
    page = f"/v1/albums/{album}/pictures?limit=2"
    first = site.get(page).json
    assert [one["uri"] for one in first["pictures"]] == uris[:2]
    site.albums.pin(album, uris[1], "out", 2)
    assert [one["uri"] for one in site.get(f"{page}&page={first['next']}").json["pictures"]] == uris[2:]


def test_pages_of_pins_would_repeat_or_miss_pictures_whose_keys_mean_something_in_addresses(site: Site) -> None:
    album = made(site, question={"label": ["horse"]}).json["id"]
    keys = [
        f"{sign}{number}.jpg" for number, sign in enumerate(("#", "&page=", "%25", "+", " ", "狗", "\udcff", "?", "="))
    ]
    for key in keys:
        site.albums.pin(album, site.has(key).ref.uri, "in", 1)
    assert sorted(holds(site, album)) == sorted(keys)
    for token in ("pinned:%FF", "pinned:a", "pinned:gA"):
        assert site.get(f"/v1/albums/{album}/pictures?page={token}").code == "bad_question"


def test_a_pin_of_a_picture_that_is_gone_would_stay_for_ever(site: Site) -> None:
    album = made(site).json["id"]
    gone, hidden = "oss://photos/gone.jpg", "oss://photos/private/gone.jpg"
    for uri in (gone, hidden):
        site.albums.pin(album, uri, "in", 1)
    addresses = [f"/v1/albums/{album}/pins/{image_pk(named(uri))}" for uri in (gone, hidden)]
    assert site.ask("PUT", addresses[0], body={"kind": "out"}).status == 404
    site.sees("oss://photos/g")
    assert [site.ask("DELETE", address).status for address in addresses] == [204, 404]
    assert [pin.uri for pin in site.albums.pins(album)] == [hidden]
    assert site.ask("DELETE", addresses[0]).status == 404


def test_an_album_with_too_many_pins_takes_no_more_and_says_so(site: Site) -> None:
    album = made(site).json["id"]
    site.albums.pinned[album] = {
        f"oss://photos/{number}": Pin(f"oss://photos/{number}", "in", 0) for number in range(MOST_PINS)
    }
    answer = site.ask("PUT", f"/v1/albums/{album}/pins/{image_pk(site.index.rows[0].ref)}", body={"kind": "in"})
    assert (answer.status, answer.code) == (409, "too_many_pins")
    assert f"{limits.MOST_PINS:,}" in answer.json["detail"]


def test_who_may_only_read_changes_no_album(site: Site) -> None:
    address = made(site).headers["Location"]
    pin = f"{address}/pins/{image_pk(site.index.rows[0].ref)}"
    site.caller = replace(site.caller, may_write=False)
    version = {"if-match": '"1"'}
    refused = [
        made(site),
        site.ask("PUT", address, version, {"title": "x"}),
        site.ask("DELETE", address, version),
        site.ask("PUT", pin, None, {"kind": "in"}),
        site.ask("DELETE", pin),
    ]
    assert [answer.code for answer in refused] == ["read_only"] * 5


def test_a_hundred_thousand_pins_would_be_taken_and_make_an_album_slow(site: Site) -> None:
    album = made(site).json["id"]
    refused = 0
    for number in range(100_000):
        try:
            site.albums.pin(album, f"oss://photos/{number:06}.jpg", "in", 0)
        except TooManyPins:
            refused += 1
    assert refused == 100_000 - MOST_PINS
    answer = site.get(f"/v1/albums/{album}/pictures?limit=3")
    assert (answer.status, answer.json["pictures"]) == (200, [])
    assert answer.json["next"].startswith("pinned:")


def test_a_page_token_of_another_album_is_refused(site: Site) -> None:
    dogs, cats = made(site).json["id"], made(site, question={"label": ["cat"]}).json["id"]
    token = site.get(f"/v1/albums/{dogs}/pictures?limit=1").json["next"]
    answer = site.get(f"/v1/albums/{cats}/pictures?limit=1&page={token}")
    assert (answer.status, answer.code) == (400, "bad_question")


def test_a_field_of_another_name_is_refused_in_words_of_ours() -> None:
    answer = Site().ask("POST", "/v1/albums", body={"title": "Dogs", "question": {"labels": ["dog"]}})
    assert (answer.status, answer.code) == (400, "bad_parameter")
    assert answer.json["detail"] == "labels: there is no such field: /openapi.json describes those that there are"
