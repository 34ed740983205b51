"""What stands in feeds: every reader gets the same truth in each format, page by page."""

from __future__ import annotations

import calendar
import random
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from imagelabels.domain.albums import Question
from imagelabels.domain.model import ImageRecord
from imagelabels.domain.outcomes import State
from imagelabels.records.rows import image_pk
from imagelabels.usecases import feeds
from tests.api.feeding import ALBUM, BASE, HOST, KINDS, Reader, parsed
from tests.api.world import seen
from tests.contract.samples import HEAD
from tests.page.world import Browser

MARKUP = "a<b>bold<script>alert(1)<script> &amp; ]]>'\".jpg"
EVERYTHING = Question(prefix="oss://photos/")


class Html(HTMLParser):
    """Reads HTML: its elements, their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def items(reader: Reader, kind: str) -> list[dict[str, Any]]:
    """Return the pictures in a feed in one form, whatever the format is."""
    told = reader.read(kind)
    if kind == "json":
        return [
            {"id": one["id"], "title": one["title"], "link": one["url"], "html": one["content_html"]}
            | {"thumbnail": one.get("image"), "labels": one["tags"]}
            | {"published": _seconds(one["date_published"]), "updated": _seconds(one["date_modified"])}
            for one in told["items"]
        ]
    return [
        {"id": one.id, "title": one.title, "link": one.link, "html": one.summary}
        | {"thumbnail": one["media_thumbnail"][0]["url"] if "media_thumbnail" in one else None}
        | {"labels": [tag.label or tag.term for tag in one.get("tags", [])]}
        | {"published": _utc(one.published_parsed), "updated": _utc(one.updated_parsed)}
        for one in told.entries
    ]


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _utc(parts: Any) -> int:
    return int(calendar.timegm(parts))


def uploaded(row: ImageRecord) -> int:
    assert row.head is not None
    return row.head.last_modified


@pytest.mark.parametrize("kind", KINDS)
def test_a_reader_would_show_something_else_than_the_picture(kind: str) -> None:
    reader = Reader()
    row = reader.site.has("2026/one.jpg", seen("dog"), seen("seashore", 0.62), updated_at=1_790_000_000_000)
    (item,) = items(reader, kind)
    assert item["title"] == "Dogs, Seashore (one.jpg)"
    assert item["link"] == f"{BASE}/pictures/{image_pk(row.ref)}"
    assert item["thumbnail"] == f"{BASE}{reader.address('pictures')}/{image_pk(row.ref)}/thumbnail"
    assert item["labels"] == ["Dogs", "Seashore"]
    assert (item["published"], item["updated"]) == (uploaded(row), 1_790_000_000)
    html = Html(item["html"])
    assert [element for element, _ in html.elements] == ["p", "a", "img", "p", "p"]
    assert html.elements[2][1] == {"src": item["thumbnail"], "alt": "Dogs, Seashore (one.jpg)"}
    assert html.texts == ["Dogs 90%, Seashore 62%", "one.jpg"]


@pytest.mark.parametrize("kind", KINDS)
def test_titles_and_labels_would_not_be_in_the_language_of_the_album(kind: str) -> None:
    reader = Reader(title="狗", language="zh-Hans")
    reader.site.has("one.jpg", seen("dog"), seen("seashore"))
    told = reader.read(kind)
    assert (told["language"] if kind == "json" else told.feed.get("language", "zh-Hans")) == "zh-Hans"
    (item,) = items(reader, kind)
    assert (item["title"], item["labels"]) == ("狗、海滨（one.jpg）", ["狗", "海滨"])


@pytest.mark.parametrize("kind", KINDS)
def test_markup_in_a_key_or_a_label_would_become_markup_or_be_escaped_twice(kind: str) -> None:
    reader = Reader(title=MARKUP)
    reader.site.has(MARKUP, seen("dog"), seen(f"user:{MARKUP}"))
    told = reader.read(kind)
    assert (told["title"] if kind == "json" else told.feed.title) == MARKUP
    (item,) = items(reader, kind)
    assert item["title"] == f"Dogs, user:{MARKUP} ({MARKUP})"
    html = Html(item["html"])
    assert [element for element, _ in html.elements] == ["p", "a", "img", "p", "p"]
    assert html.elements[2][1]["alt"] == item["title"]
    assert html.texts[-1] == MARKUP


@pytest.mark.parametrize("kind", KINDS)
def test_a_character_that_xml_cannot_carry_would_break_the_feed(kind: str) -> None:
    reader = Reader(title="a\x0bb")
    reader.site.has("\x00\x01\x1f\ufffe\udc80\U0001f600.jpg", seen("dog"), seen("user:\x08"))
    (item,) = items(reader, kind)
    assert item["title"] == "Dogs, user:? (?????\U0001f600.jpg)"


def test_a_picture_would_look_new_to_readers_because_it_was_labelled_again() -> None:
    reader = Reader()
    old = reader.site.has("one.jpg", seen("dog"))
    before = [items(reader, kind)[0] for kind in KINDS]
    labels = (seen("dog", 0.5), seen("cat"))
    reader.again(old, replace(old, labels=labels, updated_at=old.updated_at + 60_000))
    reader.secret = reader.share()
    after = [items(reader, kind)[0] for kind in KINDS]
    assert {item["id"] for item in (*before, *after)} == {before[0]["id"]}
    assert {item["published"] for item in (*before, *after)} == {uploaded(old)}
    assert [item["updated"] for item in after] == [item["updated"] + 60 for item in before]


def test_two_pictures_or_albums_would_have_one_id() -> None:
    reader = Reader()
    reader.site.has("one.jpg", seen("dog"))
    reader.site.has("two.jpg", seen("dog"))
    told = reader.read()
    assert len({told.feed.id, *(entry.id for entry in told.entries)}) == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_a_reader_would_keep_a_feed_in_which_something_changed(kind: str, header: str) -> None:
    reader = Reader()
    rows = [reader.site.has(f"{number}.jpg", seen("dog")) for number in range(3)]
    condition = {"ETag": "if_none_match", "Last-Modified": "if_modified_since"}[header]

    def is_kept(known: str) -> bool:
        answer = reader.get(kind, **{condition: known})
        assert answer.status in (200, 304)
        assert bool(answer.body) == (answer.status == 200)
        return answer.status == 304

    known = reader.get(kind).headers[header]
    assert is_kept(known)
    # Both contents have the same date, so a date alone cannot tell.
    reader.again(rows[0], replace(rows[0], labels=(seen("dog"), seen("cat"))))
    assert not is_kept(known)
    known = reader.get(kind).headers[header]
    reader.site.index.rows.pop()
    assert not is_kept(known)
    known = reader.get(kind).headers[header]
    reader.site.albums.put(replace(reader.site.albums.there[ALBUM], title="Hounds", version=2), 1)
    assert not is_kept(known)
    assert is_kept(reader.get(kind).headers[header])


def test_a_reader_that_sends_both_would_be_told_by_its_date_that_it_has_the_feed() -> None:
    reader = Reader()
    modified = reader.get().headers["Last-Modified"]
    assert reader.get(if_none_match='"other"', if_modified_since=modified).status == 200
    assert reader.get(if_modified_since="yesterday").status == 200


def test_a_cache_that_others_use_would_keep_a_feed() -> None:
    headers = Reader().get().headers
    assert headers["Cache-Control"].startswith("private")
    assert "Host" in headers["Vary"]
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_of_a_feed_would_repeat_or_omit_a_picture(kind: str) -> None:
    reader = Reader()
    for number in range(2 * feeds.ITEMS + 7):
        # Several pictures have the same time, also where one page ends.
        reader.site.has(f"{number:03}.jpg", seen("dog"), updated_at=1_790_000_000_000 + number // 4 * 1000)
    pages = reader.pages(kind)
    assert [len(page) for page in pages] == [feeds.ITEMS, feeds.ITEMS, 7]
    assert len({one for page in pages for one in page}) == 2 * feeds.ITEMS + 7


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("within", [("",), ("oss://photos/a/", "oss://photos/b/")])
def test_pages_would_lose_pictures_that_were_put_in_or_show_those_taken_out(
    monkeypatch: pytest.MonkeyPatch, seed: int, within: tuple[str, ...]
) -> None:
    monkeypatch.setattr(feeds, "ITEMS", 4)
    dice = random.Random(seed)
    reader = Reader(order="confidence")
    reader.secret = reader.share(within=within)
    wanted: list[tuple[int, str, str]] = []
    for number in range(30):
        folder, label = dice.choice("abc"), dice.choice(["dog", "cat"])
        at = 1_790_000_000_000 + dice.randrange(8) * 1000
        row = reader.site.has(f"{folder}/{number}.jpg", seen(label), updated_at=at)
        kind = dice.choice(["in", "out", None, None])
        by_hand = 1_790_000_000_000 + dice.randrange(8) * 1000
        reader.site.albums.pin(ALBUM, row.ref.uri, kind, by_hand)  # type: ignore[arg-type]
        if (kind == "in" or (kind is None and label == "dog")) and (folder != "c" or within == ("",)):
            wanted.append((-(by_hand if kind == "in" else at), row.ref.uri, f"{number}.jpg"))
    reader.site.albums.pin(ALBUM, "oss://photos/a/gone.jpg", "in", 1_790_000_000_000)
    pages, address = [], BASE + reader.address()
    while address:
        told = parsed(reader.ask(address.removeprefix(BASE)))
        pages.append([entry.title.partition("(")[2].rstrip(")") for entry in told.entries])
        address = next((link.href for link in told.feed.links if link.rel == "next"), "")
    assert [name for page in pages for name in page] == [name for _, _, name in sorted(wanted)]
    assert all(len(page) <= 4 for page in pages)


def test_the_feed_of_an_album_of_which_its_reader_may_see_nothing_would_be_broken_or_show_it() -> None:
    reader = Reader(question=Question(prefix="oss://photos/private/"))
    reader.site.has("private/a.jpg", seen("dog"))
    reader.secret = reader.share(within=("oss://photos/open/",))
    assert reader.pages() == [[]]


def test_a_page_would_ask_the_index_for_ever_because_all_pictures_were_taken_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "ITEMS", 2)
    reader = Reader()
    for number in range(40):
        row = reader.site.has(f"{number:02}.jpg", seen("dog"))
        reader.site.albums.pin(ALBUM, row.ref.uri, "out" if number < 38 else None, 1)
    before = reader.site.index.asked
    reader.get()
    assert reader.site.index.asked - before <= feeds.SEARCHES + 1
    assert sum(map(len, reader.pages())) == 2


def test_a_page_full_of_pictures_that_were_put_in_would_ask_the_index_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feeds, "ITEMS", 2)
    reader = Reader()
    for number in range(12):
        row = reader.site.has(f"{number:02}.jpg", seen("dog"))
        reader.site.albums.pin(ALBUM, row.ref.uri, "in", 1_890_000_000_000 + number)
    before = reader.site.index.asked
    reader.get()
    assert reader.site.index.asked - before == 1
    pages = reader.pages()
    assert len({picture for page in pages for picture in page}) == sum(map(len, pages)) == 12


def test_a_picture_that_was_deleted_or_corrected_would_stay_in_the_feed() -> None:
    reader = Reader()
    rows = [reader.site.has(f"{number}.jpg", seen("dog")) for number in range(3)]
    del reader.site.index.rows[0]
    reader.again(rows[1], replace(rows[1], labels=(seen("cat"),)))
    assert [item["title"] for item in items(reader, "atom")] == ["Dogs (2.jpg)"]


def test_a_picture_without_labels_or_head_would_break_the_feed() -> None:
    reader = Reader(question=Question(state="any"), changed_at=1_790_000_000_000)
    reader.site.has("later.jpg", state=State.PARKED, head=None, updated_at=0)
    for kind in KINDS:
        (item,) = items(reader, kind)
        assert (item["title"], item["thumbnail"]) == ("later.jpg", None)
        assert item["published"] == item["updated"] == 1_790_000_000


@pytest.mark.parametrize("kind", KINDS)
def test_the_feed_of_an_album_whose_word_was_retired_would_not_say_so(kind: str) -> None:
    reader = Reader(question=Question(label=("elefant",)))
    told = reader.read(kind)
    described = told["description"] if kind == "json" else told.feed.subtitle
    assert described == "Pictures of the album Dogs; nothing is called elefant: did you mean elephant?"


def test_the_feed_of_an_album_whose_question_cannot_be_asked_any_more_would_be_broken() -> None:
    told = Reader(question=Question(prefix="nowhere")).read()
    assert told.entries == []
    assert "'nowhere' is not the beginning of a picture's URI" in told.feed.subtitle


@pytest.mark.parametrize("page", ["x", "WyIxIl0", "%00", "露", "%ED%B2%80"])
def test_a_damaged_page_token_would_begin_the_feed_again(page: str) -> None:
    reader = Reader()
    answer = reader.ask(f"{reader.address()}?page={page}")
    assert (answer.status, answer.code) == (400, "bad_page")


def test_a_page_token_of_another_question_would_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "ITEMS", 1)
    reader = Reader()
    for number in range(3):
        reader.site.has(f"{number}.jpg", seen("dog"))
    following = next(link.href for link in reader.read().feed.links if link.rel == "next").removeprefix(BASE)
    assert reader.ask(following).status == 200
    reader.site.albums.put(replace(reader.site.albums.there[ALBUM], question=EVERYTHING, version=2), 1)
    assert reader.ask(following).code == "bad_page"


def test_a_feed_on_a_function_would_lead_to_a_page_that_is_not_there_or_tell_its_secret() -> None:
    reader = Reader()
    row = reader.site.has("one.jpg", seen("dog"))
    reader.api._services = replace(reader.api._services, has_page=False)
    (item,) = items(reader, "rss")
    assert item["link"] == f"{BASE}/v1/pictures/{image_pk(row.ref)}"


@pytest.mark.parametrize(
    ("headers", "beginning"),
    [
        (HOST, BASE),
        (HOST | {"x-forwarded-proto": "http"}, "http://photos.example"),
        ({"host": "127.0.0.1:8080", "x-forwarded-proto": "http"}, "http://127.0.0.1:8080"),
        ({"host": "[::1]:8080"}, "https://[::1]:8080"),
        (HOST | {"x-forwarded-host": "evil.example", "x-forwarded-proto": "javascript"}, BASE),
    ],
)
def test_addresses_in_a_feed_would_not_work(headers: dict[str, str], beginning: str) -> None:
    reader = Reader()
    told = parsed(reader.ask(reader.address(), headers))
    assert {link.href for link in told.feed.links if link.rel == "self"} == {beginning + reader.address()}


@pytest.mark.parametrize("host", ["", '"><script>', "a b", "evil.example/path", "user@evil.example", "x" * 256, "a:b"])
def test_a_host_that_is_none_would_stand_in_a_feed(host: str) -> None:
    reader = Reader()
    assert reader.ask(reader.address(), {"host": host}).code == "bad_parameter"


def test_a_forged_host_would_stand_in_a_feed_although_the_server_knows_its_address() -> None:
    reader = Reader()
    reader.api._services = replace(reader.api._services, site="https://photos.example")
    for headers in ({"host": "evil.example"}, {}):
        assert reader.ask(reader.address(), headers).body.count("https://photos.example/") > 1
        assert "evil" not in reader.ask(reader.address(), headers).body


def test_there_is_no_feed_in_another_format() -> None:
    assert Reader().get("xml").status == 400


@pytest.mark.parametrize("seconds", [-(10**11), -62_135_596_801, 253_402_300_799, 253_402_300_800, 10**12])
def test_a_file_whose_time_lies_outside_of_all_calendars_would_end_the_feed_and_its_view(seconds: int) -> None:
    reader = Reader()
    row = reader.site.has("a.jpg", seen("dog"), head=replace(HEAD, last_modified=seconds))
    assert [len(reader.read(kind)["items" if kind == "json" else "entries"]) for kind in KINDS] == [1, 1, 1]
    assert Browser(reader.site).get(f"/pictures/{image_pk(row.ref)}").status == 200
