"""These tests put random faults into template and plan, and rewrite both without harm.

`make doctor-mutations` tries 300 seeds of each."""

import copy
import itertools
import json
import random
from typing import Any

import pytest

from imagelabels.deploy.checks.table import GROUPS
from imagelabels.deploy.doctor import offline
from imagelabels.deploy.template import document
from imagelabels.deploy.tencent import plan
from tests.deploy.doctor import mutating, plan_rewrites, template_rewrites

pytestmark = pytest.mark.story

REWRITES = {"aliyun": range(8), "tencent": range(15)}
CORRUPTIONS = {"aliyun": 30, "tencent": 50}
CASES = [(cloud, family) for cloud, families in mutating.FAMILIES.items() for family in families]
NAMES = {check.name for _, checks in GROUPS for check in checks}


@pytest.mark.parametrize(("cloud", "family"), CASES)
def test_a_fault_would_have_another_name_or_none(cloud: str, family: str) -> None:
    assert family in NAMES
    assert mutating.unnamed(cloud, family, 0) == ""


@pytest.mark.parametrize("cloud", REWRITES)
def test_a_harmless_rewrite_would_be_accused(cloud: str) -> None:
    for seed in REWRITES[cloud]:
        assert mutating.accused(cloud, seed) == ""


def test_a_choice_of_main_parameters_would_be_accused() -> None:
    text = document.shipped()
    names = ("Runtime", "Detector", "CreateBucket", "MemorySize", "KeyPrefix")
    values: tuple[tuple[str, ...], ...] = (
        ("python3.10", "python3.12"),
        ("imm", "oss", "embedded"),
        ("true", "false"),
        ("512", "2048"),
        ("", "p/"),
    )
    cases = list(itertools.product(*values))
    for choice in random.Random("choices").sample(cases, 12):
        words = dict(zip(names, choice, strict=True))
        report = offline.aliyun(text, {**words, "Region": "cn-hangzhou", "BucketName": "my-photos"})
        refused = words["Detector"] == "embedded" and words["MemorySize"] == "512"  # It has a whole CPU.
        assert {finding.check for finding in report.findings} == ({"cpu-ratio"} if refused else set()), words
        assert refused or report.bucket == "my-photos"


@pytest.mark.parametrize("detector", ["ci", "embedded"])
@pytest.mark.parametrize("prefix", ["", "photos/"])
def test_a_choice_of_a_plans_main_parameters_would_be_accused(detector: str, prefix: str) -> None:
    package = f"dist/imagelabels-tencent-python3.10-{detector}-tablestore"
    words = {"Detector": detector, "Prefix": prefix, "Code": f"{package}-code.zip", "Layer": f"{package}-layer.zip"}
    assert offline.tencent(plan.shipped(), words).findings == ()


@pytest.mark.parametrize("cloud", CORRUPTIONS)
def test_a_file_that_is_wrong_in_an_unforeseen_way_would_end_in_a_traceback(cloud: str) -> None:
    shipped = template_rewrites.shipped() if cloud == "aliyun" else plan_rewrites.shipped()
    for seed in range(CORRUPTIONS[cloud]):
        rng, content = random.Random(f"corruption {cloud} {seed}"), copy.deepcopy(shipped)
        for _ in range(rng.randrange(1, 4)):
            corrupt(rng, content)
        try:
            mutating.findings(cloud, json.dumps(content))
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error


def corrupt(rng: random.Random, content: Any) -> None:
    """Put something else in the place of a random value."""
    owner = content
    while True:
        places = list(owner) if isinstance(owner, dict) else range(len(owner))
        place = rng.choice(list(places))
        inner = owner[place]
        if not isinstance(inner, (dict, list)) or not inner or rng.random() < 0.15:
            break
        owner = inner
    values: list[Any] = [
        None,
        "",
        "x",
        0,
        -1,
        1.5,
        True,
        [],
        {},
        [[]],
        {"a": {}},
        ["x", 1],
        [{"x": []}],
        "*",
        "${x",
        "a:b",
        "{}",
    ]
    owner[place] = rng.choice(values)
