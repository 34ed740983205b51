"""Whether a row matches a query is told for one row as every index tells it for all."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.query import Query, Term
from imagelabels.usecases.matching import digest, is_match
from tests.contract import judge
from tests.contract.samples import label, record

IDS = ("dog", "cat", "mammal", "tree")
CONFIDENCES = (0.2, 0.5, 0.9)


def test_a_row_would_be_in_an_album_for_a_webhook_and_not_for_a_search() -> None:
    chance = Random(7)
    rows = [_row(chance, number) for number in range(60)]
    matching = 0
    for _ in range(400):
        query = _query(chance)
        wanted = {row.ref for row in judge.matches(rows, query)}
        assert {row.ref for row in rows if is_match(row, query)} == wanted, query
        matching += bool(wanted)
    assert matching > 50


@pytest.mark.parametrize(
    "other",
    [
        {"all_of": (Term(frozenset({"cat"})),)},
        {"all_of": (Term(frozenset({"dog"}), 0.5),)},
        {"any_of": (Term(frozenset({"dog"})),)},
        {"none_of": (Term(frozenset({"dog"})),)},
        {"bucket": "oss://photos"},
        {"bucket": "oss://photos", "prefix": "a"},
        {"state": "any"},
        {"reason": "empty"},
        {"from_time": 0},
        {"until_time": 0},
        {"since": 0},
    ],
)
def test_a_question_that_means_something_else_has_another_digest(other: dict[str, object]) -> None:
    query = Query(all_of=(Term(frozenset({"dog"})),))
    assert digest(query) == digest(replace(query, order="uri", limit=7))
    assert digest(query) != digest(replace(query, **other))  # type: ignore[arg-type]


def _row(chance: Random, number: int) -> ImageRecord:
    labels = tuple(label(name, chance.choice(CONFIDENCES)) for name in chance.sample(IDS, chance.randrange(4)))
    above: dict[str, tuple[str, ...]] = {one.id: ("animal",) for one in labels if chance.random() < 0.5}
    state, reason = chance.choice([("labelled", None), ("labelled", None), ("skipped", "empty"), ("parked", "budget")])
    bucket = chance.choice(["photos", "other"])
    made = record(ObjectRef("oss", bucket, f"{number % 5}/{number}.jpg"), labels, state, reason, number, above)
    return replace(made, head=None) if chance.random() < 0.2 else made


def _query(chance: Random) -> Query:
    def terms() -> tuple[Term, ...]:
        many = chance.choice([0, 0, 1, 2])
        names = (*IDS, "animal")
        return tuple(
            Term(frozenset(chance.sample(names, chance.randrange(3))), chance.choice([0.0, 0.5])) for _ in range(many)
        )

    modified = 1_700_000_000_000
    return Query(
        terms(),
        terms(),
        terms(),
        bucket=(bucket := chance.choice(["", "", "oss://photos"])),
        prefix=chance.choice(["", "1/"]) if bucket else "",
        state=chance.choice(["labelled", "any", "skipped"]),
        reason=chance.choice(["", "", "empty", "tag_taken"]),
        from_time=chance.choice([None, None, modified, modified + 1]),
        until_time=chance.choice([None, None, modified, modified + 1]),
        since=chance.choice([None, None, 30]),
    )
