"""A bill that hides a part of the cost, or that no terminal can show, would be as bad as none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest

from imagelabels.cli.dry_run import DryRun, dry_run, dry_run_options
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.walk import Place, listed
from imagelabels.views import layout
from imagelabels.wiring_commands import Billing
from tests.fakes import jpeg
from tests.site import Commands, Terminal, commands

PLACE = Place("oss", "photos", "2026/")
OSS = Billing("oss", "imm-image-label", "aliyun", "tablestore", None, None)
CI = Billing("ci", "ci-detect-label", "tencent", "sqlite", None, None)


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    with commands(tmp_path, capsys) as ready:
        ready.put("2026/done.jpg", "cat")
        for key, shows in (("copy", "cat"), ("dog", "dog"), ("dog2", "dog"), ("car", "car")):
            ready.world.objects.put(ObjectRef("oss", "photos", f"2026/{key}.jpg"), jpeg(shows))
        ready.world.objects.put(ObjectRef("oss", "photos", "2026/heic.jpg"), b"\0\0\0\x18ftypheic" + bytes(50))
        ready.world.objects.put(ObjectRef("oss", "photos", "2026/"), b"")
        ready.world.objects.put(ObjectRef("oss", "photos", "2025/other.jpg"), jpeg("cat"))
        yield ready


def asked(run: Commands, billing: Billing = OSS, **options: Any) -> Any:
    """Make a dry run, and return its JSON."""
    text = told(run, billing, format="json", **options)
    return json.loads(text)


def told(run: Commands, billing: Billing = OSS, status: int = 0, **options: Any) -> str:
    site = run.site(PLACE)
    source = listed(site.tools.objects, PLACE)
    tools = replace(site.tools, detector=replace(site.tools.detector, calls=2)) if billing is CI else site.tools
    # One thread: the fakes are not made for several.
    asked = DryRun(concurrency=1, **options)
    assert dry_run(tools, PLACE, source, asked, bill_by=lambda scheme: billing) == status
    run.out, run.err = run._capsys.readouterr()
    return run.out


def test_programs_would_get_other_figures_than_people(run: Commands) -> None:
    bill = asked(run)
    assert bill["by_fate"] == {
        "done": 1,
        "replan": 0,
        "kept": 1,
        "duplicate": 1,
        "call": 2,
        "refused": 1,
        "no_call": 1,
        "unseen": 0,
    }
    assert (bill["objects"], bill["by_reason"], bill["by_format"]) == (
        7,
        {"folder_marker": 1, "unsupported_format": 1},
        {"heic": 1},
    )
    assert (bill["asked"], bill["calls"], bill["calls_exact"]) == (2, 2, True)
    assert (bill["tags"], bill["tags_exact"], bill["tags_expected"], bill["tag_writes"]) == (1 + 3 * 5, False, 4, 4)
    assert bill["own_requests"] == {"list": 1, "rows": 1, "head": 4, "answer": 4, "read": 3}
    assert bill["call_price"]["read_on"] == "2026-11-28"
    (calls,) = [line for line in bill["costs"] if line["price_id"] == "imm-image-label"]
    assert (calls["quantity"], Decimal(calls["amount"]), calls["currency"]) == ("2", Decimal("0.000284"), "USD")


def test_an_unknown_price_would_be_nothing(run: Commands) -> None:
    bill = asked(run, CI)
    assert bill["call_price"] is None
    assert bill["calls"] == 2 * bill["asked"] == 4
    assert bill["once"].endswith(", and what is unknown")
    assert "price: unknown: The page says that the call is billed as content recognition" in told(run, CI)
    assert "calls: 4 to ci, 2 for each picture, as it has so many scenes" in told(run, CI)


def test_the_price_that_a_person_gives_would_be_that_of_a_scene(run: Commands) -> None:
    bill = asked(run, CI, price="0.5 CNY")
    assert (bill["calls"], bill["call_price"]["amount"], bill["call_price"]["source"]) == (4, "0.5", "--price")
    (calls,) = [line for line in bill["costs"] if line["price_id"] == "call"]
    assert Decimal(calls["amount"]) == 2
    assert "price: 0.5 CNY for a call, as --price says" in told(run, CI, price="0.5 CNY")
    set_so = replace(OSS, call_price="0.25 USD")
    assert "price: 0.25 USD for a call, as IMAGELABELS_CALL_PRICE says" in told(run, set_so)
    assert "as --price says" in told(run, set_so, price="1 USD")


def test_a_file_of_prices_would_be_passed_over(run: Commands, tmp_path: Path) -> None:
    price = {
        "id": "ci-detect-label",
        "cloud": "tencent",
        "what": "calls",
        "amount": "1.5",
        "currency": "CNY",
        "per": "1000",
        "unit": "calls",
        "region": "mainland China",
        "source": "https://example.com/contract",
        "seen": "2026-11-01",
    }
    file = tmp_path / "prices.json"
    file.write_text(json.dumps({"prices": [price]}))
    (calls,) = [line for line in asked(run, CI, prices=file)["costs"] if line["price_id"] == "ci-detect-label"]
    assert Decimal(calls["amount"]) == Decimal("0.006")
    file.write_text("{")
    with pytest.raises(Misconfigured, match="line 1: the file is not JSON"):
        asked(run, CI, prices=file)
    with pytest.raises(Misconfigured, match="cannot be read: No such file"):
        asked(run, CI, prices=tmp_path / "none.json")


def test_a_price_without_a_currency_would_be_taken() -> None:
    command = click.Command("backfill", params=dry_run_options())
    assert command.make_context("backfill", ["--price", "0.01 USD"]).params["price"] == "0.01 USD"
    with pytest.raises(click.BadParameter, match=r"0\.01 is not an amount, such as 0\.000142 USD"):
        command.make_context("backfill", ["--price", "0.01"])


def test_a_terminal_of_80_columns_would_break_the_bill(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(layout, "columns", lambda stream: 80)
    monkeypatch.setattr("sys.stdout", terminal)
    site = run.site(PLACE)
    source = listed(site.tools.objects, PLACE)
    assert dry_run(site.tools, PLACE, source, DryRun(concurrency=1, rate=1), bill_by=lambda scheme: OSS) == 0
    lines = terminal.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[:7] == [
        "oss://photos/2026/: 7 objects",
        "  1 done: labelled for what they hold now, by the policy of now",
        "  1 kept: an answer for what they hold is kept",
        "  1 duplicate: hold the same as another object here",
        "  2 call: the detector is asked",
        "  1 refused: the file's beginning shows that no detector is asked",
        "  1 no_call: list, policy or HEAD tell that no detector is asked",
    ]
    assert lines[7] in (
        "without labels: unsupported_format 1, folder_marker 1",
        "without labels: folder_marker 1, unsupported_format 1",
    )
    assert lines[8] == "formats that the detector does not read: heic 1"
    assert "time: about 2 s, with 1 objects at once and 1 calls a second" in lines


def test_a_quick_dry_run_would_promise_what_it_does_not_know(run: Commands) -> None:
    text = told(run, quick=True)
    assert "calls: at most 4 to oss" in text
    assert "Its requests: 1 for the list, 1 for rows." in text
    assert asked(run, quick=True)["calls_exact"] is False


def test_the_tags_that_objects_have_would_not_be_asked_for(run: Commands) -> None:
    run.world.objects.there["oss://photos/2026/copy.jpg"].tags = {f"mine{n}": "x" for n in range(10)}
    assert asked(run, tags=True)["tags"] == 15


def test_objects_that_could_not_be_looked_at_would_be_passed_over_in_silence(run: Commands) -> None:
    site = run.site(PLACE)
    assert run.worker is not None
    run.worker.fails("objects.head", Misconfigured("no permission", "forbidden"))
    source = listed(site.tools.objects, PLACE)
    assert dry_run(site.tools, PLACE, source, DryRun(concurrency=1), bill_by=lambda scheme: OSS) == 1
    run.out, run.err = run._capsys.readouterr()
    assert "could not be looked at: forbidden 1" in run.out
    assert "calls: at most" in run.out


def test_a_detector_that_costs_nothing_would_have_a_price(run: Commands) -> None:
    site = run.site(PLACE)
    free = replace(site.tools, detector=replace(site.tools.detector, paid=False))
    source = listed(free.objects, PLACE)
    embedded = Billing("embedded", None, "aliyun", "sqlite", None, None)
    assert dry_run(free, PLACE, source, DryRun(concurrency=1), bill_by=lambda scheme: embedded) == 0
    run.out, run.err = run._capsys.readouterr()
    assert "calls: none is billed. The detector embedded looks at 2 pictures" in run.out
    assert "price:" not in run.out
