"""The form of rules: what is refused and how it is told, what a pattern matches, and what a seed chooses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator import services
from emulator.core.admission import Admitted
from emulator.faults import control, rules
from emulator.faults.board import FaultBoard
from emulator.faults.choosing import REMEMBERED, Chooser
from emulator.faults.requests import Plan
from emulator.faults.rules import Rule

ERROR = {"do": "error", "code": "InternalError"}


def refusal(*given: object) -> str:
    return refused({"rules": list(given)})


def refused(value: object) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the caller looks at the message
        rules.read(value, services.OPERATIONS)
    return str(caught.value)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"do": "explode"}, "rule 1: do takes error, slow, "),
        ({}, "rule 1: do takes error, slow, "),
        ({"do": ["error"]}, "rule 1: do takes error, slow, "),
        ([], "rule 1: a rule is an object"),
        ({**ERROR, "shares": 0.1}, "rule 1: error has no field shares: known are after, body, bucket, code, "),
        ({"do": "drop", "operation": "GetRow"}, "rule 1: drop has no field operation: known are after, bucket, "),
        ({"do": "error"}, "rule 1: error needs the field code"),
        ({**ERROR, "share": 1.1}, "rule 1: share takes a number from 0 to 1, not '1.1'"),
        ({**ERROR, "share": -0.1}, "rule 1: share takes a number from 0 to 1"),
        ({**ERROR, "share": True}, "rule 1: share takes a number from 0 to 1"),
        ({**ERROR, "share": float("nan")}, "rule 1: share takes a number from 0 to 1"),
        ({**ERROR, "share": "1"}, "rule 1: share takes a number from 0 to 1"),
        ({**ERROR, "times": 0}, "rule 1: times takes a whole number from 1 to "),
        ({**ERROR, "status": 99}, "rule 1: status takes a whole number from 200 to 599"),
        ({**ERROR, "code": "a\r\nb"}, "rule 1: code takes the code of an error"),
        ({**ERROR, "body": 0}, "rule 1: body takes true or false"),
        ({**ERROR, "key": 1}, "rule 1: key takes a text"),
        ({**ERROR, "from": "me"}, "rule 1: from takes all, clients, functions, not 'me'"),
        ({**ERROR, "service": "s3"}, "there is no service 's3': known are cos, fc, imm, oss, scf, smq, tablestore"),
        ({**ERROR, "operation": "PutObject"}, "there is no operation 'PutObject': known are "),
        ({**ERROR, "service": "oss", "operation": "PutRow"}, "there is no operation 'PutRow': known are "),
        ({"do": "slow", "seconds": -1}, "rule 1: seconds takes a number of seconds from 0 up, or two of them"),
        ({"do": "slow", "seconds": [2, 1]}, "rule 1: seconds takes a number of seconds from 0 up, or two of them"),
        ({"do": "slow", "seconds": [1, 2, 3]}, "rule 1: seconds takes a number of seconds from 0 up"),
        ({"do": "slow", "seconds": 10**400}, "rule 1: seconds takes a number of seconds from 0 up"),
        ({"do": "clock", "seconds": [1, 2]}, "rule 1: seconds takes a number of seconds, which is negative"),
        ({"do": "kill", "at": 0}, "rule 1: at takes a whole number from 1 to "),
        ({"do": "merge", "up_to": 1}, "rule 1: up_to takes a whole number from 2 to 1000"),
    ],
)
def test_a_wrong_rule_is_refused_by_what_is_wrong_and_what_is_allowed(rule: object, told: str) -> None:
    assert told in refusal(rule)


def test_the_number_of_the_wrong_rule_is_told() -> None:
    assert refusal(ERROR, {"do": "drop"}, {"do": "none"}).startswith("rule 3: ")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([], 'faults are an object such as {"seed": 7, "rules": []}'),
        ({"rule": []}, "there is no field rule: known are seed, rules"),
        ({"rules": {}}, "rules takes a list of up to 1000 rules"),
        ({"rules": [ERROR] * 1001}, "rules takes a list of up to 1000 rules"),
        ({"seed": -1}, "seed takes a whole number from 0"),
        ({"seed": 1.5}, "seed takes a whole number from 0"),
    ],
)
def test_what_is_no_set_of_rules_is_refused(value: object, told: str) -> None:
    assert told in refused(value)


def test_no_rule_of_a_wrong_set_takes_effect() -> None:
    board = FaultBoard(services.OPERATIONS)
    board.replace({"seed": 3, "rules": [ERROR]})
    with pytest.raises(ValueError, match="rule 2"):
        board.replace({"seed": 4, "rules": [{"do": "drop"}, {"do": "none"}]})
    assert board.state() == {"seed": 3, "rules": [{**ERROR, "matched": 0, "applied": 0}]}


@pytest.mark.parametrize(
    ("pattern", "text", "matched"),
    [
        ("*", "", True),
        ("a", "a", True),
        ("a", "ab", False),
        ("", "", True),
        ("", "a", False),
        ("d/*", "d/a/b.jpg", True),
        ("d/*", "e/d/a", False),
        ("*.jpg", "a.jpg.png", False),
        ("a*a", "a", False),
        ("a*b*c", "a1b2c", True),
        ("a*b*c", "acb", False),
        ("*b*b*", "ab", False),
        ("PUT object?tagging", "PUT objectXtagging", False),
        ("[a]", "a", False),
    ],
)
def test_only_a_star_stands_for_other_text(pattern: str, text: str, matched: bool) -> None:
    assert rules.matches(pattern, text) is matched


def chosen(order: list[str], seed: int, share: float = 0.3) -> Mapping[str, list[bool]]:
    """Return what one rule decides for the requests about each key, which come in this order."""
    plan = Plan(rules.read({"seed": seed, "rules": [{**ERROR, "share": share}]}, services.OPERATIONS))
    decided: dict[str, list[bool]] = {key: [] for key in order}
    for key in order:
        admitted = Admitted("OSS PUT object", "photos", key, lambda: None, "")
        decided[key].append(bool(list(plan.chosen(admitted, None, 0.0))))
    return decided


def test_the_same_seed_decides_alike_in_whatever_order_the_requests_of_different_keys_come() -> None:
    keys = [f"k{number}" for number in range(20)]
    one_by_one = [key for key in keys for _ in range(10)]
    in_turn = keys * 10
    assert chosen(one_by_one, seed=7) == chosen(in_turn, seed=7)
    assert chosen(one_by_one, seed=7) != chosen(one_by_one, seed=8)


def test_a_share_is_about_that_share_of_the_requests() -> None:
    decided = [each for key in chosen(["a"] * 5000, seed=1).values() for each in key]
    assert 0.27 < sum(decided) / len(decided) < 0.33
    assert not any(chosen(["a"] * 100, seed=1, share=0.0)["a"])


def test_a_rule_begins_after_some_requests_and_ends_after_it_was_applied_some_times() -> None:
    chooser = Chooser(Rule(do="drop", after=2, times=3), 1, 0)
    decided = [chooser.choose("k") is not None for _ in range(8)]
    assert decided == [False, False, True, True, True, False, False, False]
    assert (chooser.matched, chooser.applied) == (8, 3)


def test_a_rule_remembers_a_bounded_number_of_keys() -> None:
    chooser = Chooser(Rule(do="drop"), 1, 0)
    for number in range(REMEMBERED + 10):
        chooser.choose(str(number))
    assert len(chooser._met) == REMEMBERED


def test_a_file_of_rules_is_read_and_the_seed_of_the_command_line_stands_before_its_own(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    path.write_text(json.dumps({"seed": 3, "rules": [ERROR]}))
    assert control.from_file(path, services.OPERATIONS, None).seed == 3
    assert control.from_file(path, services.OPERATIONS, 9).seed == 9
    assert control.from_file(None, services.OPERATIONS, 9) == rules.RuleSet((), 9)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "this is no JSON"),
        (b"[" * 100_000, "the JSON is nested too deeply"),
        (b"\xff", "this is no JSON"),
        (b" " * (control.LARGEST + 1), "rules may have"),
        (b'{"rules": [{"do": "drop", "share": 2}]}', "rule 1: share takes a number from 0 to 1"),
    ],
)
def test_a_file_that_holds_no_rules_is_refused_by_its_name(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "faults.json"
    path.write_bytes(content)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - both texts are looked for below
        control.from_file(path, services.OPERATIONS, None)
    assert str(path) in str(caught.value)
    assert told in str(caught.value)


def test_a_file_of_rules_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"nothing\.json cannot be read: No such file"):
        control.from_file(tmp_path / "nothing.json", services.OPERATIONS, None)


def test_every_operation_of_a_service_can_be_named() -> None:
    named: Any = {operation.partition(" ")[0] for operation in services.OPERATIONS}
    assert named == {"OSS", "COS", "IMM", "Tablestore", "FC", "SMQ", "SCF"}
    for operation in services.OPERATIONS:
        service, _, name = operation.partition(" ")
        rules.read({"rules": [{**ERROR, "service": service.lower(), "operation": name}]}, services.OPERATIONS)
