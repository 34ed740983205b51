"""The page in a real browser: it is quicker with scripts, works without them, and a key of markup does nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from waitress.server import create_server

from imagelabels.api.app import Api
from imagelabels.api.limits import RateLimit
from imagelabels.api.wsgi import Wsgi
from imagelabels.domain.albums import Album, Question
from imagelabels.domain.explain import Explained
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.plan import Plan
from imagelabels.page.places import DROP, Drop
from imagelabels.page.site import Page
from imagelabels.records.rows import image_pk
from imagelabels.usecases.correct import Said
from imagelabels.usecases.why import Reasons
from tests.api import world
from tests.api.test_operations import FAILED, trying
from tests.api.world import Site, seen
from tests.fakes_albums import FakeTokens
from tests.page.chromium import Chromium, program

pytestmark = [pytest.mark.story, pytest.mark.browser]

OPEN_CHIPS = """new Promise((done) => {
    const chips = [...document.querySelectorAll('.chip details')];
    let unopened = chips.length;
    addEventListener('toggle', () => --unopened || done(), true);
    chips.forEach((chip) => (chip.open = true));
})"""
"""The page's own script hears that a chip was opened before this one does."""

MARKUP = "<script>document.title='hacked'</script><img src=x onerror=document.title='hacked'>"


class Desk:
    """The page, served to a browser."""

    def __init__(self, browser: Chromium) -> None:
        self.browser = browser
        self.said: list[Said] = []
        more = {"correct": self._correct, "small": lambda record, side: PIXEL, "tokens": FakeTokens()}
        self.site = Site(more={**more, "why": self._why})
        for number in range(150):
            self.site.has(f"2026/{number:03}.jpg", seen("dog"), *([seen("cat")] if number % 3 else []))
        self.site.has(f"2026/{MARKUP}.jpg", seen("daisy"), seen(f"user:{MARKUP}"))
        self.site.has("failed.jpg", **FAILED)
        trying(self.site)
        limit = RateLimit(10**6, lambda: 0.0)
        page = Page(world.WORDS.taxonomy, Drop(("oss://photos/in/",), self._put))
        api = Api(self.site.services, lambda event: self.site.caller, limit, page)
        self.server = create_server(Wsgi(api, DROP), host="127.0.0.1", port=0, threads=4)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()

    def _correct(self, ref: ObjectRef, said: Said) -> ImageRecord:
        self.said.append(said)
        return self.site.index.rows[0]

    def _why(self, ref: ObjectRef) -> Reasons:
        """Tell that the detector was not sure of a cat, beside the labels that the row has."""
        (row,) = (one for one in self.site.index.rows if one.ref == ref)
        kept = (
            Explained(one.id, one.id, one.name, one.confidence, True, "kept", "kept", None, 0.7) for one in row.labels
        )
        below = "below threshold 0.7 of the settings"
        left = Explained("cat", "cat", "Cats", 0.31, False, "below_threshold", below, None, 0.7)
        plan = Plan(State.LABELLED)
        return Reasons(ref, row.head, None, None, None, plan, (*kept, left), False, {}, {}, ())

    def _put(self, ref: ObjectRef, content: bytes) -> None:
        """Store a dropped photo, which is labelled at once, or found to be damaged if its name says so."""
        state = {"state": State.SKIPPED, "reason": Reason.CORRUPT} if "damaged" in ref.key else {}
        self.site.has(ref.key, seen("dog", 0.91), **state)

    def choose(self, *paths: Path) -> None:
        """Choose files in the drop zone, as a person does in the browser's dialog."""
        root = self.browser.send("DOM.getDocument")["root"]["nodeId"]
        field = self.browser.send("DOM.querySelector", nodeId=root, selector="input[type=file]")["nodeId"]
        self.browser.send("DOM.setFileInputFiles", nodeId=field, files=[str(path) for path in paths])

    def open(self, address: str = "/") -> None:
        self.browser.open(f"http://127.0.0.1:{self.server.effective_port}{address}")

    @property
    def address(self) -> str:
        address: str = self.browser.run("location.pathname + location.search")
        return address


JPEG = b"\xff\xd8\xff\xe0 a photo"
PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


DROPPED = f"/drop?at={quote(quote('oss://photos/in/' + 'long' * 40 + '.jpg', safe=''))}"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    path = program()
    assert path is not None
    with Chromium(path, Path(tmp_path_factory.mktemp("profile"))) as started:
        yield started


@pytest.fixture
def desk(browser: Chromium) -> Iterator[Desk]:
    served = Desk(browser)
    browser.looks(1440)
    browser.scripts(True)  # A test before may have failed while they were off.
    browser.errors.clear()
    yield served  # Its server ends with the process: one that is closed while it answers fails in its threads.
    assert browser.errors == []


def test_a_word_is_completed_and_asked_without_a_reload(desk: Desk) -> None:
    desk.open()
    desk.browser.run("window.here = true; document.querySelector('.find [name=q]').focus()")
    for letter in "dog":
        desk.browser.press(letter, letter)
    desk.browser.until("document.querySelector('.pop [aria-selected=true]')?.textContent.startsWith('Dogs')")
    desk.browser.press("Enter", "\r")
    desk.browser.until("location.search === '?label=dog' && document.querySelector('.chip')")
    assert desk.browser.run("window.here") is True


def test_a_failed_picture_is_tried_again_in_place_and_without_scripts_too(desk: Desk) -> None:
    press = "[...document.querySelectorAll('#still button')].at({}).click()"
    desk.open("/operations")
    desk.browser.run("window.here = true")
    desk.browser.run(press.format(0))
    desk.browser.until("document.querySelector('#still [role=status]')")
    assert desk.browser.run("window.here") is True
    assert "will be tried again" in desk.browser.run("document.querySelector('.fails').textContent")
    desk.browser.scripts(False)
    desk.open("/operations")
    desk.browser.goes(press.format(-1))
    assert desk.address == "/operations?again=timer"
    desk.browser.scripts(True)


def test_the_months_come_after_the_pictures(desk: Desk) -> None:
    desk.open()
    desk.browser.until("document.querySelectorAll('.months a').length === 24")


def test_more_pictures_come_before_the_end_is_seen(desk: Desk) -> None:
    desk.open()
    desk.browser.run("scrollTo(0, document.documentElement.scrollHeight)")
    desk.browser.until("document.querySelectorAll('.tile').length === 151")


def test_a_days_number_would_leave_out_the_pictures_that_came_later(desk: Desk) -> None:
    desk.open()
    assert desk.browser.run("document.querySelector('.day small').textContent") == ""
    desk.browser.run("scrollTo(0, document.documentElement.scrollHeight)")
    desk.browser.until("document.querySelector('.day small').textContent === '151'")


def test_a_day_that_began_on_the_page_before_would_get_too_small_a_number(desk: Desk) -> None:
    for number in range(120):
        desk.site.has(f"2025/{number:03}.jpg", seen("dog"))
    desk.open()
    second = desk.browser.run("document.querySelector('[data-more]').href.replace(location.origin, '')")
    desk.open(second)
    desk.browser.run("scrollTo(0, document.documentElement.scrollHeight)")
    desk.browser.until("document.querySelectorAll('.tile').length === 151 && !document.querySelector('[data-more]')")
    assert desk.browser.run("[...document.querySelectorAll('.day small')].map((one) => one.textContent)") == [""]


def test_the_first_key_of_a_reader_would_lead_through_all_filters_to_the_pictures(desk: Desk) -> None:
    desk.open()
    desk.browser.run("window.here = true; document.querySelector('.skip').focus()")
    desk.browser.press("Enter", "\r")
    assert desk.browser.run("document.activeElement.id") == "found"
    assert desk.browser.run("window.here && location.hash") == ""
    desk.browser.run("document.querySelector('.nav a[href=\"/albums\"]').click()")
    desk.browser.until("document.querySelector('#main .albums')")
    desk.browser.run("document.querySelector('.skip').click()")
    assert desk.browser.run("document.activeElement.id") == "main"


def test_what_opens_on_a_phone_would_be_cut_off_at_its_edge(desk: Desk) -> None:
    desk.browser.looks(360)
    desk.open("/?label=dog&any_of=cat,daisy,seashore")
    desk.browser.run(OPEN_CHIPS)
    edges = "[...document.querySelectorAll('{}')].map((one) => one.getBoundingClientRect())"
    inside = "{}.every((one) => one.width > 150 && one.left >= 0 && one.right <= innerWidth)"
    assert desk.browser.run("document.querySelectorAll('.menu').length") == 4
    assert desk.browser.run(inside.format(edges.format(".menu")))
    lines = "new Set({}.map((one) => Math.round(one.height))).size"
    assert desk.browser.run(lines.format(edges.format(".menu a"))) == 1
    desk.browser.run("document.querySelector('.find [name=q]').focus()")
    desk.browser.press("d", "d")
    desk.browser.until("document.querySelector('.pop')")
    assert desk.browser.run(edges.format(".pop") + "[0].width") >= 320


def test_a_picture_opens_above_the_grid_goes_on_and_closes_where_it_was(desk: Desk) -> None:
    desk.open("/?label=cat")
    desk.browser.run("document.querySelector('.tile').focus()")
    desk.browser.press("ArrowRight")
    second = desk.browser.run("document.activeElement.dataset.id")
    desk.browser.press("Enter", "\r")
    desk.browser.until("document.querySelector('#viewer').open")
    assert desk.address.startswith(f"/pictures/{second}")
    desk.browser.press("ArrowRight")
    desk.browser.until(f"document.querySelector('#viewer .view').dataset.id !== '{second}'")
    third = desk.browser.run("document.querySelector('#viewer .view').dataset.id")
    desk.browser.run("history.back()")
    desk.browser.until("!document.querySelector('#viewer').open")
    assert desk.browser.run("document.activeElement.dataset.id") == third


def test_a_label_is_corrected_in_place(desk: Desk) -> None:
    desk.open("/?label=daisy")
    desk.browser.run("document.querySelector('.tile').click()")
    desk.browser.until("document.querySelector('#viewer [data-k=not-daisy]')")
    desk.browser.run("document.querySelector('#viewer [data-k=not-daisy]').click()")
    desk.browser.until("document.querySelector('#viewer .view')")
    desk.browser.run("fetch('/').then((answer) => answer.text()).then(() => 0)")
    desk.browser.until("document.querySelector('#viewer [data-k=not-daisy]')")
    assert desk.said == [Said(("daisy",))]


def test_the_name_of_a_label_that_was_not_kept_is_written_in_one_line(desk: Desk) -> None:
    desk.open("/?label=daisy")
    desk.browser.run("document.querySelector('.tile').click()")
    desk.browser.until("document.querySelector('#viewer details.left')")
    desk.browser.run("document.querySelector('#viewer details.left').open = true")
    assert desk.browser.run("document.querySelector('#viewer li.out .lab a').getClientRects().length") == 1
    assert desk.browser.run(
        "document.querySelector('#viewer li.out .meter').getBoundingClientRect().top >= "
        "document.querySelector('#viewer li.out .lab').getBoundingClientRect().bottom"
    )


def test_the_key_a_goes_to_the_field_for_a_label(desk: Desk) -> None:
    desk.open("/?label=daisy")
    desk.browser.run("document.querySelector('.tile').click()")
    desk.browser.until("document.querySelector('#viewer .addlab')")
    desk.browser.press("a", "a")
    assert desk.browser.run("document.activeElement.name") == "label"


def test_the_keyboard_stays_in_the_picture_when_the_label_that_had_it_is_gone(desk: Desk) -> None:
    desk.open("/?label=daisy")
    desk.browser.run("document.querySelector('.tile').click()")
    desk.browser.until("document.querySelector('#viewer [data-k=not-daisy]')")
    desk.browser.run(
        "{ const one = document.querySelector('#viewer [data-k=not-daisy]'); "
        "one.dataset.k = 'gone'; one.focus(); one.click(); }"
    )
    desk.browser.until("document.querySelector('#viewer [data-k=not-daisy]')")
    assert desk.browser.run("document.activeElement.className") == "panel"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_feed_is_shared_and_its_address_is_shown(desk: Desk, scripts: bool) -> None:
    desk.site.albums.put(Album("dogs", "Dogs", Question(label=("dog",))))
    desk.browser.scripts(scripts)
    desk.browser.looks(360)
    desk.open("/albums/dogs")
    desk.browser.run("document.querySelector('#share').open = true")
    desk.browser.run("document.querySelector('#share input[name=name]').value = 'editors'")
    press = desk.browser.run if scripts else desk.browser.goes  # Without scripts the form leads to another address.
    press("document.querySelector('#share button.go').click()")
    desk.browser.until("document.querySelectorAll('#share code').length === 3")
    assert desk.browser.run("document.querySelector('#share code').textContent").endswith("/rss")
    assert desk.browser.run("document.documentElement.scrollWidth <= innerWidth")
    desk.browser.scripts(True)


def test_the_address_would_stay_that_of_an_album_that_was_deleted(desk: Desk) -> None:
    desk.site.albums.put(Album("dogs", "Dogs", Question(label=("dog",))))
    desk.open("/albums/dogs")
    desk.browser.run("window.here = true; document.querySelector('button[value=delete]').click()")
    desk.browser.until("document.querySelector('#main .albums')")
    assert desk.browser.run("window.here") is True
    assert desk.address == "/albums"


def test_a_key_of_markup_runs_nothing(desk: Desk) -> None:
    desk.open("/?label=daisy")
    assert desk.browser.run("document.title").startswith("1 picture")
    desk.browser.run("document.querySelector('.tile').click()")
    desk.browser.until("document.querySelector('#viewer h1')")
    shown = MARKUP.rsplit("/", 1)[-1]
    assert desk.browser.run("document.querySelector('#viewer h1').textContent") == f"{shown}.jpg"
    assert desk.browser.run("document.title") != "hacked"


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_view_scrolls_sideways(desk: Desk, width: int) -> None:
    desk.browser.looks(width, dark=True, language="zh-CN")
    picture = image_pk(desk.site.index.rows[-1].ref)
    for address in (
        "/",
        "/?label=dog&not=cat&min_confidence=0.5",
        f"/pictures/{picture}",
        "/albums",
        "/operations",
        DROPPED,
    ):
        desk.open(address)
        sizes = "[document.documentElement.scrollWidth, innerWidth]"
        wide, window = desk.browser.run(sizes)
        assert wide <= window, address
        assert desk.browser.run("document.documentElement.lang") == "zh-Hans"


def test_the_field_for_photos_fits_a_phone_without_scripts(desk: Desk) -> None:
    desk.browser.looks(360)
    desk.browser.scripts(False)
    desk.open("/drop")
    assert desk.browser.run("document.documentElement.scrollWidth <= innerWidth")
    desk.browser.scripts(True)


def photos(folder: Path) -> tuple[Path, ...]:
    """Files to drop: two photos, one of which the function refuses, one that is no photo, and one named by markup."""
    contents = {"dog.jpg": JPEG, "damaged.jpg": JPEG, "notes.jpg": b"no photo", "<img src=x onerror=1>.jpg": JPEG}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return tuple(folder / name for name in contents)


def test_photos_are_dropped_and_watched_until_they_have_labels_or_a_reason(desk: Desk, tmp_path: Path) -> None:
    browser = desk.browser
    desk.open("/operations")
    # The policy of the view before lets no previews be shown, so the script opens the drop zone anew.
    browser.goes("document.querySelector('.nav a[href=\"/drop\"]').click()")
    desk.choose(*photos(tmp_path))
    browser.until("document.querySelectorAll('.dropped').length === 4")
    browser.until("!document.querySelector('.dropped[data-open]')")
    text = browser.run("document.querySelector('.drops').innerText")
    assert text.count("Dogs") == 2
    assert "No labels: damaged file" in text
    assert "Not uploaded: notes.jpg is no photo." in text
    assert "<img src=x onerror=1>.jpg" in text
    assert browser.run("document.querySelector('#says').textContent") != ""
    browser.open(browser.run("location.href"))
    assert browser.run("document.querySelectorAll('.dropped').length") == 3
    browser.run("document.querySelector('.dropped .txt a').click()")
    browser.until("location.pathname.startsWith('/pictures/')")
    assert browser.errors == []


def test_photos_are_dropped_without_scripts(desk: Desk, tmp_path: Path) -> None:
    browser = desk.browser
    browser.scripts(False)
    try:
        desk.open("/drop")
        good = photos(tmp_path)[:2]
        desk.choose(*good)
        browser.goes("document.querySelector('.zone').submit()")
        assert browser.run("document.querySelectorAll('.dropped').length") == 2
        text = browser.run("document.querySelector('.drops').innerText")
        assert "Dogs" in text
        assert "No labels: damaged file" in text
    finally:
        browser.scripts(True)


def test_everything_is_there_without_scripts(desk: Desk) -> None:
    desk.browser.scripts(False)
    try:
        desk.open("/?label=dog")
        document = desk.browser.send("DOM.getDocument")["root"]["nodeId"]
        shown = {
            what: len(desk.browser.send("DOM.querySelectorAll", nodeId=document, selector=what)["nodeIds"])
            for what in (".tile img", "a[data-more]", ".facet", ".chip", "select[name=order]", "button.nojs")
        }
        assert shown[".tile img"] == 120
        assert all(shown.values()), shown
    finally:
        desk.browser.scripts(True)
