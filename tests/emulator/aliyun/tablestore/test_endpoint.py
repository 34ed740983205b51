"""The endpoint that Tablestore shares with OSS, and its answers to requests that are not its own."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.unknown_fields import UnknownFieldSet
from tablestore import FieldSchema, FieldType, SearchIndexMeta

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.values import Row
from tests.emulator.aliyun.tablestore.asking import create, index, put, refused
from tests.emulator.aliyun.tablestore.posting import posted
from tests.emulator.aliyun.tablestore.test_auth import signed
from tests.emulator.running import RunningTablestore


@pytest.mark.parametrize(
    "host",
    ["photos-inst.cn-hangzhou.ots.aliyuncs.com", "photos-inst.cn-hangzhou.vpc.tablestore.aliyuncs.com:9000"],
)
def test_an_instance_s_own_host_name_is_answered(ots: RunningTablestore, host: str) -> None:
    headers = signed("/ListTable", b"") | {"Host": host}
    assert ots.raw("POST", "/ListTable", headers, b"")[0] == 200


@pytest.mark.parametrize("host", ["photos-inst.cn-hangzhou.ots.evil.example", "ots.aliyuncs.com"])
def test_an_instance_at_a_foreign_host_name_is_not_there(ots: RunningTablestore, host: str) -> None:
    status, _, body = ots.raw("POST", "/ListTable", signed("/ListTable", b"") | {"Host": host}, b"")
    assert status == 403
    assert b"The emulator answers to" in body


def test_oss_is_still_there_on_the_same_port(ots: RunningTablestore) -> None:
    ots.store.create_bucket("photos")
    ots.bucket("photos").put_object("PutRow", b"x")
    assert ots.bucket("photos").get_object("PutRow").read() == b"x"


def test_only_post_is_for_tablestore(ots: RunningTablestore) -> None:
    status, _, body = ots.raw("GET", "/ListTable", signed("/ListTable", b""))
    assert (status, b"OTSMethodNotAllowed" in body) == (405, True)


def test_a_body_of_more_than_5_mb_is_refused(ots: RunningTablestore) -> None:
    body = bytes(5 * 1024 * 1024 + 1)
    status, _, answer = ots.raw("POST", "/PutRow", signed("/PutRow", body), body)
    assert (status, b"OTSRequestBodyTooLarge" in answer) == (413, True)


def test_a_body_that_is_no_message_is_refused(ots: RunningTablestore) -> None:
    status, _, answer = ots.raw("POST", "/PutRow", signed("/PutRow", b"\xff\xff"), b"\xff\xff")
    assert (status, b"Failed to parse the ProtoBuf message." in answer) == (400, True)


@pytest.mark.parametrize("instance", ["ab", "1photos", "photos-", "a-name-of-17-chars"])
def test_what_cannot_be_an_instance_s_name_is_not_found(ots: RunningTablestore, instance: str) -> None:
    assert refused(ots.ots(instance=instance).list_table) == (403, "OTSAuthFailed", "The instance is not found.")


def test_instances_do_not_see_each_other_s_tables(ots: RunningTablestore) -> None:
    one, other = ots.ots(instance="one-inst"), ots.ots(instance="other-inst")
    create(one)
    create(other)
    put(one, "a", n=1)
    assert other.get_row("t", [("pk", "a")], max_version=1)[1] is None
    other.delete_table("t")
    assert (list(one.list_table()), list(other.list_table())) == (["t"], [])


@pytest.mark.parametrize(
    ("call", "operation"),
    [
        (lambda client: client.exe_sql_query("select 1"), "SQLQuery"),
        (lambda client: client.list_timeseries_table(), "ListTimeseriesTable"),
        (lambda client: client.delete_timeseries_table("t"), "DeleteTimeseriesTable"),
        (lambda client: client.update_search_index("t", "i", SearchIndexMeta([])), "UpdateSearchIndex"),
    ],
)
def test_what_is_not_built_is_refused_by_its_name(client: Any, call: Any, operation: str) -> None:
    status, code, message = refused(call, client)
    assert (status, code) == (400, "OTSUnsupportOperation")
    assert message == f"The emulator does not have this operation: {operation}"


def test_the_vendors_sdk_for_node_finds_the_states_that_it_cannot_do_without(
    ots: RunningTablestore, client: Any
) -> None:
    index(client, [FieldSchema("k", FieldType.KEYWORD, index=True)])
    asked = messages.table.DescribeTableRequest(table_name="t").SerializeToString()
    _, answer = posted(ots, "DescribeTable", asked)
    (state,) = UnknownFieldSet(messages.table.DescribeTableResponse.FromString(answer))
    assert (state.field_number, state.wire_type, state.data) == (4, 0, 1)
    asked = messages.search.DescribeSearchIndexRequest(table_name="t", index_name="i").SerializeToString()
    _, answer = posted(ots, "DescribeSearchIndex", asked)
    (state,) = UnknownFieldSet(messages.search.DescribeSearchIndexResponse.FromString(answer))
    assert (state.field_number, state.wire_type, state.data) == (8, 2, b"\x08\x03")


def test_a_field_of_the_future_is_refused_by_its_number(ots: RunningTablestore, client: Any) -> None:
    asked = messages.table.DescribeTableRequest(table_name="t").SerializeToString() + bytes(
        [99 << 3 & 0x7F | 0x80, 6, 1]
    )
    status, answer = posted(ots, "DescribeTable", asked)
    assert (status, b"DescribeTable with the field number 99 of DescribeTableRequest" in answer) == (400, True)


def test_a_field_of_the_future_is_refused_within_another_field_too(ots: RunningTablestore, client: Any) -> None:
    options = messages.table.TableOptions(max_versions=1).SerializeToString() + bytes([15 << 3, 1])
    asked = messages.table.UpdateTableRequest(table_name="t").SerializeToString() + bytes([3 << 3 | 2, len(options)])
    assert messages.table.UpdateTableRequest.FromString(asked + options).HasField("table_options")
    status, answer = posted(ots, "UpdateTable", asked + options)
    assert (status, b"UpdateTable with the field number 15 of TableOptions" in answer) == (400, True)


def test_parameters_in_the_address_are_refused(ots: RunningTablestore) -> None:
    status, _, answer = ots.raw("POST", "/ListTable?limit=1", signed("/ListTable", b""), b"")
    assert (status, b"no parameters" in answer) == (400, True)


def test_a_read_that_goes_on_within_a_row_is_refused_by_name(ots: RunningTablestore, client: Any) -> None:
    key = plainbuffer.write([Row((("pk", "a"),), ())])
    asked = messages.table.GetRowRequest(table_name="t", primary_key=key, max_versions=1, token=b"x")
    status, answer = posted(ots, "GetRow", asked.SerializeToString())
    assert (status, b"reads with token" in answer) == (400, True)


def test_a_text_that_is_not_utf_8_is_the_clients_mistake(ots: RunningTablestore, client: Any) -> None:
    asked = messages.table.DescribeTableRequest(table_name="tttt").SerializeToString().replace(b"tttt", b"t\xff\xfet")
    status, answer = posted(ots, "DescribeTable", asked)
    assert (status, b"Failed to parse the ProtoBuf message." in answer) == (400, True)


@pytest.mark.parametrize("depth", [50, 990, 5000])
def test_a_query_of_any_depth_is_answered_or_refused(ots: RunningTablestore, client: Any, depth: int) -> None:
    index(client, [FieldSchema("k", FieldType.KEYWORD, index=True)])
    put(client, "a", k="x")
    query = messages.search.Query(type=messages.search.MATCH_ALL_QUERY)
    for _ in range(depth):
        inner = messages.search.BoolQuery(must_queries=[query])
        query = messages.search.Query(type=messages.search.BOOL_QUERY, query=inner.SerializeToString())
    search_query = messages.search.SearchQuery(query=query, limit=1, get_total_count=True)
    asked = messages.search.SearchRequest(table_name="t", index_name="i", search_query=search_query.SerializeToString())
    asked.columns_to_get.return_type = messages.search.RETURN_NONE
    body = asked.SerializeToString()
    status, answer = posted(ots, "Search", body)
    assert (status, b"nested too deeply" in answer) == ((200, False) if depth <= 100 else (400, True))


def test_calls_are_counted_by_operation_for_all_services(ots: RunningTablestore) -> None:
    client = ots.ots()
    create(client)
    for n in range(3):
        put(client, "a", n=n)
    refused(client.describe_table, "nothing")
    ots.store.create_bucket("photos")
    ots.bucket("photos").put_object("a", b"x")
    ots.bucket("photos").get_object_tagging("a")
    refused(ots.ots(instance="one").exe_sql_query, "select 1")
    _, _, body = ots.raw("GET", "/_emulator/calls")
    expected = (
        '{"OSS GET object?tagging": 1, "OSS PUT object": 1, "Tablestore CreateTable": 1,'
        ' "Tablestore DescribeTable": 1, "Tablestore PutRow": 3}'
    )
    assert body.decode() == expected
