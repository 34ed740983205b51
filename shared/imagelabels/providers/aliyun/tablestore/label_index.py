"""Searches Tablestore with one call per page of up to READ rows. The search index sees a row seconds after the
table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import tablestore as ots

from imagelabels.domain.errors import Damaged, Misconfigured, Unavailable
from imagelabels.domain.model import ImageRecord
from imagelabels.domain.query import ANY, STATES, Counts, LeftOut, Page, Query, most_first, summed
from imagelabels.ports import Unfinished
from imagelabels.providers.aliyun.tablestore import backlog, image_columns, index_setup
from imagelabels.providers.aliyun.tablestore.client import Instance
from imagelabels.providers.aliyun.tablestore.label_query import TablestoreQuestion
from imagelabels.providers.aliyun.tablestore.tables import IMAGES, SEARCH, readable, word
from imagelabels.records import paging, rows
from imagelabels.records.left_out import left_out
from imagelabels.records.paging import PagePosition

READ = 100
"""A call returns at most so many rows if it reads columns that the search index does not hold."""

GROUPS = 2000
"""At most so many ids are counted, those with the most rows first."""

_COLUMNS = [*image_columns.NAME, "schema", "record", "state", "reason"]


class TablestoreLabelIndex:
    """This is a LabelIndex. If an id is longer than tables.WORD, counts show what the search index has of it."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._ready = False

    def search(self, query: Query) -> Page:
        place, question = paging.place(query), TablestoreQuestion(query)
        found: list[tuple[ImageRecord, PagePosition]] = []
        missing: list[LeftOut] = []
        matching = None if question.none else question.matching(place)
        for key, columns in self._rows(matching, question.sort(), _COLUMNS, lambda: query.limit + 1 - len(found)):
            record = _read(columns, key)
            if isinstance(record, LeftOut):
                missing.append(record)
            elif record is not None:
                found.append((record, PagePosition(_rank(record, query, question), record.ref.uri)))
        shown = found[: query.limit]
        following = paging.token(query, shown[-1][1]) if len(found) > query.limit else None
        return Page(tuple(record for record, _ in shown), following, tuple(missing))

    def count(self, query: Query) -> Counts:
        if query.state == ANY:  # notes are counted of some states only
            return summed(self.count(replace(query, state=state)) for state in STATES)
        question = TablestoreQuestion(query)
        if question.none:
            return Counts(0, {}, {})
        names = ("ids", "categories") if query.state == "labelled" else ("reason", "notes")
        groups = [ots.GroupByField(name, GROUPS, name=name) for name in names]
        answer = self._ask(
            ots.SearchQuery(question.matching(), limit=0, get_total_count=True, group_bys=groups),
            ots.ColumnsToGet(return_type=ots.ColumnReturnType.NONE),
        )
        counted = {group.name: _most_first(group.items) for group in answer.group_by_results}
        states = {query.state: answer.total_count} if answer.total_count else {}
        if query.state == "labelled":
            return Counts(answer.total_count, counted["ids"], counted["categories"], states)
        return Counts(answer.total_count, {}, {}, states, counted["reason"], counted["notes"])

    def unfinished(
        self,
        now: float,
        bucket: str = "",
        prefix: str = "",
        after: str = "",
        limit: int = 100,
        without: Collection[str] = (),
    ) -> tuple[Unfinished, ...]:
        found: list[Unfinished] = []
        question = backlog.question(now, bucket, prefix, after, without)
        by_uri = ots.Sort([ots.FieldSort("uri", ots.SortOrder.ASC)])
        for key, columns in self._rows(question, by_uri, backlog.COLUMNS, lambda: limit - len(found)):
            if (unfinished := backlog.read(columns, key, now)) is not None:
                found.append(unfinished)
        return tuple(found)

    def _rows(
        self, question: Any, sort: Any, columns: Sequence[str], wanted: Callable[[], int]
    ) -> Iterator[tuple[object, dict[str, Any]]]:
        """Yield the key and the columns of each row that matches, while `wanted` says that more rows are wanted.

        An answer may have rows without columns, or fewer rows than there are, since the search index still knows rows
        that were removed from the table. So neither a row nor their number tells where to go on: the token does.
        """
        token = None
        while question is not None and (most := min(wanted(), READ)) > 0:
            answer = self._ask(
                # The token holds the order, and the service refuses to be told both.
                ots.SearchQuery(question, sort if token is None else None, next_token=token, limit=most),
                ots.ColumnsToGet(list(columns), ots.ColumnReturnType.SPECIFIED),
            )
            for key, row in answer.rows:
                yield key, {name: value for name, value, *_ in row}
            if not (token := answer.next_token):
                return

    def _ask(self, query: Any, columns: Any) -> Any:
        if not self._ready:
            index_setup.check(self._instance)
            self._ready = True
        answer = self._instance.call(
            "Search", IMAGES, lambda: self._instance.sdk.search(IMAGES, SEARCH, query, columns)
        )
        if not answer.is_all_succeed:
            raise Unavailable("index_error", "the search index answered with a part of the rows only: ask again")
        return answer


def _read(columns: dict[str, Any], key: object) -> ImageRecord | LeftOut | None:
    """Read the row as the table has it now; None if it was removed, or if only a lock is left of it. Where it cannot be
    read, return what is known of it."""
    if "state" not in columns:
        return None
    name, ref = str(columns.get("uri", key)), None
    try:
        with rows.undamaged_row(name):
            ref = image_columns.read_name(columns)
        return image_columns.read_finished(columns, ref) or rows.unfinished(ref, columns.get("reason"))
    except (Damaged, Misconfigured) as error:  # Misconfigured: another version wrote the row.
        return left_out(name, ref, error)


def _rank(record: ImageRecord, query: Query, question: TablestoreQuestion) -> float:
    if query.order == "uri":
        return 0.0
    if query.order != "confidence":
        return record.updated_at
    if not question.ranked:
        return max(rows.postings(record).values(), default=0.0)
    sure = {one["id"]: one["confidence"] for one in image_columns.postings(record)}
    counting = (
        sure[label_id]
        for term in question.ranked
        for label_id in map(word, term.ids)
        if label_id in sure and sure[label_id] >= term.least
    )
    return float(max(counting, default=0.0))


def _most_first(groups: list[Any]) -> dict[str, int]:
    return most_first({readable(group.key): group.row_count for group in groups})
