"""What a redrive forgets of a picture, so that the next delivery asks the detector again."""

from __future__ import annotations

import pytest

from imagelabels.domain.errors import Gone, Rejected
from imagelabels.domain.outcomes import Reason
from imagelabels.usecases.redrive import forget_refusal
from tests.world import K, World


@pytest.fixture
def refused(world: World) -> World:
    world.detector.refuses.add("cat")
    world.user_puts(K, "cat")()
    world.wait(2)
    world.worker().gets(K)
    assert world.record(K).reason is Reason.DETECTOR_REFUSED
    return world


def test_a_refusal_would_stand_though_a_person_asked_for_another_call(refused: World) -> None:
    assert forget_refusal(refused.worker().tools, K)
    assert not forget_refusal(refused.worker().tools, K)
    refused.detector.refuses.clear()
    refused.worker().gets(K)
    assert refused.detector.asked == ["cat", "cat"]


def test_a_picture_that_was_deleted_would_stop_a_redrive(refused: World) -> None:
    refused.objects.delete(K)
    assert not forget_refusal(refused.worker().tools, K)


@pytest.mark.parametrize("error", [Gone(), Rejected("unsignable_key")], ids=["gone", "rejected"])
def test_a_picture_that_cannot_be_looked_at_would_stop_a_redrive(refused: World, error: Exception) -> None:
    def fail(*_: object) -> None:
        raise error

    assert not forget_refusal(refused.worker().instead("objects.head", fail).tools, K)
