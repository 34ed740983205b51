"""The view of operations: what became of the pictures, day by day, and which of them stand still."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from imagelabels.domain.outcomes import Reason, State
from imagelabels.page.operations import DAY, DAYS, FEW, bars
from tests.api.world import seen
from tests.page.world import Browser

NOW = 1_700_000_000_000
MIDNIGHT = NOW - NOW % DAY


def filled() -> Browser:
    browser = Browser()
    browser.site.has("new.jpg", seen("dog"), updated_at=MIDNIGHT)
    browser.site.has("late.jpg", seen("dog"), updated_at=MIDNIGHT - 1)
    browser.site.has("bad.jpg", state=State.SKIPPED, reason=Reason.CORRUPT, updated_at=MIDNIGHT - 1)
    browser.site.has("old.jpg", seen("dog"), updated_at=MIDNIGHT - DAYS * DAY)
    parked: dict[str, Any] = {"state": State.PARKED, "reason": Reason.BUDGET, "updated_at": MIDNIGHT - DAYS * DAY}
    browser.site.has("parked.jpg", **parked)
    browser.site.has("secret.jpg", bucket="private", **parked)
    return browser


def test_each_picture_is_counted_on_the_day_on_which_its_row_was_written() -> None:
    browser = filled()
    view = browser.get("/operations").html
    assert "14 November 1 0 0 0 0 13 November 1 1 0 0 0 12 November 0 0 0 0 0" in view.text
    parts = [(rect["class"], float(rect["height"])) for rect in view.all("rect") if "y" in rect]
    assert parts == [("labelled", 72.0), ("skipped", 72.0), ("labelled", 72.0)]


def test_a_state_that_is_rare_on_a_day_is_seen_and_lies_on_the_others() -> None:
    labelled, failed = bars({"labelled": 1_000_000, "failed": 1}, 1_000_001)
    assert (labelled.begins, failed.height) == (labelled.height, 1.5)
    assert failed.begins == labelled.begins + failed.height


def test_a_picture_that_stands_still_is_named_with_its_reason_to_who_may_see_it() -> None:
    browser = filled()
    browser.site.sees("oss://photos/")
    view = browser.get("/operations")
    assert "Parked: budget used up" in view.html.text
    assert "oss://photos/parked.jpg" in view.html.text
    assert "secret" not in view.body


def test_nothing_is_said_to_stand_still_when_all_pictures_are_done() -> None:
    browser = Browser()
    browser.site.has("new.jpg", seen("dog"), updated_at=MIDNIGHT)
    assert "Every picture is done." in browser.get("/operations").html.text


def test_the_days_of_an_index_that_is_slow_to_count_are_counted_only_when_somebody_asks() -> None:
    browser = filled()
    (row, *_) = browser.site.index.rows
    browser.site.index.rows += [replace(row, ref=replace(row.ref, key=f"{number}.jpg")) for number in range(FEW)]
    view = browser.get("/operations").html
    assert not view.all("svg", class_="chart")
    assert view.all("a", href="/operations?days=1")
    assert browser.get("/operations?days=1").html.all("svg", class_="chart")
