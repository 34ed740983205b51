"""The screenshots that docs/page.md shows, and the command that takes them."""

from __future__ import annotations

import re

import pytest

from tests.page import made_up, shots
from tests.page.shots import OUT, SHOTS
from tests.page.world import Browser


def test_a_screenshot_that_no_command_takes_or_no_page_shows_would_grow_old() -> None:
    shown = re.findall(r"\(page/([^)]+)\)", OUT.with_suffix(".md").read_text("utf-8"))
    assert sorted(shown) == sorted(shot.name for shot in SHOTS)
    assert {path.name for path in OUT.iterdir()} == set(shown)


def test_the_command_would_photograph_a_view_that_is_not_there() -> None:
    site = made_up.filled()
    browser = Browser(site, drop=shots.drop_zone(site))
    for shot in SHOTS:
        view = browser.get(shots.address_of(shot, site), accept_language=shot.language)
        assert view.status == 200, shot.name
        assert "empty" not in {one.get("class") for _, one in view.html.elements}, shot.name
    assert browser.drops({"broken.jpg": b"\xff\xd8\xff", "chelsea.png": b"\x89PNG\r\n\x1a\n"}).status == 303
    assert [str(row.state) for row in site.index.rows[-2:]] == ["skipped", "labelled"]


def test_a_name_that_no_screenshot_has_would_choose_none_in_silence() -> None:
    with pytest.raises(SystemExit, match="there is no screenshot gird: there are grid-1440-light-en, "):
        shots.main(["grid", "gird"])
    assert [shot.name for shot in SHOTS if shot.is_called(["albums", "drop-768-light-en.png"])] == [
        "albums-360-dark-zh.png",
        "drop-768-light-en.png",
    ]
