"""Webhooks over HTTP: made, shown, sent again, given a new secret and deleted by who may write."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.albums import Album, Question, new_id
from imagelabels.domain.webhooks import MOST_HOOKS, Delivery
from imagelabels.ports.webhooks import Webhooks
from tests.api.world import Site
from tests.fakes_webhooks import fake_webhooks

URL = "https://example.com/hook?key=1"


@pytest.fixture
def kept() -> Webhooks:
    return fake_webhooks()


@pytest.fixture
def site(kept: Webhooks) -> Site:
    return Site(more={"webhooks": kept})


@pytest.fixture
def place(site: Site) -> str:
    album = Album(new_id(), "Dogs", Question(("dog",)))
    site.albums.put(album)
    return f"/v1/albums/{album.id}/webhooks"


def made(site: Site, place: str) -> str:
    answer = site.ask("POST", place, body={"url": URL})
    assert answer.status == 201, answer.body
    return f"{place}/{answer.json['id']}"


def test_the_secret_is_shown_when_a_webhook_is_made_and_never_again(site: Site, place: str) -> None:
    answer = site.ask("POST", place, body={"url": URL})
    assert (answer.status, answer.json["url"], answer.json["state"]) == (201, URL, "on")
    secret, address = answer.json["secret"], answer.headers["Location"]
    assert secret.startswith("whsec_")
    assert (address, answer.headers["Cache-Control"]) == (f"{place}/{answer.json['id']}", "no-store")
    assert secret not in site.get(address).body
    (listed,) = site.get(place).json["webhooks"]
    assert listed == {name: value for name, value in answer.json.items() if name != "secret"}


def test_what_waits_and_what_failed_is_shown_and_sent_again(site: Site, place: str, kept: Webhooks) -> None:
    address = made(site, place)
    hook = address.rpartition("/")[2]
    waiting = Delivery(hook, "a", 1, "oss://photos/a.jpg", 1, 2)
    kept.outbox.add([waiting, replace(waiting, number=2, failed_at=5, answer="the receiver answered 500")])
    first, second = site.get(address).json["deliveries"]
    assert (first["state"], first["type"], first["next_at"]) == (
        "waiting",
        "album.picture.entered",
        "1970-01-01T00:00:00.002Z",
    )
    assert (second["state"], second["answer"]) == ("failed", "the receiver answered 500")
    assert site.ask("POST", f"{address}/retries").json == {"sent_again": 1}
    assert {one["state"] for one in site.get(address).json["deliveries"]} == {"waiting"}


def test_a_new_secret_is_shown_once(site: Site, place: str, kept: Webhooks) -> None:
    address = made(site, place)
    answer = site.ask("POST", f"{address}/secrets")
    assert (answer.status, answer.headers["Cache-Control"]) == (201, "no-store")
    (hook,) = kept.hooks.list()
    assert hook.secrets[0] == answer.json["secret"]
    assert len(hook.secrets) == 2


def test_a_deleted_webhook_is_gone(site: Site, place: str) -> None:
    address = made(site, place)
    assert site.ask("DELETE", address).status == 204
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/retries"), ("POST", "/secrets")):
        assert site.ask(method, address + path).code == "not_found"
    assert site.get(place).json == {"webhooks": []}


@pytest.mark.parametrize(
    "url",
    ["", "http://example.com/", "https://user:pw@example.com/", "ftp://x/", "https://a b/", "javascript:alert(1)"],
)
def test_an_address_that_is_none_is_refused_with_a_reason(site: Site, place: str, url: str) -> None:
    answer = site.ask("POST", place, body={"url": url})
    assert (answer.status, answer.code) == (400, "bad_webhook")
    assert "the address" in answer.json["detail"]


def test_the_eleventh_webhook_of_an_album_is_refused(site: Site, place: str) -> None:
    for _ in range(MOST_HOOKS):
        made(site, place)
    assert site.ask("POST", place, body={"url": URL}).code == "too_many_webhooks"


def test_who_may_only_read_learns_nothing_of_webhooks(site: Site, place: str) -> None:
    address = made(site, place)
    site.caller = replace(site.caller, may_write=False)
    for method, path in (("GET", place), ("POST", place), ("GET", address), ("DELETE", address)):
        assert site.ask(method, path, body={"url": URL} if method == "POST" else None).code == "read_only"


def test_a_webhook_that_tells_of_more_than_the_caller_may_see_does_not_exist_for_them(site: Site, place: str) -> None:
    address = made(site, place)
    site.sees("oss://photos/2026/")
    assert (site.get(place).json, site.get(address).code) == ({"webhooks": []}, "not_found")
    own = made(site, place)
    assert site.get(own).json["prefixes"] == ["oss://photos/2026/"]


def test_a_webhook_is_found_below_its_own_album_alone(site: Site, place: str) -> None:
    address = made(site, place)
    other = Album(new_id(), "Cats")
    site.albums.put(other)
    assert site.get(f"/v1/albums/{other.id}/webhooks/{address.rpartition('/')[2]}").code == "not_found"
    assert site.get("/v1/albums/nobody/webhooks").code == "not_found"


def test_a_worker_that_keeps_writing_makes_a_change_wait(site: Site, place: str, kept: Webhooks) -> None:
    address = made(site, place)
    put = kept.hooks.put

    def busy(new: object, expected: int | None = None) -> None:
        there = kept.hooks.list()[0]
        put(replace(there, version=there.version + 1), there.version)
        put(new, expected)  # type: ignore[arg-type]

    kept.hooks.put = busy  # type: ignore[method-assign, assignment]
    for method, path in (("DELETE", ""), ("POST", "/retries"), ("POST", "/secrets")):
        assert site.ask(method, address + path).code == "unavailable"


def test_where_webhooks_are_not_offered_nobody_makes_one() -> None:
    site = Site()
    assert site.get("/v1/albums/x/webhooks").code == "switched_off"
