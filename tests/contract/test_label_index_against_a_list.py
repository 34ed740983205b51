"""Random searches, answered by the index and by a plain list of rows: they must say the same."""

from __future__ import annotations

import random
from dataclasses import replace

from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.ports import LabelIndex, Ledger, Query
from tests.contract.samples import label, put, record

IDS = [f"leaf{n}" for n in range(40)]
ABOVE = {leaf: (f"group{n % 8}", f"root{n % 3}") for n, leaf in enumerate(IDS)}
EVERY = [*IDS, *(f"group{n}" for n in range(8)), *(f"root{n}" for n in range(3)), "nobody"]
FOLDERS = ["a/", "a/b/", "a_b/", "A/", "露营/", "%/", ""]


def _sureness(row: ImageRecord, ids: frozenset[str]) -> float | None:
    sure = [one.confidence for one in row.labels if ids & {one.id, *row.ancestors.get(one.id, ())}]
    return max(sure, default=None)


def _expected(rows: list[ImageRecord], query: Query) -> list[str]:
    """The same search over a list."""
    found: list[tuple[float, bytes, str]] = []
    for row in rows:
        words = [*query.all_of, *([frozenset().union(*query.any_of)] if query.any_of else [])]
        sure = [_sureness(row, word) for word in words]
        if row.state != "labelled" or not row.ref.uri.startswith(query.uri_prefix):
            continue
        if any(one is None or one < query.min_confidence for one in sure):
            continue
        surest = max((one for one in sure if one is not None), default=_sureness(row, frozenset(EVERY)) or 0.0)
        rank = {"newest": float(row.updated_at), "confidence": surest, "uri": 0.0}[query.order]
        found.append((-rank, row.ref.uri.encode(), row.ref.uri))
    return [uri for _, _, uri in sorted(found)]


def _row(dice: random.Random, number: int) -> ImageRecord:
    ref = ObjectRef("oss", dice.choice(["album", "albums"]), f"{dice.choice(FOLDERS)}{number % 250}.jpg")
    leaves = dice.sample(IDS, dice.choice([0, 1, 2, 4]))
    return record(
        ref,
        tuple(label(leaf, dice.randrange(1, 20) / 20) for leaf in leaves),
        dice.choice(["labelled"] * 5 + ["skipped"]),
        updated_at=1_700_000_000_000 + dice.randrange(60),
        ancestors={leaf: ABOVE[leaf][: dice.randrange(3)] for leaf in leaves},
    )


def _query(dice: random.Random) -> Query:
    def words() -> tuple[frozenset[str], ...]:
        sizes = (dice.choice([1, 4, 15, 30] if dice.randrange(20) else [0]) for _ in range(dice.choice([0, 0, 1, 2])))
        return tuple(frozenset(dice.sample(EVERY, size)) for size in sizes)

    return Query(
        all_of=words(),
        any_of=words(),
        min_confidence=dice.choice([0.0, 0.0, 0.3, 0.5, 0.9]),
        uri_prefix=dice.choice(["", "", "oss://album", *(f"oss://album/{folder}" for folder in FOLDERS)]),
        order=dice.choice(["newest", "confidence", "uri"]),
        limit=dice.choice([1, 3, 20, 1000]),
    )


def test_a_search_finds_what_a_plain_list_finds_in_the_same_order(index_pair: tuple[Ledger, LabelIndex]) -> None:
    ledger, index = index_pair
    dice = random.Random(20)
    rows: dict[str, ImageRecord] = {}
    for number in range(300):
        row = _row(dice, number)
        put(ledger, row, f"e{number}")
        rows[row.ref.uri] = row
    matched = 0
    for _ in range(300):
        query = _query(dice)
        found: list[str] = []
        for _ in range(4):
            page = index.search(query)
            found += [row.ref.uri for row in page.records]
            if page.next is None:
                break
            query = replace(query, page=page.next)
        expected = _expected(list(rows.values()), query)
        assert found == (expected if page.next is None else expected[: 4 * query.limit]), query
        matched += len(found)
    assert matched > 1000
