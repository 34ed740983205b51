"""Feeds on the page: an album is shared by a form, and its readers are shut out by another."""

from __future__ import annotations

from imagelabels.domain.albums import Album, Question
from tests.api import world
from tests.api.world import seen
from tests.fakes_albums import FakeTokens
from tests.page.world import Browser, Seen

ID = "a" * 22
HOST = {"host": "photos.example"}


def dogs(tokens: FakeTokens | None = None) -> Browser:
    browser = Browser(world.Site(more={"tokens": tokens, "has_page": True}), dict(HOST))
    browser.site.has("a.jpg", seen("dog"))
    browser.site.albums.put(Album(ID, "Dogs", Question(label=("dog",))))
    return browser


def sends(browser: Browser, **fields: str) -> Seen:
    return browser.sends(f"/albums/{ID}/feeds", fields, f"/albums/{ID}")


def addresses(view: Seen) -> list[str]:
    return [text for text in view.html.texts if text.startswith("https://photos.example/v1/")]


def test_the_addresses_of_a_new_feed_are_shown_once_and_lead_to_it() -> None:
    tokens = FakeTokens()
    browser = dogs(tokens)
    view = sends(browser, do="share", name="editors <b>")
    assert (view.status, view.headers["Cache-Control"]) == (200, "no-store")
    assert [one.rpartition("/")[2] for one in addresses(view)] == ["rss", "atom", "json"]
    assert addresses(browser.get(f"/albums/{ID}")) == []
    assert "editors <b>" in browser.get(f"/albums/{ID}").html.text
    (token,) = tokens.list()
    assert (token.album, token.prefixes) == (ID, ("",))


def test_no_view_names_the_address_of_a_feed_for_others_to_find() -> None:
    browser = dogs(FakeTokens())
    views = [sends(browser, do="share", name="editors"), browser.get(f"/albums/{ID}"), browser.get("/albums")]
    for view in (*views, browser.get("/")):
        assert not [link for link in view.html.all("link") if "/feed/" in link["href"]]
        assert view.headers["Referrer-Policy"] == "same-origin"


def test_a_person_sees_and_revokes_no_feed_of_pictures_that_they_may_not_see() -> None:
    tokens = FakeTokens()
    browser = dogs(tokens)
    sends(browser, do="share", name="editors")
    (token,) = tokens.list()
    browser.site.sees("oss://photos/")
    assert "editors" not in browser.get(f"/albums/{ID}").html.text
    assert sends(browser, do="revoke", feed=token.id).status == 404
    assert tokens.list()[0].revoked_at is None


def test_a_feed_that_was_revoked_is_not_shown_any_more() -> None:
    tokens = FakeTokens()
    browser = dogs(tokens)
    sends(browser, do="share", name="editors")
    assert sends(browser, do="revoke", feed="none").status == 404
    assert sends(browser, do="revoke", feed=tokens.list()[0].id).status == 303
    assert tokens.list()[0].revoked_at is not None
    assert "editors" not in browser.get(f"/albums/{ID}").html.text


def test_a_feed_without_a_name_is_refused() -> None:
    tokens = FakeTokens()
    assert sends(dogs(tokens), do="share", name=" ").status == 400
    assert tokens.list() == ()


def test_feeds_are_not_offered_to_who_may_only_read_or_where_they_are_switched_off() -> None:
    off = dogs()
    assert not off.get(f"/albums/{ID}").html.all("details", id="share")
    assert sends(off, do="share", name="editors").status == 403
    browser = dogs(FakeTokens())
    view = browser.get(f"/albums/{ID}").html
    assert view.all("details", id="share")
    forged = view.all("input", name="form_token")[0]["value"]
    browser.site.caller = type(browser.site.caller)("reader")
    assert not browser.get(f"/albums/{ID}").html.all("details", id="share")
    fields = {"do": "share", "name": "x", "form_token": forged}
    assert browser.post(f"/albums/{ID}/feeds", fields).status == 403


def test_the_feed_of_an_album_that_is_not_there_is_not_made() -> None:
    browser = dogs(FakeTokens())
    assert browser.sends("/albums/none/feeds", {"do": "share", "name": "x"}, f"/albums/{ID}").status == 404


def test_a_browser_that_asks_for_the_answer_to_the_form_again_comes_to_the_album() -> None:
    assert dogs(FakeTokens()).get(f"/albums/{ID}/feeds").headers["Location"] == f"/albums/{ID}"
