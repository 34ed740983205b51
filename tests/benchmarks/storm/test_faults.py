"""These tests look at the rules and the habits of storms."""

from __future__ import annotations

import pytest

from benchmarks.storm import faults, habits
from benchmarks.storm.options import FAULTS, PROFILES
from emulator import services
from emulator.faults import rules


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("level", FAULTS)
def test_a_rule_of_a_storm_would_be_refused_by_the_emulator(level: str, profile: str) -> None:
    storm = faults.rules(level, profile, 1000)
    assert len(rules.read({"rules": storm}, services.OPERATIONS).rules) == len(storm)
    assert bool(storm) == (level != "none" or profile != "mixed")


@pytest.mark.parametrize(("operations", "clients"), [(400, 8), (10, 8), (10_000, 4)])
def test_a_contended_storm_would_come_back_to_a_key_and_heal_what_went_wrong(operations: int, clients: int) -> None:
    contended = habits.habits("contended", operations, clients)
    assert contended.burst * contended.keys * clients >= operations
    assert habits.habits("mixed", operations, clients).burst == 0
