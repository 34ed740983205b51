"""A checkpoint that somebody has edited is refused: the next run would end in a traceback, or pass objects over."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from imagelabels.domain.checkpoint import Checkpoint, NewerError, Task, read, refusal, text

LIST = Task("backfill", "oss://photos/2026/", "list", "memory", "fake", "policy")
INVENTORY = replace(LIST, source="inventory oss://lists/manifest.json 5D41")
HERE = Checkpoint("7f", LIST, 1.0, "2026/猫.jpg", 2, 9.0, 3.0, {"objects": 5}, "/report", 100, False, 9, True)


def _edited(checkpoint: Checkpoint, **fields: Any) -> str:
    return json.dumps(json.loads(text(checkpoint)) | fields)


@pytest.mark.parametrize(
    "checkpoint",
    [
        HERE,
        replace(HERE, position="", pass_begun=None),
        replace(HERE, task=replace(LIST, source="list:0/4")),
        replace(HERE, task=INVENTORY, position="0:12"),
        replace(HERE, task=replace(LIST, place="file:///home/me/"), position="home/me/\udce4.jpg"),
    ],
)
def test_a_checkpoint_would_not_be_read_back(checkpoint: Checkpoint) -> None:
    assert read(text(checkpoint)) == checkpoint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("schema", "1"),
        ("run", ""),
        ("run", "7f\n"),
        ("task", {}),
        ("begun", float("nan")),
        ("begun", "1"),
        ("position", 7),
        ("position", "2025/dog.jpg"),
        ("position", "2026/\ud800"),
        ("position", f"2026/{'a' * 5000}"),
        ("number", 0),
        ("number", 1.5),
        ("pass_begun", float("inf")),
        ("pass_begun", 2.0),
        ("since", float("inf")),
        ("since", 99.0),
        ("counts", []),
        ("counts", {"\x1b[31m": 1}),
        ("counts", {"objects": -1}),
        ("counts", {"objects": "5"}),
        ("report", None),
        ("report_bytes", -1),
        ("finished", 1),
        ("total", "9"),
        ("agreed", "yes"),
    ],
)
def test_an_edited_field_would_end_in_a_traceback_or_pass_objects_over(name: str, value: object) -> None:
    with pytest.raises(ValueError, match="it is damaged, or no checkpoint"):
        read(_edited(HERE, **{name: value}))


@pytest.mark.parametrize("position", ["dog.jpg", "1", "1:", ":1", "-1:0", "1:x", "1:2:3", "١:٢", "9" * 40 + ":1"])
def test_an_edited_position_of_an_inventory_would_end_in_a_traceback(position: str) -> None:
    with pytest.raises(ValueError, match="it is damaged, or no checkpoint"):
        read(_edited(replace(HERE, task=INVENTORY, position="0:12"), position=position))


def test_a_checkpoint_of_a_newer_version_would_be_called_damaged() -> None:
    newer = _edited(HERE, schema=99)
    with pytest.raises(NewerError, match="it was written by a newer version of imagelabels"):
        read(newer)


@pytest.mark.parametrize("name", ["command", "place", "source", "index", "detector"])
def test_a_walk_would_go_on_with_the_checkpoint_of_another_one(name: str) -> None:
    assert refusal(LIST, LIST) is None
    other = replace(LIST, **{name: "another"})
    assert f"{getattr(LIST, name)}, and this is another" in str(refusal(LIST, other))
