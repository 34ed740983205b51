"""These tests check that the shipped plan has no finding, and that every planted fault is named with step and line."""

import re

import pytest

from imagelabels.deploy.tencent.check import check
from imagelabels.deploy.tencent.plan import read, shipped
from imagelabels.domain.errors import Misconfigured
from tests.deploy.tencent.faults import FAULTS, UNREADABLE


def planted(old: str, new: str) -> str:
    text = shipped()
    assert old in text, f"the plan no longer has {old!r}"
    return text.replace(old, new, 1)


def test_the_shipped_plan_would_fail_nowhere() -> None:
    assert check(read(shipped())) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_would_reach_the_cloud_unnoticed(fault: str) -> None:
    old, new, name, words = FAULTS[fault]
    findings = check(read(planted(old, new)))
    assert [finding for finding in findings if finding.check == name and words in finding.cause], findings
    assert all(re.match(r"step \w+, line \d+(: |$)", finding.where) for finding in findings), findings


def test_a_plan_whose_pictures_would_stand_still_for_ever_is_named() -> None:
    findings = check(read(planted("      Handler: index.resume\n", "      Handler: index.main_handler\n")))
    assert "timer-missing" in {finding.check for finding in findings}


def test_a_plan_whose_webhooks_would_never_be_told_is_named() -> None:
    before, step, after = shipped().partition("  - name: webhooks_timer\n")
    changed = after.replace("Type: timer", "Type: cos", 1)
    assert changed != after
    assert "webhooks-timer" in {finding.check for finding in check(read(before + step + changed))}


def test_a_finding_would_name_the_wrong_line() -> None:
    old, new, *_ = FAULTS["unknown parameter"]
    text = planted(old, new)
    line = text[: text.index(new)].count("\n") + 1
    assert check(read(text))[0].where == f"step function, line {line}: MemorySise"


@pytest.mark.parametrize(
    ("sound", "faulty", "where"),
    [
        ("    default: imagelabels\n", "    default: Image Labels\n", r"parameters\.Name\.default, line \d+"),
        ("    example: photos-1250000000\n", "    example: photos\n", r"parameters\.Bucket\.example, line \d+"),
    ],
)
def test_a_default_or_example_that_does_not_fit_its_pattern_would_go_unnoticed(
    sound: str, faulty: str, where: str
) -> None:
    (finding,) = (each for each in check(read(planted(sound, faulty))) if each.check == "parameter-invalid")
    assert re.fullmatch(where, finding.where)
    assert "does not fit the pattern" in finding.cause


@pytest.mark.parametrize("fault", UNREADABLE)
def test_a_file_that_is_no_plan_would_end_in_a_traceback(fault: str) -> None:
    old, new, message = UNREADABLE[fault]
    with pytest.raises(Misconfigured, match=message):
        read(planted(old, new))


@pytest.mark.parametrize("detector", ["ci", "embedded"])
def test_a_choice_of_the_user_would_make_a_faulty_plan(detector: str) -> None:
    from imagelabels.deploy.tencent.values import examples

    plan = read(shipped())
    stored = {"Code": "", "Layer": "", "PackageBucket": "my-packages", "CodeKey": "/code.zip", "LayerKey": "/layer.zip"}
    assert check(plan, examples(plan) | stored | {"Detector": detector, "Prefix": "photos/"}) == []


def test_a_pattern_that_repeats_too_often_would_end_in_a_traceback() -> None:
    with pytest.raises(Misconfigured, match=r"line \d+: the pattern is wrong"):
        read("parameters: {Name: {says: x, pattern: 'a{99999999999}'}}\nsteps: []\n")


def test_a_huge_plan_would_be_read() -> None:
    with pytest.raises(Misconfigured, match="more than 524288 characters"):
        read("parameters: {}\nsteps: []\n" + "#" * 524_288)


def test_a_policy_that_is_nested_deeply_would_end_in_a_traceback() -> None:
    begin, end = "      PolicyDocument:\n        json:\n", "    look:\n      call: cam GetRole\n"
    before, _, after = shipped().partition(begin)
    text = f"{before}      PolicyDocument: '{'[' * 100_000}'\n{end}{after.partition(end)[2]}"
    assert check(read(text))
