"""One picture: its labels and why, its neighbours, corrections, and albums by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from imagelabels.domain.albums import Album
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.explain import Explained
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.domain.plan import Plan
from imagelabels.records.rows import image_pk
from imagelabels.usecases.correct import Said
from imagelabels.usecases.why import Reasons
from tests.api.world import Site, seen
from tests.page.world import Browser


def row_of(browser: Browser) -> list[str]:
    """The addresses of the pictures in the order of the grid."""
    return [one["href"] for one in browser.get("/").html.all("a", class_="tile blank labelled")]


def moments(times: dict[str, int]) -> Browser:
    site = Site()
    for key, at in times.items():
        site.has(f"{key}.jpg", seen("dog"), updated_at=at)
    return Browser(site)


def test_each_picture_leads_to_the_next_and_back_in_every_order() -> None:
    times = {"a": 5, "b": 5, "c": 5, "d": 4, "e": 4, "f": 3, "g": 7}
    for order in ("newest", "oldest", "uri", "confidence"):
        browser = moments(times)
        shown = [one["href"] for one in browser.get(f"/?order={order}").html.all("a", class_="tile blank labelled")]
        for before, behind in pairwise(shown):
            assert browser.get(before).html.all("a", rel="next")[0]["href"] == behind
            assert browser.get(behind).html.all("a", rel="prev")[0]["href"] == before
        assert not browser.get(shown[0]).html.all("a", rel="prev")
        assert not browser.get(shown[-1]).html.all("a", rel="next")


def test_neighbours_answer_the_same_question_and_lie_where_the_caller_may_look() -> None:
    browser = moments({"a": 1, "b": 3})
    browser.site.has("cat.jpg", seen("cat"), updated_at=2)
    browser.site.has("secret.jpg", seen("dog"), bucket="private", updated_at=2)
    browser.site.has("other.jpg", seen("dog"), bucket="more", updated_at=4)
    browser.site.sees("oss://photos/", "oss://more/")
    first, second, third = (
        one["href"] for one in browser.get("/?label=dog").html.all("a", class_="tile blank labelled")
    )
    assert browser.get(second).html.all("a", rel="prev")[0]["href"] == first
    assert browser.get(second).html.all("a", rel="next")[0]["href"] == third


def test_a_picture_that_the_caller_may_not_see_is_not_there() -> None:
    browser = Browser()
    hidden = image_pk(browser.site.has("secret.jpg", seen("dog"), bucket="private").ref)
    browser.site.sees("oss://photos/")
    assert browser.get(f"/pictures/{hidden}").status == browser.get("/pictures/none").status == 404
    assert browser.get(f"/pictures/{hidden}").html.text == browser.get("/pictures/none").html.text


def test_each_label_stands_below_the_one_above_it_with_its_reason() -> None:
    browser = Browser()
    browser.site.has("a.jpg", seen("dog", 0.93))
    text = browser.get(row_of(browser)[0]).html.text
    assert text.index("Mammals category 0.93 because of Dogs") < text.index("Dogs")
    assert "kept" in text


def test_who_may_not_write_is_offered_nothing_that_writes() -> None:
    browser = correcting([])
    browser.site.albums.put(Album("a" * 22, "Dogs"))
    browser.site.caller = replace(browser.site.caller, may_write=False)
    address = row_of(browser)[0]
    assert not [one for one in browser.get(address).html.all("form") if one.get("method") == "post"]
    for path in ("corrections", "pins"):
        assert browser.post(f"{address}/{path}", {"label": "cat", "form_token": token(browser)}).status == 403


def correcting(said: list[Said]) -> Browser:
    def correct(ref: ObjectRef, words: Said) -> ImageRecord:
        said.append(words)
        return browser.site.index.rows[0]

    browser = Browser(Site(more={"correct": correct}))
    browser.site.has("a.jpg", seen("dog"))
    return browser


def token(browser: Browser) -> str:
    """The text that the page's forms carry."""
    view = browser.get("/?label=dog").html.all("input", name="form_token")
    return view[0]["value"] if view else ""


def test_a_label_is_added_and_rejected_in_place() -> None:
    said: list[Said] = []
    browser = correcting(said)
    address = row_of(browser)[0]
    for fields in ({"label": "cat", "do": "add"}, {"label": "dog", "do": "not"}, {"label": " ", "do": "add"}):
        assert browser.sends(f"{address}/corrections", fields, address).headers["Location"] == address
    assert said == [Said((), ("cat",)), Said(("dog",))]


def test_a_form_that_another_site_sent_changes_nothing() -> None:
    said: list[Said] = []
    browser = correcting(said)
    address, fields = f"{row_of(browser)[0]}/corrections", {"label": "cat", "do": "add"}
    assert browser.post(address, fields).status == 403
    assert browser.post(address, {**fields, "form_token": "0" * 32}).status == 403
    assert browser.post(address, {**fields, "form_token": token(browser)}, sec_fetch_site="cross-site").status == 403
    assert said == []


def test_a_server_without_corrections_offers_and_takes_none() -> None:
    browser = Browser()
    browser.site.has("a.jpg", seen("dog"))
    address = row_of(browser)[0]
    assert not browser.get(address).html.all("input", name="label")
    assert browser.post(f"{address}/corrections", {"label": "x", "form_token": token(browser)}).status == 403


def test_a_picture_is_put_into_an_album_and_taken_out_by_hand() -> None:
    browser = correcting([])
    album = Album("a" * 22, "Dogs")
    browser.site.albums.put(album)
    address = row_of(browser)[0]
    for kind in ("in", "out"):
        browser.sends(f"{address}/pins", {"album": album.id, "do": kind}, address)
        assert [pin.kind for pin in browser.site.albums.pins(album.id)] == [kind]
    assert browser.sends(f"{address}/pins", {"album": album.id, "do": "aside"}, address).status == 400
    assert [pin.kind for pin in browser.site.albums.pins(album.id)] == ["out"]
    browser.sends(f"{address}/pins", {"album": album.id, "do": "none"}, address)
    assert browser.site.albums.pins(album.id) == ()


def test_a_store_that_cannot_be_asked_is_offered_no_correction() -> None:
    def why(ref: ObjectRef) -> Reasons:
        raise Misconfigured("no bucket is behind a file")

    browser = correcting([])
    browser.site.services = replace(browser.site.services, why=why)
    browser = Browser(browser.site)
    assert not browser.get(row_of(browser)[0]).html.all("input", name="label")


def test_what_was_seen_but_not_kept_is_told_with_its_reason_and_can_be_said_to_be_so() -> None:
    browser = correcting([])
    (row,) = browser.site.index.rows
    kept = Explained("dog", "dog", "Dogs", 0.93, True, "kept", "kept", ("label:dog", "mammal"), 0.6)
    below = "below threshold 0.7 of the policy"
    left = Explained("cat", "cat", "Cats", 0.31, False, "below_threshold", below, None, 0.7)

    def why(ref: ObjectRef) -> Reasons:
        told = {"ours": {"label:dog": "mammal"}, "theirs": {"trip": "<b>lakes</b>"}}
        known = Reasons(row.ref, row.head, None, None, None, Plan(State.LABELLED), (kept, left), False, {}, {}, ())
        return replace(known, **told)  # type: ignore[arg-type]

    browser.site.services = replace(browser.site.services, why=why)
    view = Browser(browser.site).get(row_of(browser)[0]).html
    assert "Seen, but not kept (1)" in view.text
    assert below in view.text
    assert "kept; threshold 0.60" in view.text
    assert [path["d"] for path in view.all("path") if path["d"].endswith("0v4")] == ["M60.0 0v4", "M70.0 0v4"]
    in_chinese = Browser(browser.site).get(row_of(browser)[0], accept_language="zh").html.text
    assert "保留；阈值 0.60" in in_chinese
    assert "低于阈值 0.70" in in_chinese
    assert "trip = <b>lakes</b>" in view.text
    assert view.all("button", value="add", title="Cats is so")
