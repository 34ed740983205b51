"""This command takes the screenshots that docs/page.md shows: `python -m tests.page.shots [NAME ...]`.

It needs a chromium. Names choose some of the screenshots, such as grid or drop-768-light-en.
"""

from __future__ import annotations

import io
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from waitress.server import create_server

from imagelabels.api.app import Api
from imagelabels.api.limits import RateLimit
from imagelabels.api.wsgi import Wsgi
from imagelabels.page.places import DROP, Drop
from imagelabels.page.site import Page
from imagelabels.records.rows import image_pk
from tests.api import world
from tests.api.world import Site
from tests.page import made_up
from tests.page.chromium import Chromium, program

OUT = Path(__file__).resolve().parents[2] / "docs" / "page"
COLOURS = 224
"""A file has at most so many colours."""
WIDEST = 1000
"""Wider pictures are made smaller."""

TYPE = "{{ const field = document.querySelector('.find [name=q]'); field.focus(); field.value = '{}'; }}"
COMPLETE = "document.querySelector('.find [name=q]').dispatchEvent(new Event('input', { bubbles: true }))"
FILTERS = "{ document.querySelector('.only-narrow').click(); document.querySelector('#f-surroundings').open = true; }"
TIMES = """for (const [step, time] of [[1, '0.2 s'], [4, '1.4 s']]) {
    const times = document.querySelectorAll(`.steps .on:nth-child(${step}) small`);
    times.forEach((one) => (one.textContent = time));
}"""
"""Photos take equally long whenever the screenshots are taken."""

DRAWN = """[...document.images].every((one) => one.complete || one.getBoundingClientRect().top > innerHeight)
    && !document.querySelector('[data-fill]')"""
"""The pictures on the screen and the months are there."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A view to be photographed, after a script has run in it."""

    view: str
    width: int
    height: int
    dark: bool
    language: str
    script: str = "0"
    wait: str = "true"
    """The screenshot is taken when this condition is true."""

    @property
    def name(self) -> str:
        """The name of the file."""
        return f"{self.view}-{self.width}-{'dark' if self.dark else 'light'}-{self.language.partition('-')[0]}.png"

    def is_called(self, names: Sequence[str]) -> bool:
        """Tell whether one of the names is that of the view or of this screenshot of it."""
        return not {self.view, self.name, self.name.removesuffix(".png")}.isdisjoint(names)


SHOTS = (
    Shot("grid", 1440, 860, False, "en"),
    Shot("grid", 360, 720, False, "zh-CN"),
    Shot("search", 768, 860, False, "zh-CN", TYPE.format("猫") + COMPLETE, "document.querySelector('.pop')"),
    Shot("question", 1440, 860, False, "zh-CN"),
    Shot("filters", 360, 720, True, "en", FILTERS),
    Shot("picture", 1440, 900, True, "zh-CN"),
    Shot("albums", 360, 720, True, "zh-CN"),
    Shot("album", 1440, 860, False, "en"),
    Shot("operations", 768, 1200, False, "en"),
    Shot("drop", 768, 800, False, "en"),
)


def main(names: Sequence[str]) -> None:
    """Take the screenshots with these names, or all of them if no name is given."""
    chosen = [shot for shot in SHOTS if not names or shot.is_called(names)]
    if unknown := [name for name in names if not any(shot.is_called([name]) for shot in SHOTS)]:
        known = ", ".join(shot.name.removesuffix(".png") for shot in SHOTS)
        raise SystemExit(f"there is no screenshot {' or '.join(unknown)}: there are {known}")
    path = program()
    if path is None:
        raise SystemExit("no chromium was found")
    site = made_up.filled()
    page = Page(world.WORDS.taxonomy, drop_zone(site))
    api = Api(site.services, lambda event: site.caller, RateLimit(10**6, lambda: 0.0), page)
    server: Any = create_server(Wsgi(api, DROP), host="127.0.0.1", port=0, threads=32)
    threading.Thread(target=server.run, daemon=True).start()
    temporary = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)  # The browser may still write as it ends.
    with temporary as folder, Chromium(path, Path(folder)) as browser:
        browser.send("Emulation.setScrollbarsHidden", hidden=True)
        for shot in chosen:
            take(browser, f"http://127.0.0.1:{server.effective_port}{address_of(shot, site)}", shot, Path(folder))
            print(shot.name, (OUT / shot.name).stat().st_size, flush=True)


def drop_zone(site: Site) -> Drop:
    """Return the place for dropped photos."""
    return Drop(("oss://photos/dropped/",), lambda ref, content: made_up.dropped(site, ref))


def address_of(shot: Shot, site: Site) -> str:
    """Return the address of a view."""
    if shot.view == "picture":
        rocket = next(row for row in site.index.rows if row.ref.key.endswith("rocket.jpg") and row.width == 640)
        return f"/pictures/{image_pk(rocket.ref)}"
    return {
        "question": "/?label=outdoor&any_of=castle-and-palace,flower&not=grass&min_confidence=0.5",
        "albums": "/albums",
        "album": f"/albums/{made_up.ALBUMS[0].id}",
        "operations": "/operations",
        "drop": DROP,
    }.get(shot.view, "/")


def take(browser: Chromium, address: str, shot: Shot, folder: Path) -> None:
    """Photograph a view."""
    browser.looks(shot.width, shot.height, shot.dark, shot.language)
    browser.open(address)
    if shot.view == "drop":
        drop(browser, folder)
    browser.run(shot.script)
    browser.until(f"{shot.wait} && {DRAWN}")
    save(browser.picture(), OUT / shot.name)


def drop(browser: Chromium, folder: Path) -> None:
    """Choose photos in the drop zone, of which one is damaged, and wait for their labels."""
    broken = folder / "broken.jpg"
    broken.write_bytes((made_up.PHOTOS / "china.jpg").read_bytes()[:9000])
    photos = [broken, *(made_up.PHOTOS / name for name in ("rocket.jpg", "coffee.png", "chelsea.png"))]
    root = browser.send("DOM.getDocument")["root"]["nodeId"]
    field = browser.send("DOM.querySelector", nodeId=root, selector="input[type=file]")["nodeId"]
    browser.send("DOM.setFileInputFiles", nodeId=field, files=[str(path) for path in photos])
    browser.until(
        "document.querySelectorAll('.dropped').length === 4 && !document.querySelector('.dropped[data-open]')"
    )
    browser.run(TIMES)


def save(png: bytes, path: Path) -> None:
    """Save a picture of the screen with few colours, which makes the file small."""
    with Image.open(io.BytesIO(png)) as screen:
        picture = screen.convert("RGB")
    picture.thumbnail((WIDEST, 10 * WIDEST))
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
