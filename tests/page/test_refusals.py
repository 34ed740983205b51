"""What people read in a browser when a request is refused: what happened, what to do, and a way on."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from imagelabels.api.app import LARGEST_BODY, Api, Event
from imagelabels.api.here import Caller
from imagelabels.api.hosts import is_meant
from imagelabels.api.limits import RateLimit
from imagelabels.api.problems import Problem
from imagelabels.api.wsgi import MOST_PARAMETERS, Wsgi
from imagelabels.domain.albums import MOST_PINS, Album, Question, TooManyPins
from imagelabels.domain.errors import Rejected, Unavailable
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.outcomes import Reason
from imagelabels.page import site, visitors
from imagelabels.page.places import Drop
from imagelabels.page.site import Page
from imagelabels.records.rows import image_pk
from imagelabels.usecases.correct import Said
from tests.api import world
from tests.api.world import Site, seen
from tests.fakes_albums import FakeTokens
from tests.page.views import ALBUM
from tests.page.world import Browser, Seen

PICTURE = f"/pictures/{image_pk(ObjectRef('oss', 'photos', 'one.jpg'))}"
ENGLISH, CHINESE = "en", "zh-CN"


def looking(language: str = ENGLISH, per_minute: int = 10**6, **services: Any) -> Browser:
    """Return a browser that looks at a page with one picture and one album."""
    site = Site(more=services)
    site.has("one.jpg", seen("dog"))
    site.albums.put(Album(ALBUM, "Dogs", Question(label=("dog",))))
    api = Api(site.services, lambda event: site.caller, RateLimit(per_minute, lambda: 0.0), Page(world.WORDS.taxonomy))
    return Browser(site, {"accept-language": language}, api)


def told(view: Seen) -> tuple[int, str, list[str]]:
    """Return the status of a view, what is read in it, and the addresses that it offers."""
    assert view.headers["Content-Type"] == "text/html; charset=utf-8"
    assert view.headers["Cache-Control"] == "no-store"
    return view.status, view.html.text, [found["href"] for found in view.html.all("a", class_="b go")]


def corrected(said: str, language: str = ENGLISH, error: Exception | None = None) -> Seen:
    """Return the answer to a correction that raises this error."""

    def correct(ref: ObjectRef, said: Said) -> ImageRecord:
        raise error or ValueError("nothing is called kitten, and the picture has no such label: write cat")

    browser = looking(language, correct=correct)
    return browser.sends(f"{PICTURE}/corrections?label=dog", {"label": said, "do": "not"}, f"{PICTURE}?label=dog")


@pytest.mark.parametrize(
    ("method", "address", "allowed", "way"),
    [
        ("GET", f"{PICTURE}/corrections?label=dog", "POST", f"{PICTURE}?label=dog"),
        ("GET", f"{PICTURE}/pins", "POST", PICTURE),
        ("GET", "/operations/redrive", "POST", "/operations"),
        ("GET", "/logout", "POST", "/"),
        ("POST", "/operations", "GET", "/operations"),
        ("PUT", "/albums", "GET, POST", "/albums"),
        ("DELETE", "/static/page.css", "GET", "/"),
        ("POST", "/complete", "GET", "/"),
    ],
)
def test_a_browser_that_asks_in_a_way_that_an_address_does_not_take_would_be_told_of_a_missing_picture(
    method: str, address: str, allowed: str, way: str
) -> None:
    for language, words in ((ENGLISH, "Only the links and buttons of the page"), (CHINESE, "页面上的链接和按钮")):
        view = looking(language)._asked(world.event(method, address, {"accept-language": language}))
        assert view.headers["Allow"] == allowed
        status, text, ways = told(view)
        assert (status, words in text, ways) == (405, True, [way])


@pytest.mark.parametrize("path", ["/", f"{PICTURE}/corrections", "/albums/none", "/login", "/operations"])
def test_the_secret_of_a_token_would_stand_in_the_links_of_a_view(path: str) -> None:
    browser = looking()
    for fails in (False, True):
        browser.site.index.fails = (
            dict.fromkeys(range(9), Unavailable(Reason.INDEX_ERROR, "no answer")) if fails else {}
        )
        view = browser.get(f"{path}?token=a-secret&label=dog")
        assert "a-secret" not in view.body
        assert "label=dog" in view.body, "the other parameters stay"


class CountedViews(tuple[Any, ...]):
    """The views of the page, which count how often somebody looks through them."""

    looks = 0

    def __iter__(self) -> Iterator[Any]:
        self.looks += 1
        return super().__iter__()


@pytest.mark.parametrize(("begins", "way"), [("", "/"), (PICTURE, PICTURE), (f"{PICTURE}/corrections", PICTURE)])
def test_an_address_of_very_many_parts_would_be_compared_with_the_views_for_each_of_them(
    begins: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = CountedViews(site.VIEWS)
    monkeypatch.setattr(site, "VIEWS", views)
    headers = {"accept": "text/html", "accept-language": ENGLISH}
    status, _, ways = told(looking()._asked(world.event("POST", begins + "/x" * 10_000, headers)))
    assert (status, ways) == (404, [way])
    assert views.looks < 9


def test_a_file_of_the_page_that_is_not_there_would_be_an_empty_view() -> None:
    assert told(looking().get("/static/none.js"))[:1] == (404,)
    assert "There is no such address" in looking().get("/static/none.js").html.text
    assert "没有这个地址" in looking(CHINESE).get("/static/none.js").html.text


def test_an_album_or_a_feed_that_is_not_there_would_be_called_a_picture() -> None:
    browser = looking()
    pinned = browser.sends(f"{PICTURE}/pins", {"album": "none", "do": "in"}, PICTURE)
    assert (pinned.status, "There is no such album" in pinned.html.text) == (404, True)
    sharing = looking(tokens=FakeTokens())
    revoked = sharing.sends(f"/albums/{ALBUM}/feeds", {"do": "revoke", "feed": "none"}, f"/albums/{ALBUM}")
    status, text, ways = told(revoked)
    assert (status, "There is no such feed" in text, ways) == (404, True, [f"/albums/{ALBUM}/feeds"])


def test_a_form_that_is_too_large_would_be_answered_in_json_and_in_english() -> None:
    for language, words in ((ENGLISH, "A form may have at most 1 MB."), (CHINESE, "表单最大为 1 MB")):
        view = looking(language).post(f"{PICTURE}/corrections", {"label": "x" * (LARGEST_BODY + 1)})
        status, text, ways = told(view)
        assert (status, words in text, ways) == (413, True, [PICTURE])


def test_somebody_who_may_only_read_would_not_learn_how_to_write() -> None:
    for language, words in ((ENGLISH, "Your token may not do this"), (CHINESE, "您的令牌没有此权限")):
        browser = looking(language)
        browser.site.caller = Caller("reader")
        token = browser.get(PICTURE).html.all("input", name="form_token")
        assert not token, "a reader gets no form"
        answer = browser.post(f"{PICTURE}/corrections", {"form_token": form_token(browser)})
        status, text, ways = told(answer)
        assert (status, words in text, ways) == (403, True, [f"/login?to={PICTURE}"])
        assert "imagelabels token create NAME --write" in text
        assert "scope write" not in text, "this is a sentence for programs"


def form_token(browser: Browser) -> str:
    """Return the text that the forms of this browser carry."""
    return visitors.form_token(world.event("GET", "/", browser.headers))


def test_who_asks_too_often_would_not_learn_for_how_long_to_wait() -> None:
    for language, words in ((ENGLISH, "Try again in 61 seconds"), (CHINESE, "请在 61 秒后重试")):
        browser = looking(language, per_minute=1)
        assert browser.get("/albums").status == 200
        status, text, ways = told(browser.get("/operations?again=timer"))
        assert (status, words in text, ways) == (429, True, ["/operations?again=timer"])


def test_one_second_would_be_several() -> None:
    for language, words in ((ENGLISH, "Try again in 1 second."), (CHINESE, "请在 1 秒后重试")):
        problem = Problem(429, "too_many_requests", "", {"Retry-After": "1"})
        view = Page(world.WORDS.taxonomy).refused(world.event("GET", "/", {"accept-language": language}), problem)
        assert words in view["body"]


def test_an_index_that_cannot_be_asked_would_be_told_without_a_word_in_the_readers_language() -> None:
    for language, words in ((ENGLISH, "Nothing is lost."), (CHINESE, "数据没有丢失")):
        browser = looking(language)
        browser.site.index.fails = {1: Unavailable(Reason.INDEX_ERROR, "the index does not answer")}
        view = browser.get("/?label=dog")
        status, text, ways = told(view)
        assert (status, words in text, ways) == (503, True, ["/?label=dog"])
        assert "the index does not answer" in text
        assert view.html.all("p", lang="en") == [{"class": "hint", "lang": "en"}]


def test_a_fault_of_ours_would_be_answered_in_json_and_with_its_text(caplog: pytest.LogCaptureFixture) -> None:
    for language, words in ((ENGLISH, "Something is wrong with the server"), (CHINESE, "服务器出错")):
        browser = looking(language)
        browser.site.index.fails = {1: RuntimeError("the password is secret")}
        status, text, ways = told(browser.get("/?label=dog"))
        assert (status, words in text, ways) == (500, True, ["/?label=dog"])
        assert "secret" not in text
    assert "the password is secret" in caplog.text, "the log tells it"


def test_a_view_of_a_fault_that_fails_itself_would_end_the_request(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("the view of pictures")

    def fails_too(*_: object) -> None:
        raise RuntimeError("the view of what went wrong")

    monkeypatch.setattr(Page, "answer", fails)
    monkeypatch.setattr(Page, "refused", fails_too)
    answer = looking().get("/")
    assert (answer.status, json.loads(answer.body)["code"]) == (500, "fault")
    assert "the view of pictures" in caplog.text
    assert "the view of what went wrong" in caplog.text


def test_a_correction_that_cannot_be_made_would_be_called_a_question() -> None:
    for language, words in ((ENGLISH, "This cannot be done"), (CHINESE, "无法执行此操作")):
        status, text, ways = told(corrected("kitten", language))
        assert (status, words in text, ways) == (400, True, [f"{PICTURE}?label=dog"])
        assert text.count("no such label: write cat") == 1


def test_who_changes_the_language_of_a_refused_form_would_be_told_that_its_address_does_not_work() -> None:
    (other,) = corrected("kitten").html.all("a", class_="lang")
    assert other["href"] == f"{PICTURE}?label=dog&lang=zh-Hans"
    (same,) = looking().get(f"{PICTURE}/pins?label=dog").html.all("a", class_="lang")
    assert same["href"] == f"{PICTURE}/pins?label=dog&lang=zh-Hans"


def unknown(event: Event) -> Caller:
    """Let nobody in."""
    raise Problem(401, "no_token", "")


def test_who_signs_in_again_to_send_a_form_would_be_led_away_from_it() -> None:
    browser = looking()
    browser.api = Api(browser.site.services, unknown, RateLimit(9, lambda: 0.0), Page(world.WORDS.taxonomy))
    fields = {"form_token": form_token(browser), "label": "dog", "do": "not"}
    view = browser.post(f"{PICTURE}/corrections?label=dog", fields)
    (to,) = view.html.all("input", name="to")
    assert (view.status, to["value"]) == (401, f"{PICTURE}?label=dog")


def test_a_picture_that_takes_no_correction_would_be_said_to_take_it_in_a_moment() -> None:
    for language, words in ((ENGLISH, "does not allow it: archived."), (CHINESE, "不允许此操作：已归档。")):
        status, text, ways = told(corrected("dog", language, Rejected("archived", "it is in the archive")))
        assert (status, words in text, ways) == (409, True, [f"{PICTURE}?label=dog"])


def test_a_question_that_cannot_be_asked_is_told_with_the_reason() -> None:
    for language, words in ((ENGLISH, "Go back, and change the question:"), (CHINESE, "请返回并修改条件：")):
        status, text, ways = told(looking(language).get(f"/?label={'x' * 10_240}"))
        assert (status, words in text, ways) == (400, True, ["/"])
        assert "the question is longer than 10,000 characters" in text


def test_an_album_with_all_the_pins_that_it_may_have_would_be_told_in_english_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise TooManyPins(ALBUM)

    for language, words in ((ENGLISH, "The album already has 10,000 pictures"), (CHINESE, "已达上限 10,000 张")):
        browser = looking(language)
        monkeypatch.setattr(browser.site.albums, "pin", full)
        status, text, ways = told(browser.sends(f"{PICTURE}/pins", {"album": ALBUM, "do": "in"}, PICTURE))
        assert (status, words in text, ways) == (409, True, [PICTURE])
    assert MOST_PINS == 10_000


def test_the_script_that_sends_photos_would_get_a_view_that_it_cannot_read() -> None:
    browser = Browser(Site(), drop=Drop(("oss://photos/in/",), lambda ref, content: None))
    browser.site.caller = Caller("reader")
    answer = browser.posts(b"", x_part="main")
    assert (answer.status, "Sign in with a token" in json.loads(answer.body)["detail"]) == (403, True)


def test_the_script_that_sends_photos_with_a_token_that_has_ended_would_not_say_so() -> None:
    drop = Drop(("oss://photos/in/",), lambda ref, content: None)
    for language, words in ((ENGLISH, "unknown, expired or revoked."), (CHINESE, "令牌未知、已过期或已吊销。")):
        browser = Browser(Site(), {"accept-language": language})
        page = Page(world.WORDS.taxonomy, drop)
        browser.api = Api(browser.site.services, unknown, RateLimit(9, lambda: 0.0), page)
        answer = browser.posts(b"", x_part="main")
        assert (answer.status, words in json.loads(answer.body)["detail"]) == (401, True)


def asked(path: str, method: str = "GET", **environ: str) -> tuple[str, dict[str, str], str]:
    """Ask the server on this machine, and return the status, the headers and the body."""
    api = Api(Site().services, lambda event: Caller("me"), RateLimit(9, lambda: 0.0), Page(world.WORDS.taxonomy))
    head: list[Any] = []
    base = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": io.BytesIO(b"unread"), "HTTP_HOST": "localhost"}
    body = Wsgi(api, None, is_meant)({**base, **environ}, lambda status, headers: head.extend((status, dict(headers))))
    assert base["wsgi.input"].tell() == 0  # type: ignore[attr-defined]
    return head[0], head[1], b"".join(body).decode()


@pytest.mark.parametrize(
    ("environ", "status", "words"),
    [
        (
            {"HTTP_HOST": "photos.local"},
            "421 Misdirected Request",
            ("Open http://localhost", "请打开 http://localhost"),
        ),
        ({"QUERY_STRING": "&" * MOST_PARAMETERS}, "400 Bad Request", ("This cannot be asked", "无法这样查询")),
        (
            {"CONTENT_LENGTH": f"{LARGEST_BODY + 1}"},
            "413 Request Entity Too Large",
            ("This is too large", "内容过大"),
        ),
    ],
)
def test_a_browser_whose_request_is_not_even_read_would_be_answered_in_json(
    environ: dict[str, str], status: str, words: tuple[str, str]
) -> None:
    for language, word in zip((ENGLISH, CHINESE), words, strict=True):
        got, headers, body = asked("/", HTTP_ACCEPT_LANGUAGE=language, **environ)
        assert (got[:3], headers["Content-Type"]) == (status[:3], "text/html; charset=utf-8")
        assert word in body
    _, headers, body = asked("/v1/pictures", **environ)
    assert headers["Content-Type"] == "application/problem+json"
