"""Photos that are dropped onto the page: what is stored, what is refused, and how their labels are watched."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

import pytest

from imagelabels.api.here import Caller, Here
from imagelabels.api.wsgi import Wsgi
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import Reason, State
from imagelabels.page.drop import MOST, card_of, clean
from imagelabels.page.places import Drop, below
from imagelabels.page.visit import LARGEST_DROP, Visit
from imagelabels.pictures.picture import MAX_BYTES
from imagelabels.ports.rows import StoredRow
from tests.api import world
from tests.api.world import Site, seen
from tests.page.world import Browser, Seen, form

JPEG = b"\xff\xd8\xff\xe0 a photo"


@dataclass
class Bucket:
    """A bucket in memory, and the page that puts photos into it."""

    broken: bool = False
    stored: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.site = Site(more={"small": lambda record, side: "https://copies.example/"})
        self.browser = Browser(self.site, drop=Drop(below(("oss://photos/in", "cos://more/")), self.put))

    def put(self, ref: ObjectRef, content: bytes) -> None:
        if self.broken:
            raise Unavailable(Reason.STORE_ERROR, "the store does not answer")
        self.stored[ref.uri] = content

    def watch(self, *uris: str, **headers: str) -> Seen:
        return self.browser.get(f"/drop?at={quote(','.join(quote(uri, safe='') for uri in uris))}", **headers)


def steps(view: Seen) -> list[str]:
    """The classes of the steps of a view's only card, which stands before the blank one of the script."""
    classes = [found.get("class", "") for tag, found in view.html.elements if tag == "li"]
    cards = [place for place, name in enumerate(classes) if name == "dropped"]
    return classes[cards[0] + 1 : cards[0] + 5]


def test_a_card_would_name_wider_labels_in_the_place_of_narrower_ones() -> None:
    bucket = Bucket()
    names = ("surroundings", "grass", "outdoor", "person", "sport", "athlete-and-diver", "baseball-player", "crowd")
    row = bucket.site.has("in/a.jpg", *(seen(name) for name in names))
    shown = [one["href"] for one in bucket.watch(row.ref.uri).html.all("a", class_="chip")]
    assert shown == [f"/?label=%3D{name}" for name in ("grass", "outdoor", "baseball-player", "crowd")]


def test_photos_are_stored_as_they_came_and_are_watched() -> None:
    bucket = Bucket()
    answer = bucket.browser.drops({"a b.jpg": JPEG, "猫.png": b"\x89PNG\r\n\x1a\n"})
    assert answer.status == 303
    assert list(bucket.stored.values()) == [JPEG, b"\x89PNG\r\n\x1a\n"]
    assert all(uri.startswith("oss://photos/in/") for uri in bucket.stored)
    assert [uri.rsplit("/", 1)[1] for uri in bucket.stored] == ["a b.jpg", "猫.png"]
    view = bucket.browser.get(answer.headers["Location"])
    assert "a b.jpg" in view.html.text
    assert "猫.png" in view.html.text
    assert "Uploaded; waits for the function" in view.html.text
    assert 'http-equiv="refresh"' in view.body, "without scripts nobody looks again"


def test_the_same_photo_twice_overwrites_nothing() -> None:
    bucket = Bucket()
    for _ in range(2):
        bucket.browser.drops({"a.jpg": JPEG})
    assert len(bucket.stored) == 2


def test_the_script_sends_one_photo_and_is_told_where_it_is_watched() -> None:
    bucket = Bucket()
    answer = bucket.browser.drops({"a.jpg": JPEG}, x_part="main")
    (uri,) = bucket.stored
    assert (answer.status, unquote(json.loads(answer.body)["at"])) == (200, uri)


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "Choose a photo first."),
        ({"notes.jpg": b"no photo"}, "notes.jpg is no photo."),
        ({"empty.jpg": b""}, "empty.jpg is empty."),
        ({"large.jpg": JPEG + bytes(MAX_BYTES)}, "large.jpg is too large: a photo has at most 20 MB."),
        ({f"{number}.jpg": JPEG for number in range(MOST + 1)}, "at most 20 at once"),
    ],
)
def test_what_is_no_photo_or_too_much_is_refused_with_the_reason_and_stores_nothing(
    files: dict[str, bytes], says: str
) -> None:
    bucket = Bucket()
    view = bucket.browser.drops({"good.jpg": JPEG, **files} if 0 < len(files) < MOST else files)
    assert view.status == 400
    assert says in view.html.text
    assert says in json.loads(bucket.browser.drops(files, x_part="main").body)["detail"]
    assert bucket.stored == {}


def test_photos_that_are_too_large_together_are_refused_before_they_are_read() -> None:
    bucket = Bucket()
    stream = io.BytesIO(b"unread")
    asked = world.event("POST", "/drop", {"content-type": "multipart/form-data; boundary=x"}, "")
    assert bucket.browser.api is not None
    answer = bucket.browser.api.answer({**asked, "stream": stream, "length": LARGEST_DROP + 1})
    assert (answer["statusCode"], stream.tell()) == (413, 0)
    assert "more than 48 MB together" in answer["body"]


def test_who_may_only_read_drops_nothing_and_the_photos_are_not_even_read() -> None:
    bucket = Bucket()
    bucket.site.caller = Caller("reader")
    view = bucket.browser.get("/drop")
    assert not view.html.all("input", type="file")
    assert view.html.all("a", href="/login?to=/drop")
    stream = io.BytesIO(form({}, {"a.jpg": JPEG}))
    assert bucket.browser.api is not None
    answer = bucket.browser.api.answer({**world.event("POST", "/drop", {}, ""), "stream": stream, "length": 99})
    assert (answer["statusCode"], stream.tell(), bucket.stored) == (403, 0, {})


def test_a_form_of_another_site_drops_nothing() -> None:
    bucket = Bucket()
    assert bucket.browser.drops({"a.jpg": JPEG}, {"form_token": "x"}).status == 403
    assert bucket.browser.drops({"a.jpg": JPEG}, sec_fetch_site="cross-site").status == 403
    assert bucket.stored == {}


def test_photos_go_nowhere_but_to_the_places_that_were_named() -> None:
    bucket = Bucket()
    assert bucket.browser.drops({"a.jpg": JPEG}, {"to": "oss://photos/"}).status == 400
    assert bucket.browser.drops({"../../b.jpg": JPEG}).status == 303
    assert all(uri.startswith("oss://photos/in/") and ".." not in uri for uri in bucket.stored)


def test_a_token_for_other_prefixes_drops_nothing_and_sees_nothing() -> None:
    bucket = Bucket()
    bucket.site.has("in/x/a.jpg", seen("dog"))
    bucket.site.sees("cos://more/")
    assert bucket.browser.drops({"a.jpg": JPEG}).status == 403
    assert bucket.stored == {}
    assert "a.jpg" not in bucket.watch("oss://photos/in/x/a.jpg").html.text
    assert bucket.browser.drops({"a.jpg": JPEG}, {"to": "cos://more/"}).status == 303


def test_a_store_that_does_not_answer_is_told_to_both_readers_and_the_script() -> None:
    bucket = Bucket(broken=True)
    assert bucket.browser.drops({"a.jpg": JPEG}).status == 503
    answer = bucket.browser.drops({"a.jpg": JPEG}, x_part="main")
    assert (answer.status, json.loads(answer.body)["detail"]) == (
        503,
        "Nothing is lost. Try again in a moment. (the store does not answer)",
    )


def test_a_server_without_a_bucket_has_no_drop_zone() -> None:
    browser = Browser(Site())
    view = browser.get("/drop")
    assert view.status == 404
    assert "There is no such address" in view.html.text
    assert "This server takes no photos" in view.html.text
    assert not browser.get("/").html.all("a", href="/drop")
    assert browser.posts(form({}, {"a.jpg": JPEG})).status == 404


def test_a_card_tells_each_state_of_a_photo() -> None:
    bucket = Bucket()
    uri = "oss://photos/in/x/a.jpg"
    assert steps(bucket.watch(uri)) == ["on", "now", "", ""]
    bucket.site.has("in/x/a.jpg", seen("dog", 0.91), seen("seashore", 0.6))
    view = bucket.watch(uri)
    assert steps(view) == ["on"] * 4
    assert "Dogs 0.91" in view.html.text
    assert "http-equiv" not in view.body
    assert view.html.all("img")[0]["src"].startswith("/v1/pictures/")


@pytest.mark.parametrize(
    ("row", "step", "state"),
    [
        (StoredRow(None, None, "lock", 9.0), 2, ""),
        (StoredRow(None, "throttled", None, None), 2, "waiting"),
    ],
)
def test_a_photo_that_the_function_works_on_is_being_looked_at(row: StoredRow, step: int, state: str) -> None:
    site = Bucket().site
    visit = Visit(world.event("GET", "/drop"), lambda event: Here(site.services, site.caller), world.WORDS.taxonomy)
    card = card_of(visit, ObjectRef("oss", "photos", "in/x/a.jpg"), row)
    assert (card.step, card.state, card.is_open) == (step, state, True)


def test_a_refused_photo_tells_its_reason_and_shows_no_broken_picture() -> None:
    bucket = Bucket()
    bucket.site.has("in/x/a.jpg", state=State.SKIPPED, reason=Reason.CORRUPT)
    view = bucket.watch("oss://photos/in/x/a.jpg")
    assert steps(view) == ["on", "on", "bad", ""]
    assert "No labels: damaged file" in view.html.text
    assert not view.html.all("img")
    assert "未标注：文件损坏" in bucket.watch("oss://photos/in/x/a.jpg", accept_language="zh-CN").html.text


def test_a_photo_that_waits_is_watched_on() -> None:
    bucket = Bucket()
    bucket.site.has("in/x/a.jpg", state=State.WAITING, reason=Reason.THROTTLED)
    view = bucket.watch("oss://photos/in/x/a.jpg")
    assert steps(view) == ["on", "on", "now", ""]
    assert "Waits: throttled" in view.html.text


def test_only_photos_below_the_places_are_watched() -> None:
    bucket = Bucket()
    bucket.site.has("elsewhere.jpg", seen("dog"))
    view = bucket.watch("oss://photos/elsewhere.jpg", "nonsense", "oss://", "oss://photos/in/b.jpg")
    assert "elsewhere" not in view.html.text
    assert "b.jpg" in view.html.text


def test_a_name_of_markup_is_text() -> None:
    bucket = Bucket()
    answer = bucket.browser.drops({"<script>alert(1)<b>.jpg": JPEG})
    view = bucket.browser.get(answer.headers["Location"])
    assert "<script>alert" not in view.body
    assert "<script>alert(1)<b>.jpg" in view.html.text
    refused = bucket.browser.drops({"<script>alert(1)<b>.jpg": b"x"})
    assert "<script>alert" not in refused.body
    assert "<script>alert(1)<b>.jpg is no photo." in refused.html.text


def test_the_drop_zone_alone_may_show_pictures_that_the_browser_holds() -> None:
    bucket = Bucket()
    assert "img-src 'self' blob:;" in bucket.browser.get("/drop").headers["Content-Security-Policy"]
    assert "blob:" not in bucket.browser.get("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("a.jpg", "a.jpg"),
        ("C:\\photos\\a b.JPG", "a b.JPG"),
        ("../../etc/passwd", "passwd"),
        ("..", "photo"),
        ("", "photo"),
        (".jpg", "jpg"),
        ("a\r\nb\0.png", "a__b_.png"),
        (f"{'猫' * 200}.jpeg", f"{'猫' * 65}.jpeg"),
        (f"a.{'b' * 300}", f"a.{'b' * 198}"),
        ("\ud800.jpg", "_.jpg"),
    ],
)
def test_a_name_becomes_the_end_of_a_key_that_both_stores_take(name: str, key: str) -> None:
    assert clean(name) == key


def test_a_server_that_takes_photos_takes_no_other_large_body() -> None:
    bucket, started = Bucket(), list[str]()
    assert bucket.browser.api is not None
    server = Wsgi(bucket.browser.api, "/drop")
    stream = io.BytesIO(b"unread")
    for address, status in (("/v1/albums", "413"), ("/drop/", "413"), ("/drop", "403")):
        environ = {"REQUEST_METHOD": "POST", "PATH_INFO": address, "CONTENT_LENGTH": "1048577", "wsgi.input": stream}
        bucket.site.caller = Caller("reader")
        server(environ, lambda status, headers: started.append(status))
        assert (started[-1][:3], stream.tell()) == (status, 0), address


def test_the_address_of_the_photos_survives_a_reload() -> None:
    bucket = Bucket()
    answer = bucket.browser.drops({"a,b&c=%41.jpg": JPEG})
    (uri,) = bucket.stored
    assert uri.endswith("/a,b&c=%41.jpg")
    location = urlsplit(answer.headers["Location"])
    assert "a,b&c=%41.jpg" in bucket.browser.get(f"/drop?{location.query}").html.text
