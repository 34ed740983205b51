"""The view of operations: what became of the pictures, day by day, and which of them stand still."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from imagelabels.domain.budget import Limits
from imagelabels.domain.outcomes import Reason, State
from imagelabels.page.operations import DAY, DAYS, FEW, bars
from imagelabels.records.rows import image_pk
from imagelabels.usecases import again
from imagelabels.usecases.again import Giver
from tests.api.test_operations import FAILED, Given, counted, trying
from tests.api.world import Site, seen
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
    assert "Parked 1 budget used up" in view.html.text
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


def test_a_budget_is_a_meter_with_the_even_pace_where_a_limit_is_known() -> None:
    browser = Browser(counted(Limits(per_day=100, total=60), price="0.5 USD"))
    browser.site.ledger.hold("imm", "oss://photos", "forbidden", NOW / 1000 + 10**6)
    view = browser.get("/operations").html
    assert "Calls today: 30 of 100. At an even pace it would be 50 by now. They cost 15.0 USD." in view.text
    assert "Calls in all: 30 of 60." in view.text
    meters = [rect["width"] for rect in view.all("rect", class_="v", height="4")]
    assert meters == ["30.0", "50.0"]
    assert view.all("path", d="M50.0 0v4")
    assert "It is not asked about oss://photos until" in view.text


def test_calls_are_told_without_a_meter_where_no_limit_is_known() -> None:
    view = Browser(counted(Limits())).get("/operations").html
    assert "Calls today: 30. No limit is set here. Calls in all: 30." in view.text
    assert not view.all("svg", class_="meter budget")
    assert "No call was made yet." in Browser(counted(Limits(), 0)).get("/operations").html.text


def test_a_visitor_who_may_see_one_prefix_would_learn_how_busy_other_buckets_are() -> None:
    site = counted(Limits(per_day=100))
    site.sees("oss://photos/")
    assert "Calls to the detector" not in Browser(site).get("/operations").html.text


def still(giver: Giver | None = None, **more: Any) -> tuple[Browser, str]:
    """A page with a failed picture, and the address of that picture."""
    site = Site()
    row = site.has("a.jpg", **FAILED | more)
    return Browser(trying(site, giver)), image_pk(row.ref)


def test_a_failed_picture_is_tried_again_at_the_press_of_a_button_and_says_so_then() -> None:
    browser, picture = still()
    view = browser.get("/operations").html
    assert [one["aria-label"] for one in view.all("button") if one.get("data-k") == f"again-{picture}"] == [
        "Try again: oss://photos/a.jpg"
    ]
    assert view.all("input", name="id", value=picture)
    answer = browser.sends("/operations/redrive", {"id": picture}, "/operations")
    assert (answer.status, answer.headers["Location"]) == (303, "/operations?again=timer")
    view = browser.get(answer.headers["Location"]).html
    assert "The timer’s next run tries them again. It comes every ten minutes" in view.text
    assert "will be tried again" in view.text
    assert not view.all("input", name="id", value=picture)


def test_all_failed_pictures_are_tried_again_at_the_press_of_one_button() -> None:
    given = Given()
    browser, _ = still(given)
    assert browser.get("/operations").html.all("input", name="state", value="failed")
    answer = browser.sends("/operations/redrive", {"state": "failed"}, "/operations")
    assert answer.headers["Location"] == "/operations?again=function"
    assert given.uris == ["oss://photos/a.jpg"]
    assert "Given to the function, which tries now." in browser.get("/operations?again=function").html.text


def test_a_function_of_another_store_would_be_said_to_get_a_picture_at_once() -> None:
    browser, picture = still(Given(["cos"]))
    view = browser.get("/operations").html
    assert "the timer’s next run labels them" in view.text
    answer = browser.sends("/operations/redrive", {"id": picture}, "/operations")
    assert answer.headers["Location"] == "/operations?again=timer"
    assert not browser.get("/operations").html.all("input", name="id", value=picture)


def test_the_button_would_begin_anew_where_one_request_does_not_take_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "PAGE", 1)
    monkeypatch.setattr(again, "MOST", 1)
    given = Given()
    browser, _ = still(given)
    browser.site.has("b.jpg", **FAILED)
    where = browser.sends("/operations/redrive", {"state": "failed"}, "/operations").headers["Location"]
    view = browser.get(where).html
    assert "press the button once more" in view.text
    (page,) = view.all("input", name="page")
    where = browser.sends("/operations/redrive", {"state": "failed", "page": page["value"]}, where).headers["Location"]
    assert given.uris == ["oss://photos/a.jpg", "oss://photos/b.jpg"]
    assert not browser.get(where).html.all("input", name="page")


def test_who_may_not_or_need_not_ask_would_be_offered_a_button() -> None:
    over_budget: dict[str, Any] = {"state": State.PARKED, "reason": Reason.BUDGET}
    assert not still(**over_budget)[0].get("/operations").html.all("form", action="/operations/redrive")
    browser, picture = still()
    token = browser.get("/operations").html.all("input", name="form_token")[0]["value"]
    browser.site.caller = replace(browser.site.caller, may_write=False)
    assert not browser.get("/operations").html.all("form", action="/operations/redrive")
    assert browser.post("/operations/redrive", {"id": picture, "form_token": token}).status == 403
    off = filled()
    assert not off.get("/operations").html.all("form", action="/operations/redrive")
    refused = off.post("/operations/redrive", {"id": picture, "form_token": token})
    assert (refused.status, "This server lets no pictures be tried again." in refused.html.text) == (403, True)


def test_a_form_that_another_site_sent_would_let_pictures_be_tried_again() -> None:
    browser, picture = still()
    assert browser.post("/operations/redrive", {"id": picture}).status == 403
    assert browser.post("/operations/redrive", {"state": "failed", "form_token": "0" * 32}).status == 403
    (row,) = browser.site.index.rows
    stored = browser.site.ledger.row(row.ref)
    assert stored is not None
    assert stored.waiting is None


def test_a_picture_that_the_visitor_may_not_see_would_be_tried_again() -> None:
    browser, picture = still()
    other = browser.site.has("b.jpg", **FAILED, bucket="mine")
    browser.site.sees("oss://mine/")
    assert browser.sends("/operations/redrive", {"id": picture}, "/operations").status == 404
    assert browser.sends("/operations/redrive", {"id": image_pk(other.ref)}, "/operations").status == 303
