"""This command photographs three views of the page for docs/page: `python -m tests.page.shots`. It needs a chromium.

The pictures are the samples in photos/, with labels and figures that were made up. The other pictures in docs/page were
taken from the demo.
"""

from __future__ import annotations

import io
import tempfile
import threading
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image
from waitress.server import create_server

from imagelabels.api.app import Api
from imagelabels.api.limits import RateLimit
from imagelabels.api.wsgi import Wsgi
from imagelabels.domain.albums import Album, Question
from imagelabels.domain.budget import Limits
from imagelabels.domain.explain import Explained
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.plan import Plan
from imagelabels.page.site import Page
from imagelabels.records.rows import image_pk
from imagelabels.usecases.again import Redriver
from imagelabels.usecases.why import Reasons
from tests.api import world
from tests.api.world import Site, seen
from tests.fakes_albums import FakeTokens
from tests.page.chromium import Chromium, program
from tests.world import World

HERE = Path(__file__).resolve().parents[2]
OUT = HERE / "docs" / "page"
COLOURS = 224
WIDEST = 1000
"""Wider pictures are made smaller."""

HOUR = 3_600_000
NOW = 1_795_964_400_000
"""It is 2026-11-29 15:00 UTC."""

SHOWN = {"coffee.png": ("beverage", "espresso"), "chelsea.png": ("cat",), "rocket.jpg": ("rocket-and-missile",)}
"""Some samples with what they show."""

ALBUM = "a" * 22

KEPT = (("rocket-and-missile", 0.94),)
LEFT = (("bridge-and-dam", 0.38), ("building-and-structure", 0.33))

VIEWS = (
    ("operations", 768, 1200, False, "en"),
    ("operations", 360, 760, False, "en"),
    ("operations", 1440, 1100, True, "zh-CN"),
    ("picture", 1440, 900, True, "zh-CN"),
    ("picture", 768, 900, False, "en"),
    ("picture", 360, 760, True, "en"),
    ("album", 1440, 860, False, "en"),
)


def main() -> None:
    path = program()
    if path is None:
        raise SystemExit("no chromium was found")
    site = filled()
    api = Api(site.services, lambda event: site.caller, RateLimit(10**6, lambda: 0.0), Page(world.WORDS.taxonomy))
    server: Any = create_server(Wsgi(api), host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    address = f"http://127.0.0.1:{server.effective_port}"
    rocket = next(row for row in site.index.rows if row.ref.key.endswith("rocket.jpg"))
    addresses = {
        "operations": "/operations",
        "picture": f"/pictures/{image_pk(rocket.ref)}",
        "album": f"/albums/{ALBUM}",
    }
    with tempfile.TemporaryDirectory() as profile, Chromium(path, Path(profile)) as browser:
        for view, width, height, dark, language in VIEWS:
            browser.looks(width, height, dark, language)
            browser.open(address + addresses[view])
            browser.run("document.documentElement.style.scrollbarWidth = 'none'")
            name = f"{view}-{width}-{'dark' if dark else 'light'}-{language.partition('-')[0]}.png"
            save(browser.picture(), OUT / name)
            print(name, (OUT / name).stat().st_size)


def filled() -> Site:
    """A page with labelled pictures of the last two weeks, and with some of each kind that stands still."""
    site = Site(more={"small": small, "why": reasons})
    for day in range(14):
        for number in range(9 + day * 7 % 12):
            name = sorted(SHOWN)[number % 3]
            labels = [seen(label, 0.9 - number / 100) for label in SHOWN[name]]
            key = f"2026/11/{28 - day}-{number:02}-{name}"
            site.has(key, *labels, updated_at=NOW - HOUR - day * 24 * HOUR, width=640, height=427)
        if day % 3 == 1:
            skipped: dict[str, Any] = {"state": State.SKIPPED, "reason": Reason.UNSUPPORTED_FORMAT}
            site.has(f"2026/11/{day}.heif", **skipped, updated_at=NOW - HOUR - day * 24 * HOUR)
    for state, reason, keys in (
        (State.FAILED, Reason.TAGS_REFUSED, ("IMG_8928.jpg", "IMG_7489.jpg")),
        (State.PARKED, Reason.DETECTOR_FAILING, ("PXL_7517.jpg",)),
        (State.PARKED, Reason.BUDGET, ("PXL_2907.jpg", "صورة العائلة.jpg")),
    ):
        for number, key in enumerate(keys):
            still: dict[str, Any] = {"state": state, "reason": reason, "updated_at": NOW - (3 + 30 * number) * HOUR}
            site.has(f"2026/11/{key}", **still)
    site.ledger.counted += [("imm", NOW / 1000 - 86_400, 5740), ("imm", NOW / 1000, 380)]
    tools, at = World(site.ledger).worker().tools, (site.services.gallery, site.ledger)
    budget = {"budget": site.ledger, "limits": Limits(1000, 10_000), "detectors": ["imm"], "call_price": "0.000142 USD"}
    site.albums.put(Album(ALBUM, "Cats and coffee", Question(any_of=("cat", "espresso"))))
    site.serves(tokens=FakeTokens(), has_page=True)
    site.serves(correct=lambda ref, said: site.index.rows[0])
    site.serves(now=lambda: NOW, **budget, redriver=Redriver(*at, tools.clock, ["oss"], ["imm"], lambda scheme: tools))
    return site


def reasons(ref: ObjectRef) -> Reasons:
    """Tell what a detector may say of a rocket at night."""
    kept = [_explained(name, sure, "kept", "kept") for name, sure in KEPT]
    left = [_explained(name, sure, "below_threshold", "below threshold 0.60") for name, sure in LEFT]
    ours = {"label:rocket-and-missile": "vehicle"}
    return Reasons(ref, None, None, None, None, Plan(State.LABELLED), (*kept, *left), False, ours, {"trip": "2026"}, ())


def _explained(name: str, sure: float, cause: Any, why: str) -> Explained:
    named = world.WORDS.taxonomy.name(name, "en") or name
    return Explained(name, name, named, sure, cause == "kept", cause, why, None, 0.6)


def small(record: ImageRecord, side: int) -> bytes:
    """Return a small copy of the sample that the picture's key ends in."""
    name = next((name for name in SHOWN if record.ref.key.endswith(name)), "coffee.png")
    return _small(name, side)


@cache
def _small(name: str, side: int) -> bytes:
    with Image.open(HERE / "photos" / name) as photo:
        photo.thumbnail((side, side))
        copy = io.BytesIO()
        photo.convert("RGB").save(copy, "JPEG", quality=85)
    return copy.getvalue()


def save(png: bytes, path: Path) -> None:
    """Save a picture of the screen with few colours, which makes the file small."""
    with Image.open(io.BytesIO(png)) as screen:
        picture = screen.convert("RGB")
    picture.thumbnail((WIDEST, 10 * WIDEST))
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
