"""Chooses the pauses between attempts at a service. Chance makes them differ, so that clients part that failed
together."""

from __future__ import annotations

import random
from collections.abc import Iterator

from imagelabels.domain.pauses import growing


def pauses(first: float, longest: float) -> Iterator[float]:
    """Yield seconds that grow from `first` to `longest`, each shortened by up to a half at random."""
    return (pause * random.uniform(0.5, 1.0) for pause in growing(first, longest))
