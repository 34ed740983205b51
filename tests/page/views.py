"""Every view of the page, over pictures of all kinds."""

from __future__ import annotations

from collections.abc import Iterator

from imagelabels.domain.albums import Album, Question
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.outcomes import Reason, State
from imagelabels.records.rows import image_pk
from imagelabels.usecases.correct import Said
from tests.api.world import Site, seen
from tests.page.world import Browser, Seen

MARKUP = "\"><script>alert(1)</script>&'{{7*7}}"
ALBUM = "a" * 22


def full() -> Browser:
    """A page with labelled and unlabelled pictures, an album, small copies, and corrections switched on."""

    def correct(ref: ObjectRef, said: Said) -> ImageRecord:
        raise ValueError(f"{said.add[0] if said.add else said.without[0]} is no word for a label")

    site = Site(more={"small": lambda record, side: f"https://copies.example/{side}", "correct": correct})
    site.has("dogs/one.jpg", seen("dog"), seen("seashore", 0.62))
    site.has(f"odd/{MARKUP}.jpg", seen("cat", 0.81), seen(f"user:{MARKUP}", 1.0))
    site.has("letter.pdf", state=State.SKIPPED, reason=Reason.NOT_IMAGE, width=None, height=None)
    site.has("later.jpg", state=State.PARKED, reason=Reason.BUDGET, head=None)
    site.albums.put(Album(ALBUM, f"Dogs {MARKUP}", Question(label=("dog:0.5",), any_of=("seashore",))))
    return Browser(site)


def addresses(browser: Browser) -> list[str]:
    """The addresses of all views, with questions of all kinds."""
    pictures = [f"/pictures/{image_pk(row.ref)}" for row in browser.site.index.rows]
    questions = [
        "/",
        "/?label=%3Ddog",
        "/?label=dog:0.5&any_of=cat,seashore&not=fig&min_confidence=0.5&order=uri",
        "/?label=cat&label=dog",
        "/?from=2023-11-01&to=2023-12-01&prefix=oss://photos/",
        "/?q=dgo",
        "/?months=1&label=dog",
        "/months?label=dog",
        "/?state=skipped&reason=not_image",
        "/?from=yesterday",
        "/?prefix=%3Cb%3E",
    ]
    others = ["/albums", f"/albums/{ALBUM}", "/operations", "/login"]
    return [*questions, *pictures, "/pictures/none", "/pictures/none/pins", "/static/none", *others]


def views(browser: Browser) -> Iterator[tuple[str, Seen]]:
    """Look at every view in both languages."""
    for language in ("en", "zh-CN"):
        for address in addresses(browser):
            yield address, browser.get(address, accept_language=language)
