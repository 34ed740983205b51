"""Pauses between attempts at a service."""

from __future__ import annotations

from itertools import islice

from imagelabels.domain.pauses import growing
from imagelabels.providers.kit.back_off import pauses


def test_each_pause_is_twice_as_long_up_to_a_bound() -> None:
    assert [*islice(growing(0.25, 1.5), 5)] == [0.25, 0.5, 1.0, 1.5, 1.5]


def test_clients_that_failed_together_do_not_come_back_together_and_none_waits_longer_than_is_said() -> None:
    first, second = ([*islice(pauses(0.25, 1.5), 20)] for _ in range(2))
    assert first != second
    for pause, most in zip(first, growing(0.25, 1.5), strict=False):
        assert most / 2 <= pause <= most
