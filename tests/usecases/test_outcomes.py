"""Lists of what became of objects go on from page to page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.query import LIMIT, Counts, Page, Query
from imagelabels.ports import Unfinished
from imagelabels.usecases.outcomes import PAGE, Chosen, listed, unfinished
from tests.contract.samples import record

REFS = [ObjectRef("oss", "photos", f"{number:04}.jpg") for number in range(LIMIT + PAGE)]
ROWS = [record(ref) for ref in REFS]


@dataclass
class Shelf:
    """An index whose page tokens are the numbers of rows."""

    rows: list[ImageRecord]
    asked: list[Query] = field(default_factory=list)

    def search(self, query: Query) -> Page:
        self.asked.append(query)
        start = int(query.page or 0)
        end = start + query.limit
        return Page(tuple(self.rows[start:end]), str(end) if end < len(self.rows) else None)

    def count(self, query: Query) -> Counts:
        raise AssertionError("a list asks for no counts")

    def unfinished(
        self, now: float, bucket: str = "", prefix: str = "", after: str = "", limit: int = 100, without: object = ()
    ) -> tuple[Unfinished, ...]:
        behind = [row for row in self.rows if row.ref.uri > after and row.ref.uri.startswith(f"{bucket}/{prefix}")]
        return tuple(Unfinished(row.ref, "parked", "budget", None) for row in behind[:limit])


def test_a_list_would_end_with_its_first_page() -> None:
    shelf = Shelf(ROWS)
    assert list(listed(shelf, Query(order="uri"), len(ROWS))) == ROWS
    assert shelf.asked == [Query(order="uri", limit=LIMIT), replace(Query(order="uri", limit=LIMIT), page=str(LIMIT))]


def test_a_list_would_have_more_rows_than_were_asked_for() -> None:
    assert list(listed(Shelf(ROWS), Query(), LIMIT + 1)) == ROWS[: LIMIT + 1]


def test_work_that_is_not_done_would_be_told_twice_or_not_at_all_behind_the_first_page() -> None:
    rows = ROWS[: 2 * PAGE + 1]
    told = unfinished(Shelf(rows), 0.0, "oss://photos", "", Chosen(reason="budget"))
    assert [row.ref for row in told] == [row.ref for row in rows]
    assert list(unfinished(Shelf(rows), 0.0, "oss://photos", "", Chosen(reason="forbidden"))) == []


def test_a_backlog_that_fills_its_last_page_would_be_told_without_an_end() -> None:
    told = unfinished(Shelf(ROWS[:PAGE]), 0.0, "oss://photos", "", Chosen())
    assert len(list(told)) == PAGE
