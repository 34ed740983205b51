"""These changes of a plan mean the same to the cloud, or make something else beside the function."""

import random
import re
from typing import Any

import yaml

from imagelabels.deploy.tencent import plan
from tests.deploy.doctor.template_rewrites import shuffled

Document = dict[str, Any]


def shipped() -> Document:
    """Return our plan as plain values."""
    content: Document = plan._plain(yaml.compose(plan.shipped(), yaml.SafeLoader), (), {})
    return content


def step(content: Document, name: str) -> dict[str, Any]:
    """Return the step that makes the call with that name."""
    found: dict[str, Any] = next(each for each in content["steps"] if each["call"].endswith(f" {name}"))
    return found


def default(content: Document, name: str, value: str | int) -> None:
    """Give a parameter a value."""
    parameter = content["parameters"][name]
    parameter["example" if "example" in parameter else "default"] = value


def reorder(rng: random.Random, content: Document) -> None:
    changed = shuffled(rng, content)
    content.clear()
    content |= changed


def rename(rng: random.Random, content: Document) -> None:
    """Give some steps other names, everywhere."""
    for number in range(len(content["steps"])):
        if rng.random() < 0.5:
            old = content["steps"][number]["name"]
            new = f"{rng.choice(['my', 'the'])}{old}{rng.randrange(100)}"
            content["steps"][number]["name"] = new
            content["steps"] = _renamed(content["steps"], old, new)


def _renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, list):
        return [_renamed(inner, old, new) for inner in value]
    if isinstance(value, dict):
        changed = {name: _renamed(inner, old, new) for name, inner in value.items()}
        if changed.get("of") == old:
            changed["of"] = new
        return changed
    return re.sub(rf"\$\{{{old}\.", f"${{{new}.", value) if isinstance(value, str) else value


def add(rng: random.Random, content: Document) -> None:
    """Add somebody else's role, and a parameter for its name."""
    content["parameters"]["Reader"] = {
        "default": "reader",
        "says": "names a role that the function has nothing to do with",
    }
    content["steps"].insert(
        rng.randrange(len(content["steps"]) + 1),
        {
            "name": "reader",
            "call": "cam CreateRole",
            "with": {
                "RoleName": "${Reader}",
                "Description": "${mark}",
                "PolicyDocument": {"json": {"version": "2.0", "statement": []}},
            },
            "look": {"call": "cam GetRole", "with": {"RoleName": "${Reader}"}, "in": "RoleInfo"},
            "undo": [{"call": "cam DeleteRole", "with": {"RoleName": "${Reader}"}}],
        },
    )


def swap(rng: random.Random, content: Document) -> None:
    """Write lists that have no order in another one, and lists of one as the text alone."""
    rng.shuffle(step(content, "CreateTrigger")["each"]["Event"])
    rng.shuffle(step(content, "CreateFunction")["with"]["Environment"]["Variables"])
    statements = step(content, "CreatePolicy")["with"]["PolicyDocument"]["json"]["statement"]
    rng.shuffle(statements)
    for statement in statements:
        rng.shuffle(statement["action"])
        if rng.random() < 0.5:
            statement["resource"] = statement["resource"][0]


CHOICES: dict[str, list[str | int]] = {
    "Name": ["imagelabels", "my-labels", "Photos2"],
    "Region": ["ap-guangzhou", "ap-beijing", "eu-frankfurt"],
    "Prefix": ["", "photos/", "写真/"],
    "Bucket": ["photos-1250000000", "my-album-1250000000"],
    "Memory": [256, 512, 1024, 3072],
    "Timeout": [75, 90, 300],
    "Retries": [1, 2],
    "Keep": [3600, 21600],
    "Detector": ["ci"],
    "DeadLetterQueue": ["failures", "imagelabels-failures"],
    "LogSet": ["", "abc"],
    "Index": ["tablestore://my-labels", "tablestore://photo-index"],
    "Code": ["dist/code.zip", "dist/imagelabels-tencent-python3.10-ci-tablestore-code.zip"],
}
"""These values of parameters are allowed together."""


def choose(rng: random.Random, content: Document) -> None:
    for name, values in CHOICES.items():
        if rng.random() < 0.5:
            default(content, name, rng.choice(values))


FORM = (reorder, rename, add)
"""These change nothing that a mutation could have made."""
ALL = (choose, swap, *FORM)
