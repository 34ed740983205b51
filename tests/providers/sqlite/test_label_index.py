"""What is SQLite's own of the search: no table is read as a whole, and nothing of a user's is read as SQL."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from imagelabels.domain.model import ObjectRef
from imagelabels.domain.query import ORDERS, Order, Query, Term
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.label_index import SqliteLabelIndex
from imagelabels.providers.sqlite.ledger import SqliteLedger
from imagelabels.providers.sqlite.question import SqliteQuestion
from imagelabels.records.paging import PagePosition
from tests.contract.samples import label, put, record

RARE = Term(frozenset({"rare", "very-rare"}))
COMMON = Term(frozenset({"common", *(f"id{n}" for n in range(600))}))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with closing(Database(tmp_path_factory.mktemp("index") / "index.db")) as opened:
        ledger = SqliteLedger(opened)
        dice = random.Random(3)
        for number in range(120):
            labels = [label("common", dice.random()), *([label("rare")] if number % 40 == 0 else [])]
            ref = ObjectRef("oss", "album", f"{number % 3}/{number}.jpg")
            put(ledger, record(ref, tuple(labels), updated_at=dice.randrange(10**6)))
        yield opened


def _plan(database: Database, ask: Callable[[SqliteLabelIndex], object], few: int) -> list[str]:
    """What SQLite means to do for the statements of a search, as it tells it."""
    index = SqliteLabelIndex(database, few)
    said: list[str] = []
    statements: list[str] = []
    with database.reading() as connection:
        connection.set_trace_callback(statements.append)
        ask(index)
        connection.set_trace_callback(None)
        for statement in statements:
            if statement.startswith("SELECT") and "LIMIT 25)" not in statement:
                said += [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    return [step.replace("COVERING ", "") for step in said]


def _search(database: Database, query: Query, few: int) -> list[str]:
    return _plan(database, lambda index: index.search(query), few)


@pytest.mark.parametrize("order", ORDERS)
def test_a_rare_word_reads_its_own_postings_and_rows_only(database: Database, order: Order) -> None:
    plan = _search(database, Query(all_of=(COMMON, RARE), order=order), few=20)
    assert any("SEARCH postings USING PRIMARY KEY (label=?)" in step for step in plan), plan
    assert any("SEARCH i USING INTEGER PRIMARY KEY" in step for step in plan), plan
    assert not any(step.startswith("SCAN") and step.split()[1] in ("i", "images", "records") for step in plan), plan


@pytest.mark.parametrize(("order", "index"), [("newest", "images_newest"), ("uri", "images_uri")])
def test_a_common_word_walks_the_order_without_sorting_and_ends_with_the_page(
    database: Database, order: Order, index: str
) -> None:
    plan = _search(database, Query(all_of=(COMMON,), order=order), few=20)
    assert any(f"SEARCH i USING INDEX {index} (state=?)" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
    # Each row on the way is asked for its few labels in one value, not for each of the word's hundreds.
    assert any("SEARCH facets USING INTEGER PRIMARY KEY (rowid=?)" in step for step in plan), plan


def test_the_oldest_are_walked_backwards_and_sorted_among_equals_only(database: Database) -> None:
    plan = _search(database, Query(all_of=(COMMON,), order="oldest"), few=20)
    assert any("SEARCH i USING INDEX images_newest (state=?)" in step for step in plan), plan
    assert [step for step in plan if "TEMP B-TREE" in step] in ([], ["USE TEMP B-TREE FOR RIGHT PART OF ORDER BY"]), (
        plan
    )


@pytest.mark.parametrize(("order", "index"), [("newest", "images_newest"), ("confidence", "images_confidence")])
def test_a_later_page_enters_the_order_where_the_last_one_ended(database: Database, order: Order, index: str) -> None:
    first = SqliteLabelIndex(database).search(Query(order=order, limit=5))
    plan = _search(database, Query(order=order, limit=5, page=first.next), few=20)
    assert any(f"SEARCH i USING INDEX {index} (state=? AND " in step for step in plan), plan


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (Query(bucket="oss://album", prefix="0/1", order="newest"), "images_uri (state=? AND uri>? AND uri<?)"),
        (Query(since=999_000, order="uri"), "images_newest (state=? AND updated_at>?)"),
        (Query(until_time=1, order="uri"), "images_modified (state=? AND modified<?)"),
    ],
    ids=["prefix", "since", "time"],
)
def test_a_narrow_condition_reads_what_it_leaves(database: Database, query: Query, index: str) -> None:
    plan = _search(database, query, few=50)
    assert any(f"SEARCH i USING INDEX {index}" in step for step in plan), plan


def test_counting_by_words_looks_at_no_row_but_the_short_ones(database: Database) -> None:
    plan = _plan(database, lambda index: index.count(Query(all_of=(COMMON, RARE))), few=20)
    assert any("SEARCH facets USING INTEGER PRIMARY KEY" in step for step in plan), plan
    assert not any("images" in step or "records" in step for step in plan), plan


def test_no_statement_holds_a_word_of_the_user(database: Database) -> None:
    def secret(number: int) -> tuple[Term, ...]:
        return (Term(frozenset({f"SECRET{number}"}), 0.5),)

    query = Query(secret(1), secret(2), secret(3), "oss://SECRET4", "SECRET5", order="confidence")
    with database.reading() as connection:
        recorder = Recorder(connection)
        for order in ORDERS:
            question = SqliteQuestion(recorder, replace(query, order=order), few=20)  # type: ignore[arg-type]
            _ = (
                question.surest_first(PagePosition(1, "SECRET6"))
                if question.is_ranked
                else question.in_order(PagePosition(0, "SECRET6"))
            )
            list(question.facets())
    assert len(recorder.statements) > 20
    assert "SECRET" not in "".join(recorder.statements)


class Recorder:
    """A connection that keeps the text of its statements."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.statements: list[str] = []

    def execute(self, statement: str, values: object = ()) -> sqlite3.Cursor:
        self.statements.append(statement)
        return self.connection.execute(statement, values)  # type: ignore[arg-type]


def test_a_search_while_others_write_is_not_refused(database: Database, tmp_path: Path) -> None:
    with closing(Database(database.path, patience=0.01)) as other, database.writing() as connection:
        connection.execute("UPDATE images SET reason = 'x' WHERE 0")
        assert len(SqliteLabelIndex(other).search(Query(all_of=(RARE,))).records) == 3


@pytest.mark.parametrize("rank", ["NaN", "Infinity", "1e999", "9" * 400, "-1", '"x"', "null"])
def test_a_made_up_place_in_a_token_is_refused(database: Database, rank: str) -> None:
    import base64
    import json

    query = Query(limit=1)
    good = SqliteLabelIndex(database).search(query).next
    assert good is not None
    digest = json.loads(base64.urlsafe_b64decode(good + "=="))[0]
    made_up = base64.urlsafe_b64encode(f'["{digest}",{rank},"a"]'.encode()).decode().rstrip("=")
    with pytest.raises(ValueError, match="page token"):
        SqliteLabelIndex(database).search(Query(limit=1, page=made_up))


def test_a_token_that_is_nested_without_end_is_refused(database: Database) -> None:
    import base64

    token = base64.urlsafe_b64encode(b"[" * 100_000).decode().rstrip("=")
    with pytest.raises(ValueError, match="page token"):
        SqliteLabelIndex(database).search(Query(page=token))
