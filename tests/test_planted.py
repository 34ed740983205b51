"""These tests check that the planted faults fit the present code. `make faults` plants them."""

from __future__ import annotations

import pytest

from tests.faults import HERE, ROOMS, changed, path_of_test
from tests.planted import Fault

FAULTS = [fault for room in ROOMS for fault in room.FAULTS]


def test_no_two_faults_have_one_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) > 70


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_can_be_planted_in_the_code_of_now_and_names_its_test(fault: Fault) -> None:
    path, text = changed(fault, HERE)
    assert text != path.read_text()
    assert path_of_test(fault.test)
