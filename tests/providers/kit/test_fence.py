"""The signature of a write of tags: it ends before the lease does, whatever the clock does meanwhile."""

from __future__ import annotations

import pytest

from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.kit import fence

REF = ObjectRef("oss", "photos", "a.jpg")


class Signer:
    """It signs by a clock of its own, which shows `late` seconds more when it signs than it showed before."""

    def __init__(self, now: float, late: float = 0) -> None:
        self.now, self.late, self.lasting = now, late, list[int]()

    def wall(self) -> float:
        return self.now

    def sign(self, lasting: int) -> tuple[str, float]:
        self.lasting.append(lasting)
        return f"ends at {self.now + self.late + lasting}", self.now + self.late + lasting


def test_a_signature_ends_at_the_moment_that_is_wanted_in_whole_seconds() -> None:
    signer = Signer(100.5)
    assert fence.signed(signer.sign, REF, 110, 130, signer.wall) == "ends at 109.5"


def test_a_fast_clock_that_leaves_no_second_signs_to_the_end_of_the_lease_instead() -> None:
    signer = Signer(109.5)
    assert fence.signed(signer.sign, REF, 110, 130, signer.wall) == "ends at 129.5"
    assert signer.lasting == [20]


def test_a_whole_second_is_enough() -> None:
    signer = Signer(109)
    assert fence.signed(signer.sign, REF, 110, 130, signer.wall) == "ends at 110"


def test_a_signature_that_would_outlive_the_lease_after_the_process_was_stopped_is_not_used() -> None:
    signer = Signer(100, late=40)
    with pytest.raises(Unavailable, match=r"oss://photos/a\.jpg.*the lease is over \(30\.0 s left\)") as caught:
        fence.signed(signer.sign, REF, 110, 130, signer.wall)
    assert (caught.value.reason, signer.lasting) == ("busy", [10, 30])
