"""Tables: which ones can be created, how they are described, and what is left after their removal."""

from __future__ import annotations

from typing import Any

import pytest
import tablestore
from tablestore import CapacityUnit, FieldSchema, FieldType, ReservedThroughput, TableMeta, TableOptions

from tests.emulator.aliyun.tablestore.asking import FREE, create, get, index, put, refused
from tests.emulator.running import RunningTablestore


def test_a_table_is_described_as_it_was_made(ots: RunningTablestore) -> None:
    client = ots.ots()
    key = [("a", "STRING"), ("b", "INTEGER"), ("c", "BINARY")]
    meta = TableMeta("t", key, [("label", "STRING"), ("n", "INTEGER")])
    client.create_table(meta, TableOptions(90000, 3, 100, False), ReservedThroughput(CapacityUnit(1, 2)))
    told = client.describe_table("t")
    assert told.table_meta.schema_of_primary_key == key
    assert told.table_meta.defined_columns == [("label", "STRING"), ("n", "INTEGER")]
    options = told.table_options
    assert (options.time_to_live, options.max_version, options.max_time_deviation) == (90000, 3, 100)
    assert options.allow_update is False
    assert told.reserved_throughput_details.capacity_unit.write == 2


def test_options_that_are_not_given_have_the_service_s_defaults(client: Any) -> None:
    options = client.describe_table("t").table_options
    assert (options.time_to_live, options.max_version, options.max_time_deviation) == (-1, 1, 86400)
    assert options.allow_update is True


def test_tables_are_listed_by_name_and_gone_when_deleted(client: Any) -> None:
    create(client, "a")
    assert list(client.list_table()) == ["a", "t"]
    client.delete_table("a")
    assert list(client.list_table()) == ["t"]
    assert refused(client.describe_table, "a") == (404, "OTSObjectNotExist", "Requested table does not exist.")


def test_a_table_made_again_is_empty(client: Any) -> None:
    put(client, "a", n=1)
    client.delete_table("t")
    create(client)
    assert get(client, "a") is None


def test_a_name_that_is_taken_is_refused_and_the_table_stays(client: Any) -> None:
    put(client, "a", n=1)
    answer = refused(create, client)
    assert answer == (409, "OTSObjectAlreadyExist", "Requested table already exists.")
    assert get(client, "a") == {"n": 1}


def test_options_are_changed_and_the_others_stay(client: Any) -> None:
    client.update_table("t", TableOptions(time_to_live=90000, max_version=2))
    options = client.describe_table("t").table_options
    assert (options.time_to_live, options.max_version, options.max_time_deviation) == (90000, 2, 86400)


@pytest.mark.parametrize(
    ("meta", "options", "message"),
    [
        (TableMeta("1t", [("pk", "STRING")]), TableOptions(), "Invalid table name: '1t'."),
        (TableMeta("n" * 256, [("pk", "STRING")]), TableOptions(), "Invalid table name"),
        (TableMeta("u", [("p k", "STRING")]), TableOptions(), "Invalid primary key name: 'p k'."),
        (TableMeta("u", [("a", "STRING"), ("a", "STRING")]), TableOptions(), "Duplicated primary key name: 'a'."),
        (TableMeta("u", []), TableOptions(), "The number of primary key columns must be in range: [1, 4]."),
        (TableMeta("u", [(name, "STRING") for name in "abcde"]), TableOptions(), "in range: [1, 4]"),
        (TableMeta("u", [("a", "BOOLEAN")]), TableOptions(), "PK_BOOLEAN is an invalid type for the primary key."),
        (TableMeta("u", [("a", "STRING")], [("a", "STRING")]), TableOptions(), "Duplicated column name: 'a'."),
        (TableMeta("u", [("a", "STRING")]), TableOptions(time_to_live=86399), "at least 86400 seconds"),
        (TableMeta("u", [("a", "STRING")]), TableOptions(max_version=0), "The max versions must be at least 1."),
        (TableMeta("u", [("a", "STRING")]), TableOptions(max_time_deviation=0), "at least 1 second"),
    ],
)
def test_what_cannot_be_a_table_is_refused(client: Any, meta: Any, options: Any, message: str) -> None:
    status, code, said = refused(client.create_table, meta, options, FREE)
    assert (status, code) == (400, "OTSParameterInvalid")
    assert message in said
    assert list(client.list_table()) == ["t"]


def test_the_65th_table_is_refused(client: Any) -> None:
    for n in range(63):
        create(client, f"t{n}")
    assert refused(create, client, "one_more")[:2] == (403, "OTSQuotaExhausted")


def test_what_is_not_built_of_tables_is_refused_by_name(client: Any) -> None:
    meta, secret = (
        TableMeta("u", [("a", "STRING")]),
        tablestore.SSESpecification(True, tablestore.SSEKeyType.SSE_KMS_SERVICE),
    )
    assert "server-side encryption" in refused(client.create_table, meta, TableOptions(), FREE, [], secret)[2]


FIELDS = [FieldSchema("k", FieldType.KEYWORD)]


def test_a_table_with_a_search_index_stays_until_that_is_gone(client: Any) -> None:
    index(client, FIELDS)
    assert "delete them first: i" in refused(client.delete_table, "t")[2]
    client.delete_search_index("t", "i")
    client.delete_table("t")
    assert list(client.list_table()) == []


def test_rows_that_end_cannot_be_searched_unless_they_are_never_updated(ots: RunningTablestore) -> None:
    client = ots.ots()
    create(client, time_to_live=90000)
    assert refused(index, client, FIELDS)[2] == "operation is denied as table TTL exists"
    client.update_table("t", TableOptions(time_to_live=90000, allow_update=False))
    index(client, FIELDS)
    assert refused(client.update_table, "t", TableOptions(90000, 1, allow_update=True))[:2] == (
        400,
        "OTSParameterInvalid",
    )


def test_more_versions_than_one_cannot_be_searched(ots: RunningTablestore) -> None:
    client = ots.ots()
    create(client, max_version=2)
    assert "max_versions 1" in refused(index, client, FIELDS)[2]
