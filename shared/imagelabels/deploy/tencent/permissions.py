"""This module checks the function's role: that SCF may use it, and that it allows what the code calls and no more."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from imagelabels.deploy.tencent.plan import Path, Step

SERVICE = "scf.qcloud.com"
OBJECT = ("name/cos:HeadObject", "name/cos:GetObject", "name/cos:GetObjectTagging", "name/cos:PutObjectTagging")
DETECT = "ci:CreateDetectLabelJob"

_Steps = Sequence[tuple[Step, Mapping[str, Any]]]
_Found = Iterator[tuple[Path, str]]


def check(step: Step, function: Mapping[str, Any], steps: _Steps) -> _Found:
    """Yield (path in the file, message) for the role of a function."""
    roles = [made for made in steps if made[1].get("RoleName") == function.get("Role") and _makes(made, "CreateRole")]
    if not roles:
        yield (*step.call.path, "Role"), "no step makes this role"
        return
    ((role_step, role), *_) = roles
    if SERVICE not in _trusted(role):
        yield (*role_step.call.path, "PolicyDocument"), f"must trust {SERVICE}, which uses the role"
    granted = list(_granted(steps, role["RoleName"]))
    needs = set(_needs(function, steps))
    for action, resource in sorted(needs):
        if not any(action == allowed and fnmatchcase(resource, on) for _, allowed, on in granted):
            yield (
                step.call.path,
                f"nothing allows {action} on {resource}: add it to a policy that is attached to the role",
            )
    for policy, action, on in granted:
        path = (*policy.call.path, "PolicyDocument")
        if "*" in action:
            yield path, f"{action} allows more than is called: name the actions"
        elif not any(action == needed and fnmatchcase(resource, on) for needed, resource in needs):
            if action != DETECT:  # Another detector leaves it unused, which does no harm on one bucket.
                yield path, f"{action} on {on} is allowed and never called: take it out"
        elif on == "*" or "/" not in on.rpartition("*")[0]:
            yield path, f"{action} on {on} reaches what is others': name account and bucket"


def _makes(made: tuple[Step, Mapping[str, Any]], action: str) -> bool:
    return made[0].call.action == action


def _document(text: Any) -> list[Mapping[str, Any]]:
    try:
        statements = json.loads(text)["statement"]
    except (ValueError, KeyError, TypeError):
        return []
    return [statement for statement in statements if isinstance(statement, dict)]


def _trusted(role: Mapping[str, Any]) -> list[str]:
    return [
        service
        for statement in _document(role["PolicyDocument"])
        if statement.get("effect") == "allow" and "name/sts:AssumeRole" in statement.get("action", [])
        for service in statement.get("principal", {}).get("service", [])
    ]


def _granted(steps: _Steps, role: str) -> Iterator[tuple[Step, str, str]]:
    """Yield (step, action, resource) of the policies that the plan attaches to the role."""
    attached = any(_makes(made, "AttachRolePolicy") and made[1].get("AttachRoleName") == role for made in steps)
    for step, made in steps:
        if attached and step.call.action == "CreatePolicy":
            for statement in _document(made["PolicyDocument"]):
                if statement.get("effect") == "allow":
                    for action in statement.get("action", []):
                        for resource in statement.get("resource", []):
                            yield step, action, resource


def _needs(function: Mapping[str, Any], steps: _Steps) -> Iterator[tuple[str, str]]:
    """Yield (action, resource) of the calls that the function makes on the objects of its triggers."""
    variables = function.get("Environment", {}).get("Variables", [])
    detectors = [entry.get("Value") for entry in variables if entry.get("Key") == "IMAGELABELS_DETECTOR"]
    for _, trigger in (made for made in steps if _makes(made, "CreateTrigger") and made[1]["Type"] == "cos"):
        bucket, _, host = trigger["TriggerName"].partition(".cos.")
        region, account = host.partition(".")[0], bucket.rpartition("-")[2]
        try:
            prefix = json.loads(trigger["TriggerDesc"])["filter"].get("Prefix", "")
        except (ValueError, KeyError, TypeError, AttributeError):
            prefix = ""
        for action in OBJECT:
            yield action, f"qcs::cos:{region}:uid/{account}:{bucket}/{prefix}any.jpg"
        if detectors in ([], ["ci"]):
            yield DETECT, f"qcs::ci:{region}:uid/{account}:bucket/{bucket}/any.jpg"
