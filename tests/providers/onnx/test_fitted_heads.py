"""The heads say of pictures' features what was measured when they were fitted.

tests/samples/head_features.npz holds the features of some pictures as bytes, and what each head said of them.
models/heads/samples.py chose them near the heads' limits, and records them anew when the heads are fitted anew. The
pictures themselves are not here. models/heads/labels.txt says what they show.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.onnx.heads import FILE, PERSON, SURE, Heads
from models.heads import graphic, pictures, samples

HeadsFile = dict[str, dict[str, Any]]

PRESENT: HeadsFile = json.loads(FILE.read_bytes())
IDS = tuple(PRESENT)

SMALL = 0.0015
"""A confidence that differs by more was not computed by the heads that were recorded. Thousandths are recorded."""


def moved(heads: Heads) -> set[str]:
    """Return the heads that say of a sample another confidence than the one that was recorded."""
    ids = set()
    for sample, recorded in samples.read():
        said = heads.confidences(sample.values)
        ids |= {label_id for label_id in said if abs(said[label_id] - recorded.get(label_id, -1)) > SMALL}
    return ids


def altered(file: Path, change: Callable[[HeadsFile], None]) -> Heads:
    heads = json.loads(FILE.read_bytes())
    change(heads)
    file.write_text(json.dumps(heads))
    return Heads(taxonomy.load(), file)


def test_each_head_says_of_the_samples_what_was_recorded() -> None:
    assert moved(Heads(taxonomy.load())) == set(), "after a new fit, `python -m models.heads.samples` records anew"


def test_each_head_is_sure_of_pictures_that_show_its_label_and_of_no_others() -> None:
    heads, judged = Heads(taxonomy.load()), pictures.judged((pictures.HERE / "labels.txt").read_text("utf-8"))
    for sample, _ in samples.read():
        said = heads.confidences(sample.values)
        assert samples.wrong(heads, judged[sample.beginning], said) == [], f"{sample.beginning}: {said}"


def test_each_head_is_tried_on_a_picture_that_shows_its_label_and_on_one_that_does_not() -> None:
    heads, judged = Heads(taxonomy.load()), pictures.judged((pictures.HERE / "labels.txt").read_text("utf-8"))
    tried = {
        (label_id, samples.truth(judged[sample.beginning], label_id))
        for sample, said in samples.read()
        for label_id in heads.ids
        if samples.is_asked(heads, label_id, said)
    }
    assert tried >= {(label_id, truth) for label_id in set(IDS) - {PERSON} for truth in (0.0, 1.0)}


def test_samples_are_of_sources_that_ask_for_nothing_but_to_be_named() -> None:
    judged = pictures.judged((pictures.HERE / "labels.txt").read_text("utf-8"))
    free = {entry["name"] for entry in pictures.sources() if graphic.allowed(entry)}
    of = [judged[sample.beginning].source for sample, _ in samples.read()]
    assert len(of) >= 20
    assert set(of) <= free


@pytest.mark.parametrize("shift", [-0.1, 0.1])
@pytest.mark.parametrize("label_id", IDS)
def test_a_slightly_shifted_bias_is_noticed(tmp_path: Path, label_id: str, shift: float) -> None:
    def shifted(heads: HeadsFile) -> None:
        heads[label_id]["bias"] += shift

    assert moved(altered(tmp_path / "heads.json", shifted)) == {label_id}


@pytest.mark.parametrize("label_id", IDS)
def test_weights_in_another_heads_place_are_noticed(tmp_path: Path, label_id: str) -> None:
    other = IDS[IDS.index(label_id) - 1]

    def exchanged(heads: HeadsFile) -> None:
        one, two = heads[label_id], heads[other]
        heads[label_id] = {**two, **parts(one)}
        heads[other] = {**one, **parts(two)}

    def parts(head: dict[str, Any]) -> dict[str, Any]:
        """Return the weights that not every head has."""
        return {part: head[part] for part in ("surface", "colours") if part in head}

    assert moved(altered(tmp_path / "heads.json", exchanged)) >= {label_id, other}


def test_weights_that_are_off_by_one_feature_are_noticed(tmp_path: Path) -> None:
    def off_by_one(heads: HeadsFile) -> None:
        for head in heads.values():
            head["weights"] = head["weights"][-1:] + head["weights"][:-1]

    assert moved(altered(tmp_path / "heads.json", off_by_one)) == set(IDS)


@pytest.mark.parametrize("label_id", [label_id for label_id in IDS if PRESENT[label_id]["measured_at"] != SURE])
def test_a_head_that_lost_the_limit_at_which_it_was_measured_is_noticed(tmp_path: Path, label_id: str) -> None:
    """A head without its own limit would give its label where it is wrong too often."""

    def lost(heads: HeadsFile) -> None:
        heads[label_id]["measured_at"] = SURE

    assert moved(altered(tmp_path / "heads.json", lost)) == {label_id}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda heads: heads.pop("graphic"), "head graphic is missing"),
        (lambda heads: heads.update({"nosuch": heads["map"]}), "no label nosuch"),
        (lambda heads: heads["food"]["weights"].pop(), 'head food has 1279 numbers under "weights", and not 1280'),
        (
            lambda heads: [head["weights"].pop() for head in heads.values()],
            'head person has 1279 numbers under "weights", and not 1280',
        ),
        (lambda heads: heads["graphic"]["surface"].pop(), 'head graphic has 35 numbers under "surface", and not 36'),
        (lambda heads: heads["food"]["colours"].pop(), 'head food has 63 numbers under "colours", and not 64'),
        (lambda heads: heads["food"].pop("colours"), 'head food has 0 numbers under "colours", and not 64'),
        (lambda heads: heads["food"]["weights"].__setitem__(7, float("nan")), "head food has a weight or a bias"),
        (lambda heads: heads["food"].update(bias=float("inf")), "head food has a weight or a bias"),
        (lambda heads: heads["food"].update(bias="0.1"), "TypeError"),
        (lambda heads: heads["food"].update(measured_at=1), "ZeroDivisionError"),
        (lambda heads: heads["food"].pop("scale"), "KeyError: 'scale'"),
        (lambda heads: heads.clear(), "head graphic is missing"),
    ],
)
def test_weights_that_mean_nothing_are_refused_with_what_to_do(
    tmp_path: Path, change: Callable[[HeadsFile], None], said: str
) -> None:
    with pytest.raises(Misconfigured, match=rf"heads\.json is not as .*{said}.*: install imagelabels again"):
        altered(tmp_path / "heads.json", change)


def test_a_lost_or_damaged_file_of_weights_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"No such file .*install imagelabels again"):
        Heads(taxonomy.load(), tmp_path / "heads.json")
    (tmp_path / "heads.json").write_text("{")
    with pytest.raises(Misconfigured, match=r"JSONDecodeError.*install imagelabels again"):
        Heads(taxonomy.load(), tmp_path / "heads.json")


def test_the_weights_stay_small() -> None:
    assert FILE.stat().st_size < 200_000
