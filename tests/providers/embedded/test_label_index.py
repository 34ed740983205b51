"""What is SQLite's own of the search: no table is read as a whole, and nothing of a user's is read as SQL."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest

from imagelabels.domain.model import ObjectRef
from imagelabels.ports import Query
from imagelabels.providers.embedded import paging
from imagelabels.providers.embedded.database import Database
from imagelabels.providers.embedded.label_index import SqliteLabelIndex, _Search
from imagelabels.providers.embedded.ledger import SqliteLedger
from tests.contract.samples import label, put, record

RARE = frozenset({"rare", "very-rare"})
COMMON = frozenset({"common", *(f"id{n}" for n in range(600))})


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


def _plan(connection: sqlite3.Connection, query: Query, few: int) -> list[str]:
    search = _Search(query, paging.place(query), few)
    statement = search.statement(search.source(connection))
    return [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}", search.values)]


@pytest.mark.parametrize("order", ["newest", "confidence", "uri"])
def test_a_rare_word_reads_its_own_postings_and_rows_only(
    database: Database, order: Literal["newest", "confidence", "uri"]
) -> None:
    with database.reading() as connection:
        plan = _plan(connection, Query(all_of=(COMMON, RARE), order=order), few=20)
    assert any("SEARCH labels USING PRIMARY KEY (label=? AND confidence>?)" in step for step in plan), plan
    assert any("SEARCH i USING INTEGER PRIMARY KEY" in step for step in plan), plan
    assert not any(step.startswith("SCAN") and "images" in step for step in plan), plan


@pytest.mark.parametrize(("order", "index"), [("newest", "images_newest"), ("uri", "images_uri")])
def test_a_common_word_walks_the_order_without_sorting_and_ends_with_the_page(
    database: Database, order: Literal["newest", "uri"], index: str
) -> None:
    with database.reading() as connection:
        plan = _plan(connection, Query(all_of=(COMMON,), order=order), few=20)
    walk = next(position for position, step in enumerate(plan) if f"SCAN i USING INDEX {index}" in step)
    sorts = [position for position, step in enumerate(plan) if "TEMP B-TREE" in step]
    looked_up = next(
        position for position, step in enumerate(plan) if "SEARCH images USING INTEGER PRIMARY KEY" in step
    )
    # The page alone may be sorted once more, after its rows were looked up.
    assert all(position > looked_up for position in sorts), plan
    assert walk < looked_up
    # Each row on the way is asked for its few labels, not for each of the word's hundreds.
    assert any(step.endswith("SEARCH labels USING COVERING INDEX labels_image (image=?)") for step in plan), plan


@pytest.mark.parametrize(("order", "index"), [("newest", "images_newest"), ("confidence", "images_confidence")])
def test_a_later_page_enters_the_order_where_the_last_one_ended(
    database: Database, order: Literal["newest", "confidence"], index: str
) -> None:
    first = SqliteLabelIndex(database).search(Query(order=order, limit=5))
    with database.reading() as connection:
        plan = _plan(connection, Query(order=order, limit=5, page=first.next), few=20)
    assert any(f"SEARCH i USING INDEX {index} (" in step for step in plan), plan


def test_a_narrow_prefix_reads_what_begins_so(database: Database) -> None:
    with database.reading() as connection:
        plan = _plan(connection, Query(uri_prefix="oss://album/0/1", order="newest"), few=50)
    assert any("SEARCH i USING INDEX images_uri (uri>? AND uri<?)" in step for step in plan), plan


def test_the_statement_holds_no_word_of_the_user(database: Database) -> None:
    query = Query((frozenset({"SECRET1"}),), (frozenset({"SECRET2"}),), 0.5, "SECRET3", "newest")
    search = _Search(query, None, 20)
    with database.reading() as connection:
        assert "SECRET" not in search.statement(search.source(connection))


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
