"""Every planted fault can be planted into the code of now, and names one test. `make faults` shows that it is found."""

from __future__ import annotations

from tests import faults


def test_every_planted_fault_stands_in_the_code_of_now_and_names_a_test() -> None:
    wrong = {}
    for fault in faults.EVERY:
        place = faults.where(fault, faults.HERE)
        if isinstance(place, str):
            wrong[fault.name] = place
        try:
            faults.found(fault.test)
        except SystemExit as error:
            wrong[fault.name] = str(error)
    assert wrong == {}


def test_no_two_planted_faults_have_one_name() -> None:
    names = [fault.name for fault in faults.EVERY]
    assert sorted(names) == sorted({*names})
