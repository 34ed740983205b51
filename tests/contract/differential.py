"""This module puts generated searches to an index and to the judge, and compares the results.

`python -m tests.contract.differential` compares thousands of them with each index, and prints how many there were.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.domain.query import ANY, ORDERS, STATES, Counts, Query, Term
from imagelabels.ports import LabelIndex, Ledger
from tests.contract import judge
from tests.contract.samples import HEAD, NOW, label, put, record, remove

WORLDS, ROWS, QUERIES = 10, 230, 505
PAGES = 6
"""A search is followed over at most this many pages."""

LEAVES = [f"leaf{n}" for n in range(80)] + ["imm:露营", "ci:鹿", 'imm:"it\'s"', "ci:16:9", "imm:Leaf0", "ci:\udc80"]
ABOVE = {leaf: (f"group{n % 11}", f"root{n % 4}") for n, leaf in enumerate(LEAVES)}
WIDER = [*(f"group{n}" for n in range(11)), *(f"root{n}" for n in range(4))]
ZIPF = [1 / (n + 1) for n in range(len(LEAVES))]

REASONS = ["corrupt", "unsupported_format", "throttled", "format_heic", "no_labels", "nothing", "format_"]
"""Reasons and notes of rows. No row has the last two."""

BUCKETS = [("oss", "album"), ("oss", "albums"), ("cos", "album"), ("file", "a.b")]
FOLDERS = ["", "a/", "a/b/", "a_b/", "a%b/", "A/", "露营/", "\uffee/", "😀/", "%/"]
ENDS = [".jpg", " .jpg", "'\";--.jpg", "\n.jpg", "\udcff.jpg", "é.jpg", "\\.jpg"]


class OpensIndex(Protocol):
    def __call__(self, folder: Path, /) -> AbstractContextManager[tuple[Ledger, LabelIndex]]: ...


@dataclass
class SearchTally:
    """The numbers of searches and rows in a comparison."""

    queries: int = 0
    rows: int = 0
    partial: int = 0
    """The number of queries that some rows match, but not all."""
    operators: Counter[str] = field(default_factory=Counter)
    pages: int = 0
    added: int = 0
    """The number of rows that were written between two pages."""

    def add(self, other: SearchTally) -> None:
        """Add the numbers of another comparison."""
        self.queries += other.queries
        self.rows += other.rows
        self.partial += other.partial
        self.operators += other.operators
        self.pages += other.pages
        self.added += other.added


class ComparedIndex:
    """An index, and the same rows in a list."""

    def __init__(self, ledger: Ledger, index: LabelIndex, dice: random.Random, tally: SearchTally) -> None:
        self.ledger, self.index, self.dice, self.tally = ledger, index, dice, tally
        self.rows: dict[str, ImageRecord] = {}

    def write(self) -> None:
        row = _row(self.dice)
        token = f"t{self.dice.random()}"
        if row.state == "waiting" and row.head is None:
            if row.ref.uri in self.rows:
                return
            assert self.ledger.lock(row.ref, token, NOW + 30, NOW, token)
            self.ledger.release(row.ref, token, waiting=row.reason)
        else:
            put(self.ledger, row, token)
        self.rows[row.ref.uri] = row

    def fill(self) -> None:
        for _ in range(ROWS):
            self.write()
        for uri in self.dice.sample(sorted(self.rows), 20):
            remove(self.ledger, self.rows.pop(uri).ref)
        for number in range(5):
            assert self.ledger.lock(ObjectRef("oss", "album", f"locked{number}"), "t", NOW + 30, NOW, "e")
        self.tally.rows += len(self.rows)

    def search(self) -> None:
        query = _query(self.dice)
        expected = judge.matches(self.rows.values(), query)
        walked, counted = self.dice.random() < 0.15, self.dice.random() < 0.3
        self._note(query, len(expected), walked, counted)
        if counted:
            counts = self.index.count(query)
            expected_counts = judge.counts(self.rows.values(), query)
            assert counts == expected_counts, query
            assert _sequence(counts) == _sequence(expected_counts), query
        page = self.index.search(query)
        for _ in range(PAGES if walked else 1):
            assert page.records == tuple(expected[: query.limit]), query
            assert (page.next is None) == (len(expected) <= query.limit), query
            if page.next is None or not walked:
                break
            end = judge.place(page.records[-1], query)
            if self.dice.random() < 0.3:
                self.write()
                self.tally.added += 1
            query = replace(query, page=page.next, limit=self.dice.choice([query.limit, 2, 9]))
            page, expected = self.index.search(query), judge.behind(self.rows.values(), query, end)
            self.tally.pages += 1

    def _note(self, query: Query, matching: int, walked: bool, counted: bool) -> None:
        terms = (*query.all_of, *query.any_of, *query.none_of)
        used: dict[str, object] = {
            "all": query.all_of,
            "any": query.any_of,
            "none": query.none_of,
            "several words": len(terms) > 1,
            "least confidence": any(term.least for term in terms),
            "bucket": query.bucket,
            "prefix": query.prefix,
            "from": query.from_time is not None,
            "until": query.until_time is not None,
            "since": query.since is not None,
            "state": query.state != "labelled",
            "every state": query.state == ANY,
            "reason": query.reason,
            "counts": counted,
            "pages": walked,
            **{f"order {order}": query.order == order for order in ORDERS},
        }
        self.tally.queries += 1
        self.tally.partial += 0 < matching < len(self.rows)
        self.tally.operators.update(name for name, use in used.items() if use)


def compare(opened: OpensIndex, folder: Path, seed: int) -> SearchTally:
    """Compare one generated index. AssertionError names a query that the index and the judge answer differently."""
    tally = SearchTally()
    with opened(folder) as (ledger, index):
        compared = ComparedIndex(ledger, index, random.Random(seed), tally)
        compared.fill()
        for _ in range(QUERIES):
            compared.search()
    return tally


def _row(dice: random.Random) -> ImageRecord:
    store, bucket = dice.choice(BUCKETS)
    ref = ObjectRef(store, bucket, f"{dice.choice(FOLDERS)}{dice.randrange(60)}{dice.choice(ENDS)}")
    state = dice.choice(["labelled"] * 14 + list(STATES[1:]))
    if state == "waiting":
        return ImageRecord(ref, State(state), dice.choice(["throttled", "busy"]), None, None, "", "", "", "")
    leaves = dict.fromkeys(dice.choices(LEAVES, ZIPF, k=dice.choice([0, 1, 2, 4, 8])))
    labels = [replace(label(leaf, dice.randrange(1, 21) / 20), level=dice.choice([1, 2, 3, 3])) for leaf in leaves]
    head = replace(HEAD, last_modified=1_700_000_000 + dice.randrange(40))
    row = record(
        ref,
        tuple(labels),
        state,
        None if state == "labelled" else dice.choice(["corrupt", "unsupported_format"]),
        1_700_000_000_000 + dice.randrange(50),
        {leaf: ABOVE[leaf][: dice.choice([0, 1, 2, 2])] for leaf in leaves},
    )
    notes = tuple(dice.sample(["format_heic", "format_svg", "no_labels"], dice.choice([0, 0, 1, 2])))
    return replace(row, head=head if dice.random() < 0.95 else None, notes=notes)


def _query(dice: random.Random) -> Query:
    conditions: dict[str, Any] = {}
    for kind in dice.sample(
        ["all_of", "all_of", "any_of", "any_of", "none_of", "place", "time", "since", "state", "reason"], 2
    ):
        if kind.endswith("_of"):
            conditions[kind] = tuple(_term(dice, kind) for _ in range(dice.choice([1, 1, 2, 3])))
        elif kind == "place":
            conditions["bucket"] = "{}://{}".format(*dice.choice(BUCKETS))
            conditions["prefix"] = dice.choice([*FOLDERS, "a", "1", "nowhere"])
        elif kind == "time":
            first, last = sorted(1_700_000_000 + dice.randrange(41) for _ in range(2))
            conditions |= {"from_time": first * 1000, "until_time": last * 1000 + dice.choice([0, 1])}
            if dice.random() < 0.5:
                del conditions[dice.choice(["from_time", "until_time"])]
        elif kind == "since":
            conditions["since"] = 1_700_000_000_000 + dice.randrange(51)
        elif kind == "reason":
            conditions["reason"] = dice.choice(REASONS)
        else:
            conditions["state"] = dice.choice([*STATES[1:], ANY, ANY])
    return Query(**conditions, order=dice.choice(ORDERS), limit=dice.choice([1, 3, 10, 60, 1000]))


def _term(dice: random.Random, kind: str) -> Term:
    size = dice.choice([1, 1, 3, 10]) if dice.random() > 0.01 else 0
    ids = dice.choices([*LEAVES, *WIDER, "nobody"], [*ZIPF, *([0.25] * len(WIDER)), 0.02], k=size)
    return Term(frozenset(ids), dice.choice([0.0, 0.0, 0.25, 0.5, 0.9]))


def _sequence(counts: Counts) -> list[str]:
    """Return the keys in their order, because dictionaries are equal whatever the order of their keys is."""
    return [*counts.labels, *counts.categories, *counts.states, *counts.reasons, *counts.notes]


def main() -> None:
    from tests.contract.conftest import COMPARED

    for name, opened in COMPARED.items():
        began, tally = time.perf_counter(), SearchTally()
        for seed in range(WORLDS):
            with tempfile.TemporaryDirectory() as folder:
                tally.add(compare(opened, Path(folder), seed))
        print(
            f"{name}: {tally.queries} queries over {tally.rows} rows in {time.perf_counter() - began:.1f} s;"
            f" {tally.partial / tally.queries:.0%} match some rows but not all;"
            f" {tally.pages} further pages, {tally.added} rows written between pages"
        )
        for operator, times in sorted(tally.operators.items()):
            print(f"  {operator}: {times}")


if __name__ == "__main__":
    main()
