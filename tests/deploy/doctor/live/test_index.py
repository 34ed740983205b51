"""Faults of an index are planted in the emulated Tablestore one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import tablestore as ots
from aiohttp import web

from emulator.aliyun.tablestore.refusal import render
from imagelabels import wiring
from imagelabels.domain.model import SCHEMA
from imagelabels.providers.aliyun.tablestore.tables import ANSWERS, BUDGETS, EVENTS, IMAGES, SEARCH
from tests.contract.samples import put, record
from tests.deploy.doctor.live.account import INDEX, Account, account
from tests.emulator.running import ROOT

pytestmark = pytest.mark.story


@pytest.fixture
def sdk(running: Account) -> Iterator[ots.OTSClient]:
    client = ots.OTSClient(running.address, ROOT.id, ROOT.secret, "photos-inst")
    yield client
    client.connection.pool.clear()


def test_a_missing_table_would_show_at_the_first_event_only(running: Account, sdk: ots.OTSClient) -> None:
    sdk.delete_table(ANSWERS)
    (finding,) = running.look()
    assert finding.check == "index-missing"
    assert ANSWERS in finding.cause


def test_an_index_that_was_never_made_would_be_reported_call_by_call(running: Account) -> None:
    running.environ["IMAGELABELS_INDEX"] = "tablestore://other-inst"
    (finding,) = running.look()
    assert (finding.check, finding.where) == ("index-missing", "tablestore://other-inst")


def test_no_index_would_go_unnoticed(running: Account) -> None:
    del running.environ["IMAGELABELS_INDEX"]
    assert running.checks() == ["index-unset"]


def test_an_index_without_a_region_or_keys_would_go_unnoticed(tmp_path: Path) -> None:
    with account(tmp_path, "tencent") as running:
        for name in ("FC_REGION", "ALIBABA_CLOUD_ACCESS_KEY_ID"):
            value = running.environ.pop(name)
            (finding,) = running.look()
            assert finding.check == "index-out-of-reach"
            assert name in finding.cause
            running.environ[name] = value


def test_an_index_in_a_file_would_be_made_by_looking(running: Account, tmp_path: Path) -> None:
    running.environ["IMAGELABELS_INDEX"] = f"sqlite:///{tmp_path / 'labels.db'}"
    assert running.checks() == []
    assert not (tmp_path / "labels.db").exists()


def test_somebody_elses_table_would_be_written_to(running: Account, sdk: ots.OTSClient) -> None:
    sdk.delete_table(EVENTS)
    sdk.create_table(
        ots.TableMeta(EVENTS, [("id", "STRING")]),
        ots.TableOptions(),
        ots.ReservedThroughput(ots.CapacityUnit(0, 0)),
    )
    assert running.checks() == ["index-foreign"]


def test_a_missing_search_index_would_show_at_the_first_search_only(running: Account, sdk: ots.OTSClient) -> None:
    sdk.delete_search_index(IMAGES, SEARCH)
    assert running.checks() == ["search-index-absent"]


def test_an_older_search_index_would_show_at_the_first_search_only(running: Account, sdk: ots.OTSClient) -> None:
    sdk.delete_search_index(IMAGES, SEARCH)
    fields = [ots.FieldSchema("uri", ots.FieldType.KEYWORD, True)]
    sdk.create_search_index(IMAGES, SEARCH, ots.SearchIndexMeta(fields))
    (finding,) = running.look()
    assert finding.check == "search-index-old"
    assert "labels" in finding.cause


def test_a_search_index_that_is_being_built_would_be_called_broken(tmp_path: Path) -> None:
    with account(tmp_path, "aliyun", lag_seconds=1000.0) as running:
        put(wiring.index(INDEX, running.environ).ledger(), record())
        client = ots.OTSClient(running.address, ROOT.id, ROOT.secret, "photos-inst")
        client.delete_search_index(IMAGES, SEARCH)
        wiring.index(INDEX, running.environ).create()
        client.connection.pool.clear()
        assert running.checks() == ["search-index-building"]


def test_rows_of_an_older_version_would_be_missed_by_searches(running: Account) -> None:
    ledger = wiring.index(INDEX, running.environ).ledger()
    put(ledger, record())
    assert running.checks() == []
    put(ledger, replace(record(), schema=SCHEMA - 1), "later")
    assert running.checks() == ["rows-old"]


@pytest.mark.parametrize("operation", ["GetRow", "PutRow", "UpdateRow", "DeleteRow", "BatchWriteRow"])
def test_a_permission_on_a_table_would_be_missed_at_the_first_event_only(running: Account, operation: str) -> None:
    _refuse(running, operation, "OTSNoPermissionAccess")
    found = running.look()
    assert {finding.check for finding in found} == {"permission-missing"}
    assert all(f"ots:{operation}" in finding.cause for finding in found)
    tables = {"GetRow": 3, "PutRow": 3, "UpdateRow": 3, "DeleteRow": 3, "BatchWriteRow": 1}
    assert len(found) == tables[operation]


@pytest.mark.parametrize("operation", ["ListTable", "DescribeTable", "ListSearchIndex", "DescribeSearchIndex"])
def test_a_question_about_the_index_that_is_not_allowed_would_end_the_look(running: Account, operation: str) -> None:
    _refuse(running, operation, "OTSNoPermissionAccess")
    assert running.checks() == ["could-not-look"]


def test_trying_permissions_would_write_rows(running: Account, sdk: ots.OTSClient) -> None:
    assert running.look() == []
    for table, keys in {IMAGES: 1, ANSWERS: 1, BUDGETS: 1, EVENTS: 3}.items():
        names = [name for name, *_ in sdk.describe_table(table).table_meta.schema_of_primary_key]
        assert len(names) == keys
        bounds = [[(name, bound) for name in names] for bound in (ots.INF_MIN, ots.INF_MAX)]
        assert sdk.get_range(table, ots.Direction.FORWARD, *bounds)[2] == []


def _refuse(running: Account, operation: str, code: str) -> None:
    def plant(request: web.Request) -> web.Response | None:
        if request.path != f"/{operation}":
            return None
        return web.Response(status=403, body=render(code, "as planted"))

    running.plants.append(plant)
