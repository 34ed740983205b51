"""These tests run short storms over the emulator, with faults, and without a safeguard."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.storm import table, without
from benchmarks.storm.command import judged, main
from benchmarks.storm.functions import ROOT
from benchmarks.storm.options import Options
from tests.faults import changed
from tests.planted import Fault


@pytest.mark.story
def test_a_storm_of_sixty_operations_with_a_kill_and_faults_would_do_harm() -> None:
    options = Options(operations=60, index="tablestore", detector="imm", faults="some", instances=2, ordinary=1)
    storm, verdict = judged(options)
    assert verdict.findings == [], "\n".join(table.lines(options, storm, verdict, None))
    assert storm.met["kill"] == 1
    assert storm.dead_letters == storm.redriven
    assert verdict.counts["paid calls"] == verdict.counts["distinct contents"] + sum(verdict.causes.values())
    assert len(storm.evidence.operations) >= 60


@pytest.mark.story
def test_the_judge_would_not_see_that_tags_of_users_are_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    options = "--operations 60 --index sqlite --detector oss --faults none --instances 2 --ordinary 1 --without merge"
    assert main(options.split()) == 1
    assert "HARM, user tags harmed outside the round trip" in capsys.readouterr().out


def test_a_storm_without_a_safeguard_that_does_not_exist_would_run_with_all_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--without", "luck"]) == 2
    assert "there is no safeguard 'luck'" in capsys.readouterr().err


@pytest.mark.parametrize("fault", without.OWN, ids=lambda fault: fault.name)
def test_a_fault_that_only_a_storm_plants_would_not_fit_the_code(fault: Fault) -> None:
    path, text = changed(fault, ROOT)
    assert text != path.read_text()


def test_the_judge_would_know_from_imagelabels_what_is_right() -> None:
    program = (
        "import sys, benchmarks.storm.command as c; print([m for m in sys.modules if m.startswith('imagelabels')])"
    )
    command = [sys.executable, "-W", "ignore", "-c", program]
    assert subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip() == "[]"
