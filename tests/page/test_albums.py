"""Albums on the page: made of a question, renamed, deleted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.domain.albums import Album, Question
from imagelabels.page import albums
from imagelabels.providers.sqlite import OpenedSqlite
from imagelabels.records.rows import image_pk
from tests.api.world import seen
from tests.page.world import Browser

ID = "a" * 22


def dogs() -> Browser:
    browser = Browser()
    browser.site.has("a.jpg", seen("dog"))
    browser.site.has("b.jpg", seen("cat"))
    return browser


def test_an_album_holds_what_the_question_on_the_page_finds() -> None:
    browser = dogs()
    question = browser.get("/?label=%3Ddog&not=cat").html.all("input", name="question")[0]["value"]
    made = browser.sends("/albums", {"title": "Dogs", "question": question, "language": "zh-Hans"}, "/?label=dog")
    view = browser.get(made.headers["Location"]).html
    assert "a.jpg" in view.text
    assert "b.jpg" not in view.text
    (album,) = browser.site.albums.list()
    assert (album.question.label, album.question.none_of, album.language) == (("=dog",), ("cat",), "zh-Hans")


def test_a_title_changes_in_the_version_that_the_person_saw() -> None:
    browser = dogs()
    browser.site.albums.put(Album(ID, "Dogs", Question(label=("dog",))))
    first = browser.sends(f"/albums/{ID}", {"title": "Hounds", "version": "1", "language": "en"}, f"/albums/{ID}")
    again = browser.sends(f"/albums/{ID}", {"title": "Late", "version": "1", "language": "en"}, f"/albums/{ID}")
    assert (first.status, again.status) == (303, 409)
    assert browser.site.albums.there[ID].title == "Hounds"


@pytest.mark.parametrize("version", ["9" * 30, "9223372036854775807", "-1", "x", ""])
def test_a_version_that_no_index_can_hold_is_no_fault_of_the_server(version: str, tmp_path: Path) -> None:
    opened = OpenedSqlite(tmp_path / "index.db", {})
    opened.create()
    browser = Browser()
    browser.site.services = replace(browser.site.services, albums=opened.albums())
    browser = Browser(browser.site)
    opened.albums().put(Album(ID, "Dogs"))
    for fields in ({"title": "Cats"}, {"do": "delete"}):
        assert browser.sends(f"/albums/{ID}", {**fields, "version": version}, f"/albums/{ID}").status == 409
    assert opened.albums().get(ID) is not None


def test_an_album_is_deleted_in_the_version_that_the_person_saw() -> None:
    browser = dogs()
    browser.site.albums.put(Album(ID, "Dogs"))
    assert browser.sends(f"/albums/{ID}", {"do": "delete", "version": "2"}, f"/albums/{ID}").status == 409
    assert browser.sends(f"/albums/{ID}", {"do": "delete", "version": "1"}, f"/albums/{ID}").status == 303
    gone = browser.get(f"/albums/{ID}")
    assert (gone.status, "There is no such album" in gone.html.text) == (404, True)


def test_an_album_without_a_title_or_with_a_senseless_question_is_refused() -> None:
    browser = dogs()
    for fields in ({"title": " ", "question": "label=dog"}, {"title": "x", "question": "prefix=nowhere"}):
        assert browser.sends("/albums", fields, "/?label=dog").status == 400
    assert browser.site.albums.list() == ()


def test_an_album_whose_question_cannot_be_asked_any_more_spoils_no_list() -> None:
    browser = dogs()
    browser.site.albums.put(Album(ID, "Odd", Question(prefix="nowhere")))
    assert "Odd" in browser.get("/albums").html.text
    assert browser.get(f"/albums/{ID}").status == 400


def test_more_pictures_that_were_put_in_are_found_behind_a_key_that_means_something_in_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(albums, "PAGE", 1)
    browser = Browser()
    browser.site.albums.put(Album(ID, "Mine", Question(label=("horse",))))
    for key in ("a&page=x.jpg", "b#c.jpg", "d.jpg"):
        browser.site.albums.pin(ID, browser.site.has(key, seen("dog")).ref.uri, "in", 1)
    address, shown = f"/albums/{ID}", list[str]()
    while address and len(shown) < 5:
        view = browser.get(address).html
        shown += [one["data-id"] for one in view.all("a") if "data-id" in one]
        more = [one["href"] for one in view.all("a") if "data-more" in one]
        address = more[0].partition("#")[0] if more else ""
    assert shown == [image_pk(row.ref) for row in browser.site.index.rows]


def test_an_album_with_a_damaged_pin_spoils_no_list() -> None:
    browser = dogs()
    for one in (Album(ID, "Odd"), Album("b" * 22, "Even")):
        browser.site.albums.put(one)
    browser.site.albums.damaged_pins.add(ID)
    shown = browser.get("/albums").html.text
    assert "Odd" in shown
    assert "Even" in shown
    assert browser.get(f"/albums/{ID}").status == 503


def test_a_damaged_album_would_hide_the_others() -> None:
    browser = dogs()
    for one in (Album(ID, "Odd"), Album("b" * 22, "Even")):
        browser.site.albums.put(one)
    browser.site.albums.damaged.add(ID)
    assert "Even" in browser.get("/albums").html.text
