"""What holds for every view: it is valid, strict, light, and in both languages."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import pytest

import imagelabels.page
from imagelabels.domain.albums import Album, Question
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.query import Page, Query
from imagelabels.page.answers import STATIC
from imagelabels.page.text import strings
from imagelabels.records.rows import image_pk
from tests.api.world import MemoryIndex, Site, event, seen
from tests.page.views import ALBUM, MARKUP, full, views
from tests.page.world import Browser

HERE = Path(imagelabels.page.__file__).parent
TEMPLATES = {path.name: path.read_text("utf-8") for path in (HERE / "templates").iterdir()}
MOST = 60_000


def test_no_view_has_an_element_that_is_not_closed_or_an_id_twice() -> None:
    for address, view in views(full()):
        ids = Counter(attributes["id"] for _, attributes in view.html.elements if "id" in attributes)
        assert view.status in (200, 400, 401, 404, 405), address
        assert max(ids.values(), default=1) == 1, (address, ids.most_common(3))


def test_no_view_has_a_style_or_script_of_its_own() -> None:
    for address, view in views(full()):
        for tag, attributes in view.html.elements:
            assert tag != "style", address
            assert not [name for name in attributes if name == "style" or name.startswith("on")], (address, tag)
            assert tag != "script" or attributes["src"].startswith("/static/"), address
            assert not attributes.get("href", "").lower().startswith(("javascript:", "data:", "//")), address


def test_every_view_forbids_what_does_not_come_from_this_server() -> None:
    for address, view in views(full()):
        policy = view.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"), address
        assert "unsafe" not in policy
        assert policy.endswith("form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
        assert view.headers["X-Content-Type-Options"] == "nosniff"


def test_only_views_with_pictures_may_load_them_from_the_store() -> None:
    browser = full()
    assert "img-src 'self' https://copies.example;" in browser.get("/").headers["Content-Security-Policy"]
    assert "img-src 'self';" in browser.get("/operations").headers["Content-Security-Policy"]


def test_markup_in_keys_labels_titles_and_words_is_text() -> None:
    browser, texts = full(), []
    for address, view in views(browser):
        texts.append(view.html.text)
        scripts = [attributes for tag, attributes in view.html.elements if tag == "script"]
        assert all(script.keys() == {"type", "src"} for script in scripts), address
    assert sum(MARKUP in text for text in texts) >= 8


def test_names_that_run_from_right_to_left_would_turn_the_words_around_them() -> None:
    name = "صورة"
    site = Site()
    site.has(f"{name}.jpg", seen("dog"), seen(f"user:{name}", 1.0))
    site.has("b.jpg", state=State.FAILED, reason=Reason.TAGS_REFUSED, ref=ObjectRef("oss", "photos", f"{name}/b.jpg"))
    site.albums.put(Album(ALBUM, name, Question(label=(name,))))
    browser = Browser(site)
    addresses_with_it = [f"/pictures/{image_pk(row.ref)}" for row in site.index.rows]
    for address in (*addresses_with_it, "/", "/albums", f"/albums/{ALBUM}", "/operations", f"/?label={quote(name)}"):
        main = re.sub(r'"[^"]*"', "", browser.get(address).body.partition("<main")[2].partition("</main>")[0])
        main = re.sub(r"<option.*?</option>", "", main)
        assert name in main, address
        assert name not in re.sub(r"<bdi>.*?</bdi>", "", main), address


def test_markup_in_what_somebody_types_is_text() -> None:
    browser = full()
    for address in ("/?q=<script>x</script>", "/?label=<script>x</script>", "/?prefix=oss://a/<script>x</script>"):
        view = browser.get(address)
        assert "<script>x" not in view.body
        assert "<script>x</script>" in view.html.text or "&lt;script&gt;x" in view.body


def test_markup_in_a_refused_correction_is_text() -> None:
    browser = full()
    page = "/pictures/" + browser.get("/").html.all("a", class_="tile")[0]["data-id"]
    view = browser.sends(f"{page}/corrections", {"label": MARKUP, "do": "add"}, page)
    assert view.status == 400
    assert MARKUP in view.html.text


def test_every_text_is_there_in_both_languages_with_the_same_places() -> None:
    for name, texts in strings().items():
        assert len(texts) == 2, name
        assert all(text.strip() for text in texts), name
        assert texts[0].count("{}") == texts[1].count("{}"), name
    pairs: list[str] = []
    json.loads(
        (HERE / "strings.json").read_text("utf-8"),
        object_pairs_hook=lambda read: pairs.extend(name for name, _ in read),
    )
    assert sorted(pairs) == sorted(strings())


def test_every_text_that_a_view_wants_is_there() -> None:
    used = {name for text in TEMPLATES.values() for name in re.findall(r"""\btb?\(["'](\w+)["'][,)]""", text)}
    used |= {name for path in HERE.glob("*.py") for name in re.findall(r'\.t\("(\w+)"', path.read_text("utf-8"))}
    used |= {f"reason_{reason}" for reason in Reason} | {str(state) for state in State}
    assert used <= strings().keys(), used - strings().keys()


def test_no_view_shows_english_words_of_ours_to_chinese_readers() -> None:
    english = {texts[0] for texts in strings().values() if len(texts[0]) > 1 and texts[0] != texts[1]}
    chinese = [(address, view) for address, view in views(full()) if '<html lang="zh-Hans">' in view.body]
    assert len(chinese) > 5
    for address, view in chinese:
        shown = {text.strip() for text in view.html.texts} & english - {"English"}
        assert not shown, (address, shown)


def test_the_page_with_its_first_pictures_weighs_less_than_60_kb_compressed() -> None:
    site = Site(more={"small": lambda record, side: "https://copies.example/"})
    for number in range(200):
        labels = [seen(name, 0.9 - number / 1000) for name in ("dog", "seashore", "daisy")]
        site.has(f"2026/11/IMG_{number:04}.jpg", *labels)
    view = Browser(site).get("/", accept_encoding="gzip")
    parts = {path.name: len(gzip.compress(path.read_bytes())) for path in STATIC.iterdir()}
    parts["html"] = len(gzip.compress(view.body.encode()))
    assert view.headers["Content-Encoding"] == "gzip"
    assert view.body.count('class="tile"') == 120
    assert sum(parts.values()) < MOST, parts


def test_static_files_are_all_named_by_a_view_and_nothing_else_is_served() -> None:
    browser = full()
    for path in STATIC.iterdir():
        assert browser.get(f"/static/{path.name}").status == 200
    for name in ("", "nothing.js", "../strings.json", "..%2Fsite.py", "/etc/passwd"):
        assert browser.get(f"/static/{name}").status == 404


def test_an_index_that_cannot_be_asked_is_told_in_a_view_that_offers_the_question_again() -> None:
    class Migrating(MemoryIndex):
        def search(self, query: Query) -> Page:
            raise Misconfigured("the index waits for its migration: run `imagelabels index migrate`")

    view = Browser(Site(index=Migrating())).get("/?label=dog")
    assert view.status == 503
    assert int(view.headers["Retry-After"]) > 0
    assert view.html.all("a", class_="b go")[0]["href"] == "/?label=dog"


def test_a_question_of_10_kb_is_refused_in_a_view() -> None:
    browser = full()
    for address in (
        f"/?label={'x' * 10_240}",
        f"/?label={','.join(f'w{n}' for n in range(200))}",
        f"/?q={'y' * 10_240}",
    ):
        assert browser.get(address).status == 400, address


def test_a_method_that_a_view_does_not_take_is_refused() -> None:
    browser = full()
    fields = {"form_token": browser.get("/?label=dog").html.all("input", name="form_token")[0]["value"]}
    assert browser.post("/operations", fields).status == 405
    assert browser.get("/logout").status == 405


@pytest.mark.parametrize("address", ["/nowhere", "/albums/a/b", "/v2/pictures"])
def test_a_browser_is_told_of_an_unknown_address_in_a_view_and_a_program_in_json(address: str) -> None:
    browser = full()
    view = browser.get(address, accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert view.status == 404
    assert "There is no such address" in view.html.text
    assert view.html.all("a", class_="b go")[0]["href"] == "/"
    for accept in ("*/*", "image/avif,image/webp,*/*"):
        assert browser.get(address, accept=accept).headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("address", ["/v1/nowhere", "/openapi.json"])
def test_the_addresses_of_the_api_answer_a_browser_in_json_too(address: str) -> None:
    assert "json" in full().get(address, accept="text/html").headers["Content-Type"]


def test_the_view_of_an_unknown_address_leads_to_no_other_site() -> None:
    browser = full()
    asked = {**event("GET", "/", {"accept": "text/html"}), "rawPath": "//evil.example/"}
    asked["requestContext"] = {"http": {**asked["requestContext"]["http"], "path": "//evil.example/"}}
    assert browser.api is not None
    answer = browser.api.answer(asked)
    assert answer["statusCode"] == 404
    assert "evil.example" not in answer["body"]
