"""Whoever changes a table that answers depend on also raises METHOD, so that kept answers are asked for anew."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imagelabels.domain import taxonomy
from imagelabels.providers.onnx import detector, heads, levels, sight, traits
from imagelabels.providers.onnx.recall import MORE, STANDARD

Tables = dict[str, Any]

CLASSES = Path(traits.__file__).with_name("classes.json")

RECORDED = {
    "method=5 taxonomy=6": "f1db536d1443fa4d",
    "method=6 taxonomy=6": "d8078e0551e239ed",
    "method=7 taxonomy=6": "c6f6b79d7ee1cc19",
    "method=7 taxonomy=7": "70cc85d53e73aeda",
}
"""The digest of the tables by what `setting` says of them. Add a line, and leave those of before as they are."""


def tables() -> Tables:
    """Return what the answers depend on and no hash of a model file covers. Reasons and names change no answer."""
    names, shown = taxonomy.load(), json.loads(levels.FILE.read_bytes())
    return {
        "heads": json.loads(heads.FILE.read_bytes()),
        "levels": shown | {"silent": sorted(shown["silent"]), "misleading": sorted(shown["misleading"])},
        "classes": json.loads(CLASSES.read_bytes()),
        "tree": [[concept.id, concept.level, concept.parent] for concept in names.concepts.values()],
        "sure": [
            heads.SURE,
            detector.UNSURE,
            detector.SUREST,
            STANDARD.temperature_of_small,
            MORE.temperature_of_small,
        ],
        "limits": [sight.FLAT, sight.BLANK, sight.BLACK, sight.SMALL, sight.BLURRED],
    }


def digest(of: Tables) -> str:
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:16]


def test_tables_that_changed_have_another_method_so_that_no_answer_of_the_old_ones_is_kept() -> None:
    present = f"method={traits.METHOD} taxonomy={taxonomy.load().version}"
    assert f" {present} " in traits.of_embedded(0.1, STANDARD, False, None).setting
    assert RECORDED.get(present) == digest(tables()), (
        f"the embedded detector's tables changed: raise METHOD in {traits.__file__} and record the new digest here"
    )


def test_no_two_methods_have_the_same_tables() -> None:
    assert len(set(RECORDED.values())) == len(RECORDED)


def shift_a_bias(of: Tables) -> None:
    of["heads"]["food"]["bias"] += 0.1


def exchange_two_classes(of: Tables) -> None:
    of["classes"][0], of["classes"][1] = of["classes"][1], of["classes"][0]


def let_a_silent_label_speak(of: Tables) -> None:
    of["levels"]["silent"].remove("wedding")


def move_a_floor(of: Tables) -> None:
    of["levels"]["shown"]["2"][2][0] = 0.86


def move_a_group(of: Tables) -> None:
    of["tree"][-1][2] = "animal"


def move_a_limit(of: Tables) -> None:
    of["limits"][-1] += 1


@pytest.mark.parametrize(
    "change",
    [shift_a_bias, exchange_two_classes, let_a_silent_label_speak, move_a_floor, move_a_group, move_a_limit],
)
def test_a_small_change_of_any_table_is_noticed(change: Callable[[Tables], None]) -> None:
    changed = copy.deepcopy(tables())
    change(changed)
    assert digest(changed) != digest(tables())
