"""The dashboards show what the function logs: their queries run over real lines, and the numbers are right."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from imagelabels.deploy.dashboards import write
from imagelabels.deploy.dashboards.panels import Panel, panels
from imagelabels.deploy.dashboards.query import CLS, GRAFANA_SLS, SLS, Dialect, columns, query, sql
from imagelabels.deploy.template.document import read
from imagelabels.deploy.template.resolve import stacks
from imagelabels.domain.outcomes import Reason, State
from imagelabels.views.log_fields import STEPS
from tests.deploy.dashboards.services import INDEXED, date_format, table_of
from tests.logged import story

ROOT = Path(__file__).parents[3]
PANELS = {panel.name: panel for panel in panels(write.ALIYUN_TRIES)}


@pytest.fixture(scope="module")
def lines() -> list[tuple[int, dict[str, Any]]]:
    return story().lines


@pytest.fixture(scope="module")
def database(lines: list[tuple[int, dict[str, Any]]]) -> Iterator[sqlite3.Connection]:
    database = table_of(lines, GRAFANA_SLS, 1)
    yield database
    database.close()


def shown(database: sqlite3.Connection, panel: Panel, dialect: Dialect = GRAFANA_SLS) -> list[dict[str, Any]]:
    """Return the rows that a panel shows."""
    cursor = database.execute(sql(panel, dialect))
    names = [column[0] for column in cursor.description]
    assert names == columns(panel)
    return [dict(zip(names, row, strict=True)) for row in cursor]


def summed(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Add up each column over time, and leave out what is 0."""
    sums = {name: sum(row[name] for row in rows) for name in rows[0] if name != "time"}
    return {name: value for name, value in sums.items() if value}


def test_the_files_are_those_that_the_command_writes() -> None:
    for name, dashboard in write.files().items():
        text = (write.FOLDER / name).read_text(encoding="utf-8")
        assert text == write.text(dashboard), "run `python -m imagelabels.deploy.dashboards.write`"


def test_every_field_of_every_query_is_one_that_the_log_has_and_that_the_index_of_the_template_indexes() -> None:
    (index,) = next(stacks(read((ROOT / "template.yml").read_text(encoding="utf-8")))).of("ALIYUN::SLS::Index")
    (message,) = index.properties["KeyIndices"]
    indexed = {field["Name"] for field in message["JsonKeyIndices"]}
    assert indexed == INDEXED.keys()
    for name in ("sls.json", "grafana-sls.json"):
        for text in queries(json.loads((write.FOLDER / name).read_text(encoding="utf-8"))):
            used = set(re.findall(r"message\.(\w+)", text))
            assert used
            assert used <= indexed, text
    for text in queries(json.loads((write.FOLDER / "grafana-cls.json").read_text(encoding="utf-8"))):
        assert set(re.findall(r'(?<! AS )"(\w+)"', text.partition(" ORDER BY ")[0])) <= INDEXED.keys(), text


def test_the_index_of_cls_has_the_fields_that_the_log_has_and_counts_by_them() -> None:
    rule = json.loads((write.FOLDER / "cls-index.json").read_text(encoding="utf-8"))["Rule"]
    fields = rule["KeyValue"]["KeyValues"]
    assert {field["Key"]: field["Value"]["Type"] for field in fields} == {
        name: field.index for name, field in INDEXED.items()
    }
    assert all(field["Value"]["SqlFlag"] for field in fields)


def queries(dashboard: Any) -> list[str]:
    """Find all queries of a dashboard."""
    if isinstance(dashboard, list):
        return [text for part in dashboard for text in queries(part)]
    if not isinstance(dashboard, dict):
        return []
    own = [text for name, text in dashboard.items() if name in ("query", "Query") and text]
    return own + [text for part in dashboard.values() for text in queries(part)]


def test_a_query_of_a_field_that_no_index_has_is_never_written() -> None:
    with pytest.raises(KeyError, match="label_ids"):
        sql(Panel("x", "x", "x", {"labels": "count({label_ids})"}), SLS)


@pytest.mark.parametrize("name", PANELS)
def test_every_panel_shows_the_same_on_every_service(
    name: str, database: sqlite3.Connection, lines: list[tuple[int, dict[str, Any]]]
) -> None:
    """The dialect of CLS buckets in a way of its own, and names no table: that is replaced here."""
    panel = PANELS[name]
    expected = shown(database, panel)
    assert expected, "the panel shows nothing of the lines"
    cls = replace(CLS, bucket="__TIMESTAMP__ / 300000 * 300", source=" FROM log")
    told = shown(table_of(lines, cls, 1000), panel, cls)
    assert [row | ({"last_seen": row["last_seen"] // 1000} if "last_seen" in row else {}) for row in told] == expected
    own = shown(database, panel, SLS)
    times = [{"time": date_format(row["time"], "%Y-%m-%d %H:%i")} if "time" in row else {} for row in expected]
    assert own == [row | time for row, time in zip(expected, times, strict=True)]


def test_the_totals_are_those_of_the_lines(database: sqlite3.Connection) -> None:
    assert shown(database, PANELS["totals"]) == [
        {
            "records": 19,
            "labelled": 6,
            "paid_calls": 12,
            "saved_calls": 2,
            "skipped": 1,
            "failed": 2,
            "parked": 2,
            "waiting": 6,
        }
    ]


def test_pictures_are_counted_by_outcome_in_the_five_minutes_in_which_they_ended(database: sqlite3.Connection) -> None:
    rows = shown(database, PANELS["outcomes"])
    assert summed(rows) == {
        "labelled": 6,
        "skipped": 1,
        "parked": 2,
        "waiting": 6,
        "failed": 2,
        "unchanged": 1,
        "removed": 1,
    }
    first = {name: value for name, value in rows[0].items() if value}
    assert first == {"time": 1_699_999_800, "labelled": 2, "skipped": 1, "unchanged": 1}
    assert [row["time"] for row in rows] == sorted({row["time"] for row in rows})


def test_paid_calls_and_those_that_a_kept_answer_saved_are_told_apart(database: sqlite3.Connection) -> None:
    rows = shown(database, PANELS["calls_paid"])
    assert summed(rows) == {"paid_calls": 12, "saved_calls": 2}
    assert (rows[0]["paid_calls"], rows[0]["saved_calls"]) == (2, 2)


def test_what_a_person_must_mend_is_shown_by_reason(database: sqlite3.Connection) -> None:
    expected = {"tags_refused": 1, "bad_event": 1, "detector_unbound": 1, "forbidden": 1}
    assert summed(shown(database, PANELS["to_mend"])) == expected


def test_what_is_delivered_again_is_shown_by_reason(database: sqlite3.Connection) -> None:
    assert summed(shown(database, PANELS["waiting"])) == {"throttled": 4, "index_error": 2}
    assert summed(shown(database, PANELS["throttled"])) == {"throttled": 4, "records": 19}


def test_every_reason_that_can_be_logged_has_a_column() -> None:
    told = {**PANELS["to_mend"].columns, **PANELS["waiting"].columns}
    assert told.keys() == {reason for reason in Reason if reason.state is not State.SKIPPED}


def test_milliseconds_are_shown_as_percentiles_of_the_records(database: sqlite3.Connection) -> None:
    row = shown(database, PANELS["time"])[0]
    assert (row["p50"], row["p95"], row["p99"]) == (0, 700, 700)


@pytest.mark.parametrize(("share", "detect"), [(50, 500), (95, 700), (99, 700)])
def test_milliseconds_are_shown_for_each_step(share: int, detect: int, database: sqlite3.Connection) -> None:
    panel = PANELS[f"steps_p{share}"]
    assert [f"ms_{name}" for name in panel.columns] == list(STEPS)
    rows = shown(database, panel)
    assert rows[0]["detect"] == detect
    assert (rows[-1]["wait_lock"], rows[-1]["wait_answer"], rows[-1]["wait_new"]) == (4550, 1550, 1000)


def test_calls_are_shown_by_kind(database: sqlite3.Connection) -> None:
    row = shown(database, PANELS["calls"])[0]
    assert row == {"time": 1_699_999_800, "store": 14, "tags": 6, "index": 18, "detector": 2}


def test_cold_starts_are_counted_with_their_milliseconds(database: sqlite3.Connection) -> None:
    rows = shown(database, PANELS["cold_starts"])
    assert [(row["instances"], row["ms_import"], row["ms_open"]) for row in rows] == [(1, 400, 100)] * 2


def test_the_first_record_of_an_instance_is_not_mixed_with_the_others(database: sqlite3.Connection) -> None:
    row = shown(database, PANELS["first_records"])[0]
    assert (row["first"], row["others"]) == (500, 700)


def test_outcomes_are_shown_with_their_reasons(database: sqlite3.Connection) -> None:
    rows = shown(database, PANELS["reasons"])
    assert {(row["state"], row["reason"]): row["records"] for row in rows} == {
        ("labelled", None): 6,
        ("waiting", "throttled"): 4,
        ("waiting", "index_error"): 2,
        ("skipped", "detector_refused"): 1,
        ("failed", "tags_refused"): 1,
        ("failed", "bad_event"): 1,
        ("parked", "detector_unbound"): 1,
        ("parked", "forbidden"): 1,
        ("unchanged", None): 1,
        ("removed", None): 1,
    }
    assert rows[0]["records"] == 6


def test_calls_to_detectors_are_shown_by_the_model_that_answered(database: sqlite3.Connection) -> None:
    rows = shown(database, PANELS["detectors"])
    assert {row.pop("model"): row for row in rows} == {
        "fake-1": {"detector": "fake", "calls": 6, "paid_calls": 6, "p95": 500},
        None: {"detector": "fake", "calls": 6, "paid_calls": 6, "p95": 4000},
    }


def test_an_event_that_waits_is_listed_until_a_later_delivery_ends_well(database: sqlite3.Connection) -> None:
    rows = shown(database, PANELS["events_waiting"])
    assert [(row["event_id"], row["uri"], row["deliveries"], row["last_reason"]) for row in rows] == [
        ("e-f", "oss://photos/f", 1, "index_error"),
        ("e-e", "oss://photos/e", 4, "throttled"),
    ]


def test_an_event_whose_last_delivery_failed_is_listed_as_a_dead_letter(database: sqlite3.Connection) -> None:
    rows = shown(database, PANELS["dead_letters"])
    assert [(row["event_id"], row["deliveries"], row["last_reason"]) for row in rows] == [("e-e", 4, "throttled")]


def test_dead_letters_are_counted_by_the_deliveries_that_each_platform_makes() -> None:
    template = read((ROOT / "template.yml").read_text(encoding="utf-8"))
    assert template.parameters["RetryAttempts"]["Default"] + 1 == write.ALIYUN_TRIES
    plan = yaml.safe_load((ROOT / "shared/imagelabels/deploy/tencent/plan.yml").read_text(encoding="utf-8"))
    assert plan["parameters"]["Retries"]["default"] + 1 == write.TENCENT_TRIES
    for name, tries in (("sls.json", 4), ("grafana-sls.json", 4), ("grafana-cls.json", 3)):
        assert f">= {tries} " in (write.FOLDER / name).read_text(encoding="utf-8")


def test_the_charts_of_sls_have_unique_names_that_the_vendor_accepts_and_read_the_log_store_of_the_template() -> None:
    charts = json.loads((write.FOLDER / "sls.json").read_text(encoding="utf-8"))["charts"]
    titles = [chart["title"] for chart in charts]
    assert len(set(titles)) == len(titles) == len(PANELS)
    assert all(re.fullmatch(r"[0-9a-z][0-9a-z_-]{0,98}[0-9a-z]", title) for title in titles)
    stack = next(stacks(read((ROOT / "template.yml").read_text(encoding="utf-8"))))
    (logstore,) = stack.of("ALIYUN::SLS::Logstore")
    assert {chart["search"]["logstore"] for chart in charts} == {logstore.properties["LogstoreName"]}


@pytest.mark.parametrize("name", ["grafana-sls.json", "grafana-cls.json"])
def test_grafana_asks_for_the_data_source_at_import_and_every_panel_uses_it(name: str) -> None:
    dashboard = json.loads((write.FOLDER / name).read_text(encoding="utf-8"))
    (asked,) = dashboard["__inputs"]
    sources = [panel["datasource"] for panel in dashboard["panels"]]
    sources += [target["datasource"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert {(source["type"], source["uid"]) for source in sources} == {(asked["pluginId"], f"${{{asked['name']}}}")}
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(PANELS)


def test_no_two_panels_of_a_dashboard_lie_on_each_other() -> None:
    grafana = json.loads((write.FOLDER / "grafana-sls.json").read_text(encoding="utf-8"))["panels"]
    sls = json.loads((write.FOLDER / "sls.json").read_text(encoding="utf-8"))["charts"]
    assert len({(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in grafana}) == len(grafana)
    assert len({(chart["display"]["xPos"], chart["display"]["yPos"]) for chart in sls}) == len(sls)


def test_every_query_searches_our_lines_alone() -> None:
    assert {query(panel, SLS).partition(" | ")[0] for panel in PANELS.values()} == {"message.service: imagelabels"}
    assert {query(panel, CLS).partition(" | ")[0] for panel in PANELS.values()} == {"service:imagelabels"}
