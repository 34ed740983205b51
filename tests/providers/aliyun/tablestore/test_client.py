"""Calls to Tablestore: how often, for how long, with which keys."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tablestore import BatchWriteRowResponseItem

from emulator.aliyun.tablestore.refusal import render
from imagelabels.domain.albums import Album, Changed
from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.tablestore import index_setup
from imagelabels.providers.aliyun.tablestore.albums import TablestoreAlbums
from imagelabels.providers.aliyun.tablestore.client import PATIENCE, Instance
from imagelabels.providers.aliyun.tablestore.ledger import TablestoreLedger
from imagelabels.providers.aliyun.tablestore.tables import BUDGETS, IMAGES, KEYS
from tests.contract.samples import NOW, REF, entry, put, record
from tests.contract.tablestore_provider import INSTANCE, instance
from tests.emulator.running import REGION, running_tablestore
from tests.fakes import FakeClock
from tests.providers.aliyun.spoiled import Fault, Spoiler, cut, lost, spoiled

World = tuple[Instance, Spoiler, FakeClock]


def refusing(code: str, message: str = "words", status: int = 503) -> Fault:
    async def fault(request: web.Request, serve: Any) -> web.StreamResponse:
        return web.Response(status=status, body=render(code, message))

    return fault


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with spoiled(tmp_path) as (opened, spoiler, clock):
        index_setup.create_tables(opened)
        spoiler.asked.clear()
        yield opened, spoiler, clock


BUSY = ["OTSServerBusy", "OTSNotEnoughCapacityUnit", "OTSRowOperationConflict", "OTSTimeout", "OTSInternalServerError"]


@pytest.mark.parametrize("code", BUSY)
def test_a_call_is_made_again_when_the_service_was_busy(world: World, code: str) -> None:
    opened, spoiler, clock = world
    spoiler.next("UpdateRow", refusing(code), refusing(code))
    assert TablestoreLedger(opened).lock(REF, "a", NOW + 30, NOW, "e1")
    assert spoiler.asked == ["UpdateRow"] * 3
    assert 0 < clock.now - 1000 < 1


def test_throttling_on_every_call_ends_long_before_the_function_does(world: World) -> None:
    opened, spoiler, clock = world
    spoiler.next("UpdateRow", *[refusing("OTSServerBusy")] * 99)
    with pytest.raises(Unavailable, match="too many requests") as caught:
        TablestoreLedger(opened).lock(REF, "a", NOW + 30, NOW, "e1")
    assert caught.value.reason == "throttled"
    assert PATIENCE / 2 < clock.now - 1000 <= PATIENCE
    assert 5 < len(spoiler.asked) < 20


def test_clients_that_were_throttled_together_do_not_come_back_together(world: World) -> None:
    opened, spoiler, clock = world
    pauses = []
    for number in range(2):
        clock.slept.clear()
        spoiler.next("UpdateRow", *[refusing("OTSServerBusy")] * 6)
        assert TablestoreLedger(opened).lock(REF, "a", NOW + 30 + number, NOW, "e1")
        pauses.append(list(clock.slept))
    assert pauses[0] != pauses[1]
    longest = [0.05, 0.1, 0.2, 0.4, 0.8, 1.0]
    for slept in pauses:
        assert all(most / 2 <= pause <= most for pause, most in zip(slept, longest, strict=True))


@pytest.mark.parametrize("fault", [lost, cut])
def test_a_write_whose_reply_was_lost_is_made_again_without_harm(world: World, fault: Fault) -> None:
    opened, spoiler, _ = world
    ledger = TablestoreLedger(opened)
    for operation in ("UpdateRow", "PutRow", "BatchWriteRow", "GetRow"):
        spoiler.next(operation, fault)
    assert ledger.lock(REF, "a", NOW + 30, NOW, "e1")
    assert ledger.claim("c1", "a", NOW + 30, NOW).kind == "mine"
    # The first one was done: the second finds the lock gone, and says what is the safe side.
    assert not ledger.finish(REF, "a", record(), entry())
    row = ledger.row(REF)
    assert row is not None
    assert (row.record, row.lock) == (record(), None)
    assert spoiler.faults == []


def test_an_album_whose_deletion_was_not_answered_would_leave_its_pins_behind_for_ever(world: World) -> None:
    opened, spoiler, _ = world
    albums = TablestoreAlbums(opened)
    albums.put(Album("a", "Dogs"))
    albums.pin("a", REF.uri, "in", 1)
    spoiler.next("DeleteRow", lost)
    with pytest.raises(Changed):
        albums.delete("a", 1)
    assert (albums.get("a"), albums.pins("a")) == (None, ())


def test_a_call_that_may_have_been_counted_is_not_counted_again(world: World) -> None:
    opened, spoiler, _ = world
    spoiler.next("UpdateRow", lost)
    with pytest.raises(Unavailable, match="UpdateRow"):
        TablestoreLedger(opened).take("oss", "oss://photos", NOW)
    assert spoiler.asked == ["UpdateRow"]
    assert opened.get(BUDGETS, ("oss",)) == {"calls_all": 1, "calls_20231114": 1}
    spoiler.next("UpdateRow", refusing("OTSServerBusy"))
    assert TablestoreLedger(opened).take("oss", "oss://photos", NOW) is None
    assert opened.get(BUDGETS, ("oss",)) == {"calls_all": 2, "calls_20231114": 2}


def test_what_a_person_must_mend_is_not_asked_again(world: World) -> None:
    opened, spoiler, _ = world
    spoiler.next("UpdateRow", refusing("OTSNoPermissionAccess", "You have no permission", 403))
    with pytest.raises(Misconfigured, match=r"give the role ots:UpdateRow.*OTSNoPermissionAccess"):
        TablestoreLedger(opened).lock(REF, "a", NOW + 30, NOW, "e1")
    assert spoiler.asked == ["UpdateRow"]


HISTORY, CHANGE, ROW = "imagelabels_events", "imagelabels_changes", "imagelabels_images"


@pytest.mark.parametrize(
    ("busy", "again"),
    [
        (HISTORY, [HISTORY]),
        (CHANGE, [CHANGE]),
        # The line of a change must not be older than the row: a reader would look too early.
        (ROW, [CHANGE, ROW]),
    ],
)
def test_of_a_batch_only_the_rows_that_failed_are_sent_again_and_a_change_goes_with_its_row(
    world: World, monkeypatch: pytest.MonkeyPatch, busy: str, again: list[str]
) -> None:
    opened, _, _ = world
    ledger, sent, whole = TablestoreLedger(opened), [], opened.sdk.batch_write_row

    def one_row_busy(request: Any) -> Any:
        sent.append(sorted(request.items))
        if len(sent) > 1:
            return whole(request)
        items = dict(request.items)
        del request.items[busy]
        answer = whole(request)
        request.items.update(items)
        room = answer.table_of_update if busy == ROW else answer.table_of_put
        room[busy] = [BatchWriteRowResponseItem(False, "OTSServerBusy", "busy", None, None)]
        return answer

    monkeypatch.setattr(opened.sdk, "batch_write_row", one_row_busy)
    put(ledger, record())
    assert sent == [[CHANGE, HISTORY, ROW], again]
    assert len(ledger.history(REF)) == 1
    assert len(list(opened.range(CHANGE, ()))) == 1


def test_every_call_is_signed_with_the_keys_of_now(tmp_path: Path) -> None:
    with running_tablestore(tmp_path) as running:
        held = AliyunCredentials(AliyunKeys("nobody", "wrong"))
        opened = Instance(running.endpoint, INSTANCE, REGION, held, KEYS)
        running.stack.callback(opened.close)
        with pytest.raises(Misconfigured, match="ALIBABA_CLOUD_ACCESS_KEY_ID") as refused:
            index_setup.create_tables(opened)
        assert "wrong" not in str(refused.value)
        first, last = running.keyring.issue(600), running.keyring.issue(-1)
        held.refresh(first.id, first.secret, first.token)
        index_setup.create_tables(opened)
        held.refresh(last.id, last.secret, last.token)
        with pytest.raises(LabelingError) as caught:
            opened.get(IMAGES, ("pk",))
        assert caught.value.reason == "credentials_expired"


def test_a_clock_twenty_minutes_off_the_indexes_is_named(tmp_path: Path) -> None:
    ours = FakeClock()
    with (
        instance(tmp_path, patience=ours, clock=lambda: time.time() + 1200) as opened,
        pytest.raises(Unavailable, match="clock is more than 15 minutes off") as caught,
    ):
        opened.get(IMAGES, ("pk",))
    assert caught.value.reason == "index_error"
    assert ours.now == 1000


def test_no_secret_and_no_token_is_in_any_log_and_a_condition_that_fails_is_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with running_tablestore(tmp_path) as running:
        key = running.keyring.issue(600)
        held = AliyunCredentials(AliyunKeys(key.id, key.secret, key.token))
        opened = Instance(running.endpoint, INSTANCE, REGION, held, KEYS)
        running.stack.callback(opened.close)
        index_setup.create_tables(opened)
        ledger = TablestoreLedger(opened)
        assert ledger.lock(REF, "a", NOW + 30, NOW, "e1")
        assert not ledger.lock(REF, "b", NOW + 30, NOW, "e1")
        opened.sdk.delete_table(IMAGES)
        with pytest.raises(Misconfigured, match="imagelabels index create") as caught:
            opened.get(IMAGES, ("pk",))
    said = caplog.text + str(caught.value)
    for secret in (key.secret, str(key.token)):
        assert secret not in said
    assert "ConditionCheckFail" not in said


def test_the_sdk_says_nothing_while_it_is_imported() -> None:
    """It warns of its missing encoder in C++, and users of every command that opens an index would read that."""
    program = [sys.executable, "-c", "import imagelabels.providers.aliyun.tablestore.client"]
    assert subprocess.run(program, capture_output=True, text=True, check=True).stderr == ""
