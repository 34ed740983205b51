"""Faults of requests, as the vendors' SDKs meet them, and what each leaves in the store."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import oss2
import pytest
import requests
import tablestore
import urllib3
from qcloud_cos import CosClientError, CosServiceError

from tests.emulator.aliyun.tablestore.asking import IGNORE, create, get
from tests.emulator.faults.running import Emulated, emulated
from tests.emulator.running import COS_BUCKET, refused

ROW = tablestore.Row([("pk", "a")], [("n", 1)])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Emulated]:
    with emulated(tmp_path) as started:
        yield started


def test_an_error_keeps_the_write_from_happening_and_has_status_code_and_request_id(running: Emulated) -> None:
    running.rules({"do": "error", "operation": "PUT object", "key": "a", "code": "InternalError", "times": 1})
    bucket = running.oss.bucket()
    error = refused(bucket.put_object, "a", b"x")
    assert (error.status, error.code, bool(error.request_id)) == (500, "InternalError", True)
    assert not bucket.object_exists("a")
    bucket.put_object("a", b"x")
    assert bucket.object_exists("a")
    assert running.counts() == [(2, 1)]


@pytest.mark.parametrize("method", ["get_object", "head_object"])
def test_an_error_without_a_body_leaves_the_client_of_oss_with_the_status_alone(running: Emulated, method: str) -> None:
    bucket = running.oss.bucket()
    bucket.put_object("a", b"x")
    running.rules({"do": "error", "service": "OSS", "key": "a", "code": "AccessDenied", "body": False})
    error = refused(getattr(bucket, method), "a")
    assert (error.status, error.code) == (403, "")


def test_an_error_of_cos_may_have_another_status_than_its_code_and_no_body(running: Emulated) -> None:
    client = running.oss.client()
    rule = {"do": "error", "service": "cos", "operation": "GET object", "code": "RequestTimeout", "status": 400}
    running.rules(rule)
    with pytest.raises(CosServiceError) as caught:
        client.get_object(Bucket=COS_BUCKET, Key="a")
    assert (caught.value.get_status_code(), caught.value.get_error_code()) == (400, "RequestTimeout")
    running.rules({**rule, "status": 503, "body": False})
    status, headers, body = running.oss.ask_cos("GET", "a")
    assert (status, body, "x-cos-request-id" in headers) == (503, b"", True)


def test_an_error_of_tablestore_is_signed_so_that_its_sdk_reads_it(running: Emulated) -> None:
    client = running.tables.ots()
    create(client)
    running.rules({"do": "error", "service": "tablestore", "operation": "PutRow", "key": "t/a", "code": "OTSTimeout"})
    with pytest.raises(tablestore.OTSServiceError) as caught:
        client.put_row("t", ROW, IGNORE)
    assert (caught.value.get_http_status(), caught.value.get_error_code()) == (503, "OTSTimeout")
    assert get(client, "a") is None


def test_the_sdk_s_own_retries_see_a_throttled_call_of_tablestore_through(running: Emulated) -> None:
    class AtOnce(tablestore.DefaultRetryPolicy):  # type: ignore[misc]
        def get_retry_delay(self, *args: Any) -> float:
            return 0.0

    client = running.tables.ots(retry_policy=AtOnce())
    create(client)
    running.rules({"do": "error", "operation": "PutRow", "code": "OTSServerBusy", "times": 2})
    client.put_row("t", ROW, IGNORE)
    assert get(client, "a") == {"n": 1}
    assert running.counts() == [(3, 2)]


def test_a_connection_that_is_cut_before_the_effect_leaves_no_object(running: Emulated) -> None:
    running.rules({"do": "cut_before", "operation": "PUT object"})
    with pytest.raises(oss2.exceptions.RequestError):
        running.oss.bucket().put_object("a", b"x")
    assert not running.oss.bucket().object_exists("a")


@pytest.mark.parametrize("cut", ["cut_after", "cut_within"])
def test_a_connection_that_is_cut_after_the_effect_leaves_the_object_without_a_reply(
    running: Emulated, cut: str
) -> None:
    running.rules({"do": cut, "operation": "PUT object", "bucket": "photos"})
    with pytest.raises(oss2.exceptions.RequestError):
        running.oss.bucket().put_object("a", b"x")
    assert running.oss.bucket().get_object("a").read() == b"x"


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_an_answer_that_is_cut_within_has_a_part_of_its_body(running: Emulated, size: int) -> None:
    running.oss.client().put_object(Bucket=COS_BUCKET, Key="a", Body=b"x" * size)
    running.rules({"do": "cut_within", "service": "cos", "operation": "GET object"})
    answer = running.oss.client().get_object(Bucket=COS_BUCKET, Key="a")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, urllib3.exceptions.HTTPError)):
        answer["Body"].get_raw_stream().read()
    assert answer["Content-Length"] == str(size)


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_read_whose_connection_is_cut_after_the_effect_gets_nothing(running: Emulated, size: int) -> None:
    running.oss.client().put_object(Bucket=COS_BUCKET, Key="a", Body=b"x" * size)
    running.rules({"do": "cut_after", "service": "cos", "operation": "GET object"})
    with pytest.raises(CosClientError):
        running.oss.client().get_object(Bucket=COS_BUCKET, Key="a")


def test_a_lost_reply_of_tablestore_leaves_the_row(running: Emulated) -> None:
    client = running.tables.ots()
    create(client)
    running.rules({"do": "cut_after", "operation": "PutRow"})
    with pytest.raises((urllib3.exceptions.HTTPError, tablestore.OTSClientError)):
        client.put_row("t", ROW, IGNORE)
    assert get(client, "a") == {"n": 1}


def test_a_run_of_concurrent_clients_is_repeated_by_its_seed(running: Emulated) -> None:
    def run(seed: int) -> list[tuple[str, bool]]:
        """Let each client write its own objects, and return which writes failed."""
        running.rules({"do": "error", "operation": "PUT object", "share": 0.4, "code": "InternalError"}, seed=seed)
        failed: list[tuple[str, bool]] = []

        def client(name: str) -> None:
            bucket = running.oss.bucket()
            for number in range(20):
                key = f"{name}{number % 5}"
                try:
                    bucket.put_object(key, b"x")
                    failed.append((key, False))
                except oss2.exceptions.ServerError:
                    failed.append((key, True))

        threads = [threading.Thread(target=client, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(failed, key=lambda each: each[0])  # the order of the writes of one key stays

    first = run(7)
    assert 0 < sum(each for _, each in first) < len(first)
    assert run(7) == first
    assert run(8) != first


def test_a_slow_request_waits_as_long_as_the_seed_says(running: Emulated) -> None:
    rule = {"do": "slow", "operation": "PUT object", "seconds": [2, 4]}
    running.rules(rule, {**rule, "when": "after", "seconds": 7})
    running.oss.bucket().put_object("a", b"x")
    first, second = running.sleeps.asked
    assert 2 <= first <= 4
    assert second == 7
    assert running.oss.bucket().object_exists("a")


def test_a_late_write_lands_after_its_client_has_given_up(running: Emulated) -> None:
    bucket = running.oss.bucket()
    bucket.put_object("a", b"old")
    running.sleeps.held = True
    running.rules({"do": "late", "operation": "PUT object?tagging", "seconds": 40})
    tags = oss2.models.Tagging()
    tags.tag_set.add("k", "late")
    with pytest.raises(oss2.exceptions.RequestError):
        bucket.put_object_tagging("a", tags)
    running.sleeps.wait_for_one()
    assert bucket.get_object_tagging("a").tag_set.tagging_rule == {}
    running.sleeps.end()
    wait_for(lambda: running.calls(operation="PUT object?tagging"))
    assert bucket.get_object_tagging("a").tag_set.tagging_rule == {"k": "late"}
    assert [call["status"] for call in running.calls(operation="PUT object?tagging")] == [200]
    assert running.sleeps.asked == [40.0]


@pytest.mark.parametrize(("signature", "landed"), [("arrival", True), ("effect", False)])
def test_a_late_write_whose_key_has_expired_lands_only_if_it_is_checked_at_its_arrival(
    running: Emulated, signature: str, landed: bool
) -> None:
    key = running.oss.keyring.issue(600)
    running.sleeps.held = True
    running.rules({"do": "late", "operation": "PUT object", "seconds": 40, "signature": signature})
    with pytest.raises(oss2.exceptions.RequestError):
        running.oss.bucket(key=key).put_object("a", b"x")
    running.sleeps.wait_for_one()
    running.oss.keyring.expire(key.id)
    running.sleeps.end()
    call = wait_for(lambda: running.calls(operation="PUT object"))[0]
    assert (call["code"], call["faults"]) == ("" if landed else "SecurityTokenExpired", ["late"])
    assert running.oss.bucket().object_exists("a") is landed


def test_the_emulator_stops_without_waiting_for_faults_and_what_waited_has_no_effect(tmp_path: Path) -> None:
    with emulated(tmp_path) as running:
        running.sleeps.held = True
        running.rules({"do": "late", "operation": "PUT object", "seconds": 4000, "reply": "none"})
        thread = threading.Thread(target=lambda: refused(running.oss.bucket().put_object, "a", b"x"))
        thread.start()
        running.sleeps.wait_for_one()
    thread.join()
    with emulated(tmp_path) as again:
        assert not again.oss.bucket().object_exists("a")


def test_no_fault_is_told_as_a_failure_of_the_emulator_itself(
    running: Emulated, caplog: pytest.LogCaptureFixture
) -> None:
    for do in ("cut_before", "cut_after", "cut_within", "late"):
        running.rules({"do": do, "operation": "PUT object", **({"seconds": 1} if do == "late" else {})})
        with pytest.raises(oss2.exceptions.RequestError):
            running.oss.bucket().put_object(do, b"x")
    wait_for(lambda: running.calls(key="late"))
    assert caplog.records == [record for record in caplog.records if not record.name.startswith("emulator")]


def test_requests_above_the_rate_of_a_second_are_throttled_in_the_words_of_the_service(running: Emulated) -> None:
    client = running.tables.ots()
    create(client)
    running.rules(
        {"do": "throttle", "service": "tablestore", "operation": "PutRow", "per_second": 1},
        {"do": "throttle", "service": "oss", "per_second": 0},
        {"do": "throttle", "service": "cos", "per_second": 0},
    )
    client.put_row("t", ROW, IGNORE)
    with pytest.raises(tablestore.OTSServiceError) as caught:
        client.put_row("t", ROW, IGNORE)
    assert (caught.value.get_http_status(), caught.value.get_error_code()) == (503, "OTSServerBusy")
    running.now[0] += 1
    client.put_row("t", ROW, IGNORE)
    error = refused(running.oss.bucket().put_object, "a", b"x")
    assert (error.status, error.code) == (503, "TotalQpsLimitExceeded")
    with pytest.raises(CosServiceError) as of_cos:
        running.oss.client().put_object(Bucket=COS_BUCKET, Key="a", Body=b"x")
    assert (of_cos.value.get_status_code(), of_cos.value.get_error_code()) == (503, "SlowDown")
    assert running.counts() == [(3, 1), (1, 1), (1, 1)]


def test_a_throttled_table_may_lack_capacity_units(running: Emulated) -> None:
    client = running.tables.ots()
    create(client)
    running.rules({"do": "throttle", "per_second": 0, "code": "OTSNotEnoughCapacityUnit"})
    with pytest.raises(tablestore.OTSServiceError) as caught:
        client.put_row("t", ROW, IGNORE)
    assert (caught.value.get_http_status(), caught.value.get_error_code()) == (403, "OTSNotEnoughCapacityUnit")


def test_a_search_index_sees_a_row_only_after_the_lag(running: Emulated) -> None:
    client = running.tables.ots()
    create(client)
    schema = tablestore.SearchIndexMeta([tablestore.FieldSchema("n", tablestore.FieldType.LONG)])
    client.create_search_index("t", "i", schema)
    client.put_row("t", ROW, IGNORE)
    assert found(client) == 1
    running.rules({"do": "lag", "seconds": 3600})
    client.put_row("t", tablestore.Row([("pk", "b")], [("n", 1)]), IGNORE)
    assert found(client) == 1


def found(client: Any) -> int:
    query = tablestore.SearchQuery(tablestore.MatchAllQuery(), get_total_count=True)
    count: int = client.search("t", "i", query).total_count
    return count


def wait_for(look: Any) -> Any:
    """Ask until there is something."""
    while not (seen := look()):
        time.sleep(0.01)
    return seen
