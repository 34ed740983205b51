"""The grid: searching, narrowing down, and going on."""

from __future__ import annotations

import json
import re

from imagelabels.domain.outcomes import Reason, State
from imagelabels.page.asked import Asked, Word, asked
from imagelabels.page.tiles import Tile, groups
from tests.api.world import Site, picture, seen
from tests.page.world import Browser, Reader

DAY = 24 * 3600 * 1000


def zoo() -> Browser:
    site = Site()
    for key, labels in {"a": ("dog",), "b": ("dog", "seashore"), "c": ("cat",), "d": ("daisy",)}.items():
        site.has(f"{key}.jpg", *(seen(name) for name in labels))
    return Browser(site)


def test_a_word_in_either_language_finds_the_same_pictures() -> None:
    browser = zoo()
    for word in ("dog", "狗", "DOGS"):
        answer = browser.get(f"/?q={word}")
        assert (answer.status, answer.headers["Location"]) == (303, "/?label=dog")


def test_a_mistyped_word_offers_what_may_have_been_meant() -> None:
    view = zoo().get("/?q=flowr").html
    assert "No label is called “flowr”" in view.text
    assert {"href": "/?label=%3Dflower"} in view.all("a")


def test_choosing_a_facet_gives_the_number_that_it_says() -> None:
    browser = zoo()
    for address in ("/", "/?min_confidence=0.5", "/?not=%3Dcat"):
        body = browser.get(address).body
        for link, said in facets(body):
            assert f"<h1>{said} picture" in browser.get(link).body, link


def facets(body: str) -> list[tuple[str, str]]:
    """The addresses of the label facets that are not chosen, with their numbers."""
    reader = Reader(body)
    links = [one for one in reader.all("a", class_="facet") if not one["data-k"].startswith("s-")]
    numbers = [part.split("<")[0] for part in body.split('class="facet"')[1:] for part in part.split("<b>")[1:2]]
    pairs = list(zip(links, numbers, strict=False))
    assert pairs
    return [(link["href"], number) for link, number in pairs if "aria-current" not in link]


def test_pages_bring_every_picture_once() -> None:
    site = Site()
    for number in range(250):
        site.has(f"{number:03}.jpg", seen("dog"))
    browser, address, keys = Browser(site), "/", []
    while address:
        view = browser.get(address, x_part="main").html
        keys += [one["data-id"] for one in view.all("a", class_="tile blank labelled")]
        address = next((one["href"] for one in view.all("a") if "data-more" in one), "")
    assert len(keys) == len(set(keys)) == 250


def on_two_pages() -> tuple[Site, Browser, str]:
    """Return 130 pictures of one day, and the address of those that the first page does not show."""
    site = Site()
    for number in range(130):
        site.has(f"{number:03}.jpg", seen("dog"))
    browser = Browser(site)
    return site, browser, next(one["href"] for one in browser.get("/").html.all("a") if "data-more" in one)


def test_the_rest_of_a_list_comes_without_a_frame() -> None:
    _, browser, more = on_two_pages()
    assert browser.get(more, x_part="main").body.lstrip().startswith("<section")
    assert "<!doctype html>" in browser.get(more).body


def test_a_page_token_of_another_question_is_refused_in_a_view() -> None:
    site = Site()
    for number in range(130):
        site.has(f"{number:03}.jpg", seen("dog"))
    browser = Browser(site)
    more = next(one["href"] for one in browser.get("/").html.all("a") if "data-more" in one)
    view = browser.get(f"{more}&label=cat")
    assert view.status == 400
    assert "belongs to another query" in view.html.text


def test_pictures_outside_the_callers_prefixes_are_in_no_number() -> None:
    browser = zoo()
    browser.site.has("secret.jpg", seen("dog"), bucket="private")
    browser.site.sees("oss://photos/")
    for address in ("/", "/?label=dog", "/operations", "/complete?q=dog"):
        assert "private" not in browser.get(address).body
    assert json.loads(browser.get("/complete?q=dog").body)[0]["count"] == 2


def test_completion_offers_names_of_both_languages_and_pictures_first() -> None:
    browser = zoo()
    lines = json.loads(browser.get("/complete?q=d", accept_language="zh-CN").body)
    assert lines[0]["count"] > 0
    dog = next(line for line in json.loads(browser.get("/complete?q=狗").body) if line["id"] == "dog")
    assert (dog["name"], dog["other"][0], dog["count"]) == ("Dogs", "狗", 2)
    assert json.loads(browser.get("/complete?q=").body) == []


def test_an_empty_answer_says_what_each_condition_costs() -> None:
    view = zoo().get("/?label=%3Ddaisy&label=%3Dcat").html
    assert "No picture answers this" in view.text
    assert {one["href"] for one in view.all("a", class_="chip label")} == {"/?label=%3Dcat", "/?label=%3Ddaisy"}


def test_unlabelled_pictures_are_found_by_their_state_and_reason() -> None:
    browser = zoo()
    browser.site.has("letter.pdf", state=State.SKIPPED, reason=Reason.NOT_IMAGE)
    assert "letter.pdf" in browser.get("/?state=skipped&reason=not_image").html.text
    assert browser.get("/operations").html.all("a", href="/?state=skipped&reason=not_image")


def test_a_month_is_chosen_and_given_up_by_its_bar() -> None:
    browser = zoo()
    bars = months(browser.get("/?months=1").html)
    assert len(bars) == 24
    chosen = browser.get(bars[-1]).html.all("a", class_="plain")[0]["data-fill"]
    assert months(browser.get(chosen).html)[-1] == "/"


def months(view: Reader) -> list[str]:
    """The addresses of the bars, oldest first."""
    return [one["href"] for one in view.all("a") if re.fullmatch(r"m\d+", one.get("data-k", ""))]


def test_the_language_is_the_browsers_wish_until_the_reader_chooses() -> None:
    browser = zoo()
    for wish, language in {
        "zh-CN,zh;q=0.9,en;q=0.8": "zh-Hans",
        "en-GB,zh;q=0.5": "en",
        "de": "en",
        "q=;;x": "en",
    }.items():
        assert f'<html lang="{language}">' in browser.get("/", accept_language=wish).body
    assert browser.get("/?label=dog&lang=zh-Hans").headers["Location"] == "/?label=dog"
    assert '<html lang="zh-Hans">' in browser.get("/", accept_language="en").body


def test_an_address_says_the_same_question_again() -> None:
    question = Asked((Word("label", "=dog"), Word("not", "cat:0.5")), 0.25, "oss://a/", "2026-01-01", state="skipped")
    pairs = dict(question.pairs())
    assert asked(pairs) == question


def test_a_chips_confidence_belongs_to_the_word_alone() -> None:
    assert (Word("label", "dog:0.8").name, Word("label", "dog:0.8").sure) == ("dog", 0.8)
    assert (Word("label", "imm:露营").name, Word("label", "imm:露营").sure) == ("imm:露营", 0.0)
    assert Word("label", "=dog").at_least(0.5).text == "dog:0.5"


def test_days_with_few_pictures_are_joined_and_sparse_ones_become_months() -> None:
    dense = [picture(f"oss://b/{n}", at=1_700_000_000_000 - n // 10 * DAY) for n in range(40)]
    sparse = [picture(f"oss://b/{n}", at=1_700_000_000_000 - n * 9 * DAY) for n in range(10)]
    assert [len(group.tiles) for group in groups(dense, "newest")] == [10, 10, 10, 10]
    assert all(group.month for group in groups(sparse, "newest"))
    assert len(groups(sparse, "uri")) == 1


def test_a_day_that_the_next_page_goes_on_with_would_have_too_small_a_number() -> None:
    site, browser, more = on_two_pages()
    heading = "<h2>Tuesday, 14 November 2023 <small>{}</small></h2>"
    for address in ("/", more):
        assert heading.format("") in browser.get(address).body
    site.index.rows[:] = site.index.rows[:120]
    assert heading.format(120) in browser.get("/").body


def test_a_picture_of_a_cat_would_be_said_to_show_a_mammal_and_not_a_cat() -> None:
    site = Site(more={"small": lambda record, side: "https://copies.example/"})
    names = ("surroundings", "mammal", "outdoor", "cat")
    site.has("a.jpg", *(seen(name, 0.9 - place / 100) for place, name in enumerate(names)))
    view = Browser(site).get("/").html
    (small,) = view.all("img")
    assert small["alt"] == "Outdoors, Cats · a.jpg"


def test_one_picture_would_be_counted_as_several() -> None:
    browser = zoo()
    assert "It would hold 1 picture today" in browser.get("/?label=cat").html.text
    assert "It would hold 2 pictures today" in browser.get("/?label=dog").html.text
    names = ("dog", "daisy", "seashore", "person", "sky", "chart", "espresso", "broccoli", "sofa", "car", "airliner")
    many = Site()
    many.has("all.jpg", *(seen(name) for name in names))
    assert "More categories (1)" in Browser(many).get("/").html.text


def test_a_word_for_which_the_model_has_no_label_brings_up_a_wider_label() -> None:
    view = Browser().get("/?label=woman").html
    assert "The embedded model has no label for “woman”. Try People." in view.text.replace(" .", ".")


def test_a_label_that_finds_nothing_brings_up_the_wider_label() -> None:
    site = Site()
    site.has("a.jpg", seen("coast-and-water"))
    browser = Browser(site)
    view = browser.get("/?label=seashore").html
    assert "Pictures often get only a wider label than “Seashore”. Try Coast and water." in view.text.replace(" .", ".")
    (link,) = view.all("a", href="/?label=%3Dcoast-and-water")
    assert browser.get(link["href"]).html.text.startswith("1 picture ")
    castle = browser.get("/?label=castle&label=dog").html.text.replace(" .", ".")
    assert "The embedded model never gives “Castle”, which was wrong too often. Try Castles and palaces." in castle
    assert "wider label" not in castle
    assert "wider label" not in browser.get("/?label=coast-and-water&not=castle").html.text


def test_a_picture_of_unknown_or_odd_size_has_a_place_in_its_row() -> None:
    for width, height, step in ((None, None, 19), (100, 0, 28), (0, 100, 19), (10**6, 1, 28), (1, 10**6, 0)):
        row = picture("oss://b/x")
        tile = Tile(
            type(row)(**{**{name: getattr(row, name) for name in row.__slots__}, "width": width, "height": height})
        )
        assert tile.step == step


def test_a_chosen_word_that_nothing_is_called_by_is_named_where_it_matters() -> None:
    browser = zoo()
    assert "No label is called “flowr”" in browser.get("/?label=flowr").html.text
    assert "No label is called “flowr”" in browser.get("/?not=flowr").html.text
    assert "No label is called" not in browser.get("/?label=flower").html.text


def test_the_first_pictures_do_not_wait_for_the_months() -> None:
    browser = zoo()
    browser.get("/")
    before = browser.site.index.asked
    browser.get("/")
    assert browser.site.index.asked - before == 3
    assert browser.get("/").html.all("a", href="/?months=1")
