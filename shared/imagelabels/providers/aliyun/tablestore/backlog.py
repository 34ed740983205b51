"""Asks the search index for the rows on which work is not done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import tablestore as ots

from imagelabels.domain.errors import Damaged
from imagelabels.ports import MARGIN, Unfinished
from imagelabels.providers.aliyun.tablestore import image_columns
from imagelabels.providers.aliyun.tablestore.label_query import any_of, begins
from imagelabels.providers.aliyun.tablestore.tables import sendable
from imagelabels.records import rows
from imagelabels.records.left_out import left_out

COLUMNS = [*image_columns.NAME, "state", "reason", "waiting", "lock_until", "updated_at"]


def question(now: float, bucket: str, prefix: str, after: str, without: Collection[str]) -> Any:
    """Match the rows that ports.LabelIndex.unfinished names."""
    dead = ots.RangeQuery("lock_until", None, rows.milliseconds(now - MARGIN))
    conditions = [any_of([ots.TermsQuery("state", ["parked", "waiting"]), ots.ExistsQuery("waiting"), dead])]
    if bucket:
        conditions.append(ots.TermQuery("bucket", bucket))
    if prefix:
        conditions.append(begins(sendable(prefix)))
    if after:
        conditions.append(ots.RangeQuery("uri", sendable(after), include_lower=False))
    return ots.BoolQuery(filter_queries=conditions, must_not_queries=[_because(without)] if without else [])


def _because(reasons: Collection[str]) -> Any:
    """Match the rows whose reason is one of these: the one that is noted beside a row counts before the row's own."""
    named = sorted(map(sendable, reasons))
    its_own = ots.BoolQuery(
        filter_queries=[ots.TermsQuery("reason", named)], must_not_queries=[ots.ExistsQuery("waiting")]
    )
    return any_of([ots.TermsQuery("waiting", named), its_own])


def read(columns: Mapping[str, Any], key: object, now: float) -> Unfinished | None:
    """Read the row as the table has it now; None if it was removed, if its work has been done meanwhile, or if it
    cannot be read."""
    if not columns:
        return None
    name = str(columns.get("uri", key))
    try:
        return _read(columns, name, now)
    except Damaged as error:
        left_out(name, None, error)
        return None


def _read(columns: Mapping[str, Any], name: str, now: float) -> Unfinished | None:
    state, waiting, until = columns.get("state"), columns.get("waiting"), columns.get("lock_until")
    with rows.undamaged_row(name):
        is_dead = until is not None and until < rows.milliseconds(now - MARGIN)
        if state not in ("parked", "waiting") and waiting is None and not is_dead:
            return None
        ref = image_columns.read_name(columns)
        lock_until = until / 1000 if until is not None else None
        parked_at = columns.get("updated_at") if state == "parked" and waiting is None else None
        return Unfinished(ref, state, waiting or columns.get("reason"), lock_until, parked_at)
