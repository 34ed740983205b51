"""Secondary indexes: tables that follow the rows of another table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tablestore import (
    INF_MAX,
    INF_MIN,
    Direction,
    FieldSchema,
    FieldType,
    Row,
    SearchIndexMeta,
    SecondaryIndexMeta,
    SecondaryIndexType,
    TableMeta,
    TableOptions,
)

from tests.emulator.aliyun.tablestore.asking import FREE, IGNORE, refused
from tests.emulator.running import running_tablestore

KEY = [("owner", "STRING"), ("n", "INTEGER")]
DEFINED = [("color", "STRING"), ("size", "INTEGER"), ("ok", "BOOLEAN"), ("d", "DOUBLE"), ("raw", "BINARY")]
BY_COLOR = SecondaryIndexMeta("by_color", ["color"], ["size"])
LOCAL = SecondaryIndexMeta("local", ["owner", "size"], ["color"], SecondaryIndexType.LOCAL_INDEX)


def create(client: Any, *indexes: Any, name: str = "t", options: Any = None) -> None:
    client.create_table(TableMeta(name, KEY, DEFINED), options or TableOptions(), FREE, list(indexes))


@pytest.fixture
def client(ots: Any) -> Any:
    client = ots.ots()
    create(client, BY_COLOR, LOCAL)
    return client


def put(client: Any, owner: str, n: int, **columns: Any) -> None:
    client.put_row("t", Row([("owner", owner), ("n", n)], list(columns.items())), IGNORE)


def listed(client: Any, name: str, *columns: str) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    low, high = ([(column, end) for column in columns] for end in (INF_MIN, INF_MAX))
    rows = client.get_range(name, Direction.FORWARD, low, high, max_version=1)[2]
    return [
        (tuple(value for _, value in row.primary_key), {cell[0]: cell[1] for cell in row.attribute_columns})
        for row in rows
    ]


def colors(client: Any) -> list[Any]:
    return listed(client, "by_color", "color", "owner", "n")


def test_an_index_has_its_own_columns_first_and_then_the_rest_of_the_key(client: Any) -> None:
    put(client, "a", 1, color="red", size=3, other="x")
    put(client, "b", 2, color="blue", size=1)
    assert colors(client) == [(("blue", "b", 2), {"size": 1}), (("red", "a", 1), {"size": 3})]
    assert listed(client, "local", "owner", "size", "n") == [
        (("a", 3, 1), {"color": "red"}),
        (("b", 1, 2), {"color": "blue"}),
    ]
    _, row, _ = client.get_row("by_color", [("color", "red"), ("owner", "a"), ("n", 1)], max_version=1)
    assert [cell[:2] for cell in row.attribute_columns] == [("size", 3)]


def test_an_index_follows_every_change_of_a_row(client: Any) -> None:
    put(client, "a", 1, color="red", size=3)
    client.update_row("t", Row([("owner", "a"), ("n", 1)], {"put": [("color", "green")]}), IGNORE)
    assert colors(client) == [(("green", "a", 1), {"size": 3})]
    client.update_row("t", Row([("owner", "a"), ("n", 1)], {"delete_all": ["size"]}), IGNORE)
    assert colors(client) == [(("green", "a", 1), {})]
    assert listed(client, "local", "owner", "size", "n") == []
    client.delete_row("t", [("owner", "a"), ("n", 1)], IGNORE)
    assert colors(client) == []


def test_a_row_without_a_column_of_the_key_or_of_another_type_is_not_in_the_index(client: Any) -> None:
    put(client, "a", 1, size=3)
    put(client, "a", 2, color=5)
    assert colors(client) == []


def test_a_new_index_holds_the_rows_that_exist_only_if_asked_to(ots: Any) -> None:
    client = ots.ots()
    create(client)
    put(client, "a", 1, color="red")
    client.create_secondary_index("t", BY_COLOR, False)
    assert colors(client) == []
    client.delete_secondary_index("t", "by_color")
    client.create_secondary_index("t", BY_COLOR, True)
    assert colors(client) == [(("red", "a", 1), {})]


def test_indexes_are_described_listed_and_dropped(client: Any) -> None:
    told = client.describe_table("t").secondary_indexes
    assert [(meta.index_name, meta.primary_key_names, meta.defined_column_names) for meta in told] == [
        ("by_color", ["color"], ["size"]),
        ("local", ["owner", "size"], ["color"]),
    ]
    assert [meta.index_type for meta in told] == [SecondaryIndexType.GLOBAL_INDEX, SecondaryIndexType.LOCAL_INDEX]
    key = client.describe_table("by_color").table_meta.schema_of_primary_key
    assert key == [("color", "STRING"), ("owner", "STRING"), ("n", "INTEGER")]
    assert list(client.list_table()) == ["by_color", "local", "t"]
    client.delete_secondary_index("t", "local")
    assert list(client.list_table()) == ["by_color", "t"]
    assert refused(client.delete_secondary_index, "t", "local")[:2] == (404, "OTSObjectNotExist")


def test_indexes_go_with_their_table(client: Any) -> None:
    client.delete_table("t")
    assert list(client.list_table()) == []
    create(client, BY_COLOR)
    assert colors(client) == []


def test_indexes_and_their_rows_are_there_after_a_restart(tmp_path: Path) -> None:
    with running_tablestore(tmp_path) as first:
        create(first.ots(), BY_COLOR)
        put(first.ots(), "a", 1, color="red")
    with running_tablestore(tmp_path) as second:
        client = second.ots()
        put(client, "a", 1, color="blue")
        assert colors(client) == [(("blue", "a", 1), {})]
        assert "can be read only" in refused(client.delete_table, "by_color")[2]


def test_a_table_would_get_options_that_its_index_does_not_get(tmp_path: Path) -> None:
    with running_tablestore(tmp_path) as first:
        create(first.ots(), BY_COLOR)
        with closing(sqlite3.connect(tmp_path / "tablestore" / "tablestore.sqlite")) as db:
            db.execute(
                "CREATE TRIGGER full BEFORE UPDATE ON data_table WHEN NEW.name = 'by_color'"
                " BEGIN SELECT RAISE(ABORT, 'no space'); END"
            )
        assert refused(first.ots().update_table, "t", TableOptions(90000, 1, allow_update=False))[0] == 500
    with running_tablestore(tmp_path) as second:
        lives = [second.ots().describe_table(name).table_options.time_to_live for name in ("t", "by_color")]
        assert lives == [-1, -1]


def test_an_index_can_be_read_only(client: Any) -> None:
    row = Row([("color", "red"), ("owner", "a"), ("n", 1)], [])
    meta = SearchIndexMeta([FieldSchema("color", FieldType.KEYWORD)])
    for call, *options in (
        (client.put_row, "by_color", row, IGNORE),
        (client.delete_row, "by_color", row.primary_key, IGNORE),
        (client.update_table, "by_color", TableOptions(-1, 1)),
        (client.delete_table, "by_color"),
        (client.create_secondary_index, "by_color", LOCAL, False),
        (client.create_search_index, "by_color", "i", meta),
        (client.start_local_transaction, "by_color", [("color", "red")]),
    ):
        said = refused(call, *options)
        assert said[:2] == (400, "OTSParameterInvalid")
        assert said[2] == "by_color is a secondary index of the table t and can be read only."


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        (SecondaryIndexMeta("1x", ["color"], []), "Invalid index name: '1x'."),
        (SecondaryIndexMeta("x", [], []), "in range: [1, 4]"),
        (SecondaryIndexMeta("x", ["color", "size", "raw", "n", "owner"], []), "in range: [1, 4]"),
        (SecondaryIndexMeta("x", ["none"], []), "Column 'none' is neither"),
        (SecondaryIndexMeta("x", ["ok"], []), "Column 'ok' is neither"),
        (SecondaryIndexMeta("x", ["d"], []), "Column 'd' is neither"),
        (SecondaryIndexMeta("x", ["color"], ["none"]), "Column 'none' is not a defined column"),
        (SecondaryIndexMeta("x", ["color"], ["n"]), "Column 'n' is not a defined column"),
        (SecondaryIndexMeta("x", ["color"], ["color"]), "A column occurs twice"),
        (SecondaryIndexMeta("x", ["size"], [], SecondaryIndexType.LOCAL_INDEX), "must begin with 'owner'"),
    ],
)
def test_an_index_that_cannot_be_is_refused_with_the_table_or_later(client: Any, meta: Any, message: str) -> None:
    assert message in refused(client.create_secondary_index, "t", meta, False)[2]
    assert message in refused(create, client, meta, name="u")[2]
    assert list(client.list_table()) == ["by_color", "local", "t"]


def test_names_of_tables_and_indexes_differ(client: Any) -> None:
    assert refused(client.create_secondary_index, "t", BY_COLOR, False)[:2] == (409, "OTSObjectAlreadyExist")
    assert refused(create, client, BY_COLOR, name="u")[:2] == (409, "OTSObjectAlreadyExist")
    same = SecondaryIndexMeta("u", ["color"], [])
    assert "must differ" in refused(create, client, same, name="u")[2]


def test_a_table_has_at_most_five_indexes(client: Any) -> None:
    for n in range(3):
        client.create_secondary_index("t", SecondaryIndexMeta(f"i{n}", ["color"], []), False)
    more = SecondaryIndexMeta("i9", ["color"], [])
    assert refused(client.create_secondary_index, "t", more, False)[:2] == (403, "OTSQuotaExhausted")
    many = [SecondaryIndexMeta(f"m{n}", ["color"], []) for n in range(6)]
    assert refused(create, client, *many, name="u")[:2] == (403, "OTSQuotaExhausted")


def test_tables_and_indexes_together_are_at_most_64(client: Any) -> None:
    for n in range(60):
        client.create_table(TableMeta(f"t{n}", KEY, DEFINED), TableOptions(), FREE)
    extra = SecondaryIndexMeta("extra", ["color"], [])
    assert refused(create, client, extra, name="u")[:2] == (403, "OTSQuotaExhausted")
    client.create_secondary_index("t", extra, False)
    assert refused(client.create_secondary_index, "t", SecondaryIndexMeta("z", ["color"], []), False)[0] == 403


def test_several_versions_and_an_end_of_life_do_not_go_with_an_index(client: Any) -> None:
    assert "max_versions 1" in refused(create, client, BY_COLOR, name="u", options=TableOptions(-1, 2))[2]
    assert "max_versions 1" in refused(client.update_table, "t", TableOptions(-1, 2))[2]
    assert "time to live -1" in refused(client.update_table, "t", TableOptions(90000, 1))[2]
    client.update_table("t", TableOptions(90000, 1, allow_update=False))
    assert client.describe_table("by_color").table_options.time_to_live == 90000
