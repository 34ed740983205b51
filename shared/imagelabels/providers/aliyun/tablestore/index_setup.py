"""Makes an index in Tablestore, tells whether one is as this version needs it, and brings an older one up to date."""

from __future__ import annotations

from typing import Any

import tablestore as ots

from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import SCHEMA
from imagelabels.ports.examined import IndexState
from imagelabels.providers.aliyun.tablestore import image_columns
from imagelabels.providers.aliyun.tablestore.client import EXISTS, Instance, below, equals, every
from imagelabels.providers.aliyun.tablestore.tables import FIELDS, IMAGES, KEPT, KEYS, SEARCH, Field
from imagelabels.records import rows

_EXISTS_ALREADY = "OTSObjectAlreadyExist"

LOOKED_AT = 100
"""So many rows are looked at to learn whether an older version wrote rows."""


def create(instance: Instance) -> None:
    """Make what is missing of the tables and the search index; what is there is checked and left as it is."""
    create_tables(instance)
    if not _has_search(instance):
        _create_search(instance)
    if lacking := _lacking(_described(instance)):
        raise Misconfigured(_lack(lacking))


def create_tables(instance: Instance) -> None:
    """Make the tables that the ledger needs."""
    there = set(instance.call("ListTable", "", instance.sdk.list_table))
    for table in KEYS:
        if table not in there:
            _create_table(instance, table)
        _check_table(instance, table)


def state(instance: Instance) -> IndexState:
    """Say how the index stands, and change nothing."""
    there = set(instance.call("ListTable", "", instance.sdk.list_table))
    missing = tuple(table for table in KEYS if table not in there)
    foreign = tuple(table for table in KEYS if table in there and _keys(instance, table) != KEYS[table])
    if IMAGES in missing or IMAGES in foreign:
        return IndexState(missing, foreign)
    if not _has_search(instance):
        return IndexState(missing, foreign, "missing", old_rows=_has_old_rows(instance))
    described = _described(instance)
    return IndexState(
        missing,
        foreign,
        "building" if _is_building(described) else "ready",
        tuple(_lacking(described)),
        _has_old_rows(instance),
    )


def check(instance: Instance) -> None:
    """Check the search index: Misconfigured if it lacks a field of ours, Unavailable while it is still being built."""
    described = _described(instance)
    if lacking := _lacking(described):
        raise Misconfigured(_lack(lacking))
    if _is_building(described):
        raise Unavailable(
            "index_error", "the search index is still being built and knows a part of the rows: try later"
        )


def migrate(instance: Instance) -> int:
    """Bring tables, search index and rows up to date; return how many rows were written.

    May be cut off and started again at any time: rows that are done are passed over, unless the search index lacks
    fields. Then every row is written, since it may lack their columns, and after that the search index is deleted and
    made again: until it is built no search is answered. Rows that change meanwhile are written by who changes them.
    """
    there = set(instance.call("ListTable", "", instance.sdk.list_table))
    lacks = IMAGES in there and _has_search(instance) and bool(_lacking(_described(instance)))
    create_tables(instance)
    written = _write_rows(instance, None if lacks else below("schema", SCHEMA))
    if lacks:  # last, so that a migration that was cut off writes the rows when it is run again
        instance.call("DeleteSearchIndex", IMAGES, lambda: instance.sdk.delete_search_index(IMAGES, SEARCH))
    create(instance)
    return written


def _write_rows(instance: Instance, which: Any) -> int:
    """Write the rows with all columns that their records make; return how many were written."""
    written = 0
    columns = [*image_columns.NAME, "schema", "updated_at", "record"]
    for key, row, _ in instance.range(IMAGES, (), columns, which):
        if "record" not in row:
            continue
        record = rows.read_record(image_columns.read_name(row), SCHEMA, row["record"])
        put = image_columns.finished(record)
        gone = [column for column in image_columns.RECORD if column not in put]
        as_seen = every(equals("schema", row["schema"]), equals("updated_at", row["updated_at"]))
        written += instance.update(IMAGES, key, put, gone, as_seen, EXISTS)
    return written


def _create_table(instance: Instance, table: str) -> None:
    meta = ots.TableMeta(table, [(column, "STRING") for column in KEYS[table]])
    options = ots.TableOptions(KEPT.get(table, -1), 1)
    throughput = ots.ReservedThroughput(ots.CapacityUnit(0, 0))
    _made(instance, "CreateTable", table, lambda: instance.sdk.create_table(meta, options, throughput))


def _create_search(instance: Instance) -> None:
    meta = ots.SearchIndexMeta([_schema(field) for field in FIELDS])
    _made(instance, "CreateSearchIndex", IMAGES, lambda: instance.sdk.create_search_index(IMAGES, SEARCH, meta))


def _made(instance: Instance, operation: str, table: str, send: Any) -> None:
    """Make something that somebody else may be making at the same time, or that our own first attempt has made."""

    def once() -> None:
        try:
            send()
        except ots.OTSServiceError as error:
            if error.code != _EXISTS_ALREADY:
                raise

    instance.call(operation, table, once)


def _keys(instance: Instance, table: str) -> tuple[str, ...]:
    """Return the names of a table's primary key."""
    described = instance.call("DescribeTable", table, lambda: instance.sdk.describe_table(table))
    return tuple(name for name, *_ in described.table_meta.schema_of_primary_key)


def _has_old_rows(instance: Instance) -> bool:
    """Tell whether some of the first rows are of an older version. Keys are hashes, so the first rows are as good as
    any."""
    start, end = ([(name, bound) for name in KEYS[IMAGES]] for bound in (ots.INF_MIN, ots.INF_MAX))
    _, _, found, _ = instance.call(
        "GetRange",
        IMAGES,
        lambda: instance.sdk.get_range(
            IMAGES, ots.Direction.FORWARD, start, end, ["schema"], limit=LOOKED_AT, max_version=1
        ),
    )
    return any(value < SCHEMA for row in found for name, value, _ in row.attribute_columns if name == "schema")


def _check_table(instance: Instance, table: str) -> None:
    keys = _keys(instance, table)
    if keys != KEYS[table]:
        raise Misconfigured(
            f"the table {table} has the primary key {', '.join(keys)} instead of {', '.join(KEYS[table])}: "
            "it is not ours; use an instance without it"
        )


def _has_search(instance: Instance) -> bool:
    found = instance.call("ListSearchIndex", IMAGES, lambda: instance.sdk.list_search_index(IMAGES))
    return (IMAGES, SEARCH) in [tuple(pair) for pair in found]


def _described(instance: Instance) -> Any:
    return instance.call(
        "DescribeSearchIndex", IMAGES, lambda: tuple(instance.sdk.describe_search_index(IMAGES, SEARCH))[:2]
    )


def _is_building(described: Any) -> bool:
    """Tell whether the search index does not know all rows yet."""
    _, sync = described
    return sync is not None and sync.sync_phase == ots.SyncPhase.FULL


def _lacking(described: Any) -> list[str]:
    """List the fields of ours that a search index lacks, or has as something else."""
    meta, _ = described
    return _without({field.field_name: field for field in meta.fields}, FIELDS)


def _without(found: dict[str, Any], fields: tuple[Field, ...], path: str = "") -> list[str]:
    missing = []
    for field in fields:
        there = found.get(field.name)
        if there is None or there.field_type != _KINDS[field.kind] or bool(there.is_array) != field.array:
            missing.append(path + field.name)
        elif field.inner:
            inner = {one.field_name: one for one in there.sub_field_schemas}
            missing += _without(inner, field.inner, f"{path}{field.name}.")
    return missing


def _lack(fields: list[str]) -> str:
    return (
        f"the search index {SEARCH} lacks {', '.join(fields)}: run `imagelabels index migrate`, which builds it again"
    )


_KINDS = {
    "KEYWORD": ots.FieldType.KEYWORD,
    "LONG": ots.FieldType.LONG,
    "DOUBLE": ots.FieldType.DOUBLE,
    "NESTED": ots.FieldType.NESTED,
}


def _schema(field: Field) -> Any:
    nested = [_schema(inner) for inner in field.inner]
    if nested:
        return ots.FieldSchema(field.name, ots.FieldType.NESTED, sub_field_schemas=nested)
    return ots.FieldSchema(field.name, _KINDS[field.kind], True, is_array=field.array, enable_sort_and_agg=True)
