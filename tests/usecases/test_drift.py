"""A row that cannot be read is taken away, and what somebody else wrote in its place meanwhile is not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from imagelabels.domain.errors import Damaged, Unavailable
from imagelabels.providers import sqlite
from imagelabels.usecases.correct import Said, correct
from imagelabels.usecases.drift import Compared, Drift, compare, repair
from tests.world import TIMEOUT, K, World


@pytest.fixture
def damaged(tmp_path: Path) -> World:
    world = World(sqlite.open_ledger(tmp_path / "labels.db"))
    world.user_puts(K, "cat", tags={"trip": "2026"})()
    world.wait(2)
    world.worker().gets(K)
    with closing(sqlite3.connect(tmp_path / "labels.db")) as connection, connection:
        connection.execute("UPDATE records SET record = '{\"labels\":[{}]}'")
    with pytest.raises(Damaged):
        world.ledger.row(K)
    return world


def _deadline(world: World) -> float:
    return world.clock.monotonic() + TIMEOUT


def test_a_row_that_another_repair_wrote_anew_and_a_person_corrected_is_not_taken_away(damaged: World) -> None:
    def meanwhile() -> None:
        assert repair(damaged.worker().tools, K, _deadline(damaged))
        correct(damaged.worker().tools, K, Said(add=("car",)), _deadline(damaged))

    late = damaged.worker().before("ledger.lock", meanwhile)
    assert repair(late.tools, K, _deadline(damaged))
    assert set(damaged.labels(K) or ()) == {"cat", "car"}
    assert damaged.row(K).lock is None
    assert damaged.tags(K)["trip"] == "2026"


def test_a_damaged_row_stays_while_a_delivery_holds_its_lock(damaged: World) -> None:
    now = damaged.clock.store
    assert damaged.ledger.lock(K, "other", now + 30, now, "event")
    with pytest.raises(Unavailable, match=r"a delivery is at work on 'oss://photos/k\.jpg'") as caught:
        repair(damaged.worker().tools, K, _deadline(damaged))
    assert caught.value.reason == "busy"
    with pytest.raises(Damaged):
        damaged.ledger.row(K)


def test_a_damaged_answer_would_be_taken_for_a_damaged_row_and_cost_the_row(tmp_path: Path) -> None:
    world = World(sqlite.open_ledger(tmp_path / "labels.db"))
    world.user_puts(K, "cat")()
    world.wait(2)
    world.worker().gets(K)
    with closing(sqlite3.connect(tmp_path / "labels.db")) as connection, connection:
        connection.execute("UPDATE answers SET answer = '{'")
    with pytest.raises(Damaged):
        compare(world.worker().tools, K)


def test_a_label_that_came_along_on_a_picture_without_labels_would_not_be_told(world: World) -> None:
    world.detector.refuses.add("cat")
    world.user_puts(K, "cat", tags={"trip": "2026"})()
    world.wait(2)
    world.worker().gets(K)
    assert compare(world.worker().tools, K) == Compared(K, (), True)
    world.objects.user_tag(K, "label:car", "vehicle")
    assert compare(world.worker().tools, K) == Compared(K, (Drift.TAGS,), True)
