"""The rules that the documentation shows, as the emulator takes them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from emulator import services, topics
from emulator.core.call_log import CallRecord
from emulator.faults import rules
from emulator.faults.deliveries import Spoiled

PAGE = (Path(__file__).parents[3] / "docs" / "emulator" / "faults.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_page_would_be_refused(example: str) -> None:
    assert rules.read(json.loads(example), services.OPERATIONS).rules


def test_a_kind_of_rule_would_have_no_example() -> None:
    shown = {rule["do"] for example in EXAMPLES for rule in json.loads(example)["rules"]}
    assert shown == set(rules.KINDS)


@pytest.mark.parametrize("kind", rules.KINDS)
def test_a_field_of_a_rule_would_not_be_explained(kind: str) -> None:
    explained = set(re.findall(r"`(\w+)`", PAGE))
    assert rules.KINDS[kind].known | {kind} <= explained


@pytest.mark.parametrize("record", [CallRecord, Spoiled])
def test_a_field_of_a_list_would_not_be_explained(record: type[CallRecord] | type[Spoiled]) -> None:
    assert set(record.__dataclass_fields__) <= set(re.findall(r"`(\w+)`", PAGE))


def test_the_rules_of_the_help_would_be_refused_or_a_kind_would_be_missing_there() -> None:
    text = topics.text("faults")
    (example,) = re.findall(r'^  (\{"seed".*?\]\})$', text, re.MULTILINE | re.DOTALL)
    assert len(rules.read(json.loads(example), services.OPERATIONS).rules) == 3
    assert set(rules.KINDS) <= set(re.findall(r"\w+", text))
