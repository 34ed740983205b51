"""This module checks the function's role: that SCF may use it, and that it allows what the code calls and no more."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from imagelabels.deploy.checks import roles as checks
from imagelabels.deploy.tencent import description
from imagelabels.deploy.tencent.plan import Step
from imagelabels.deploy.tencent.problem import Problem
from imagelabels.deploy.tencent.values import references

SERVICE = "scf.qcloud.com"
OBJECT = ("name/cos:HeadObject", "name/cos:GetObject", "name/cos:GetObjectTagging", "name/cos:PutObjectTagging")
ALBUM_OBJECT = ("name/cos:GetObject",)
"""Whoever follows an address that the album function signed reads the picture with the function's permission."""
DETECT = "ci:CreateDetectLabelJob"

_Steps = Sequence[tuple[Step, Mapping[str, Any]]]
_Grant = tuple[Step, str, str]
"""A step that makes a policy, and an action and a resource that the policy allows. Both may be patterns."""


def check(step: Step, function: Mapping[str, Any], steps: _Steps, is_album: bool) -> Iterator[Problem]:
    """Yield what is wrong with the role of a function, which answers the HTTP API or labels pictures."""
    roles = [made for made in steps if made[1].get("RoleName") == function.get("Role") and _makes(made, "CreateRole")]
    if not roles:
        yield Problem(checks.ROLE_MISSING, (*step.call.path, "Role"), "No step makes this role.")
        return
    ((role_step, role), *_) = roles
    if SERVICE not in _trusted(role):
        cause = f"It does not trust {SERVICE}, which uses the role."
        path = (*role_step.call.path, "PolicyDocument")
        yield Problem(checks.ROLE_NOT_TRUSTED, path, cause, f"It must trust {SERVICE}.")
    granted = list(_granted(steps, role["RoleName"]))
    denied = list(_granted(steps, role["RoleName"], "deny"))
    needs = set(_needs(function, steps, is_album))
    missing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for action, resource in sorted(needs):
        if any(fnmatchcase(action, refused) and fnmatchcase(resource, on) for _, refused, on in denied):
            missing[resource, " Another statement denies it."].append(action)
        elif not any(action == allowed and fnmatchcase(resource, on) for _, allowed, on in granted):
            missing[resource, _other_case(granted, action, resource)].append(action)
    for (resource, hint), actions in missing.items():
        cause = f"Nothing allows {', '.join(actions)} on {resource}.{hint}"
        yield Problem(
            checks.PERMISSION_MISSING, step.call.path, cause, "Add it to a policy that is attached to the role."
        )
    for grant in granted:
        yield from _more_than_needed(grant, needs)


def _other_case(granted: Sequence[_Grant], action: str, resource: str) -> str:
    """Say that a policy would fit if letters had the other case."""
    for _, allowed, on in granted:
        if action == allowed and fnmatchcase(resource.lower(), on.lower()):
            return f" It is allowed on {on}, which has letters in another case."
    return ""


def _more_than_needed(grant: _Grant, needs: set[tuple[str, str]]) -> Iterator[Problem]:
    policy, action, on = grant
    path = (*policy.call.path, "PolicyDocument")
    if "*" in action:
        yield Problem(checks.PERMISSION_TOO_WIDE, path, f"{action} allows more than is called.")
    elif on == "*" or "/" not in on.rpartition("*")[0]:
        yield Problem(checks.PERMISSION_TOO_WIDE, path, f"{action} on {on} reaches resources of others.")
    elif action != DETECT and not any(
        action == needed and fnmatchcase(resource, on) for needed, resource in needs
    ):  # Another detector leaves DETECT unused, which does no harm on one bucket.
        yield Problem(checks.PERMISSION_UNUSED, path, f"Nothing calls {action} on {on}, which the policy allows.")


def _makes(made: tuple[Step, Mapping[str, Any]], action: str) -> bool:
    return made[0].call.action == action


def _document(text: Any) -> list[dict[str, Any]]:
    """Return the statements of a policy; none if it is not written as one."""
    try:
        statements = json.loads(text)["statement"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return _mappings(statements)


def _mappings(value: Any) -> list[dict[str, Any]]:
    values = value if isinstance(value, list) else [value]
    return [mapping for mapping in values if isinstance(mapping, dict)]


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]


def _trusted(role: Mapping[str, Any]) -> list[str]:
    return [
        service
        for statement in _document(role["PolicyDocument"])
        if statement.get("effect") == "allow" and "name/sts:AssumeRole" in _texts(statement.get("action"))
        for principal in _mappings(statement.get("principal"))
        for service in _texts(principal.get("service"))
    ]


def _granted(steps: _Steps, role: str, effect: str = "allow") -> Iterator[_Grant]:
    """Yield what the policies allow, or deny, that the plan attaches to the role."""
    attached = {
        name.partition(".")[0]
        for step, made in steps
        if step.call.action == "AttachRolePolicy" and made.get("AttachRoleName") == role
        for _, name in references({"PolicyId": step.call.parameters.get("PolicyId")})
    }
    for step, made in steps:
        if step.call.action == "CreatePolicy" and step.kind in attached:
            for statement in _document(made["PolicyDocument"]):
                if statement.get("effect") == effect:
                    for action in _texts(statement.get("action")):
                        for resource in _texts(statement.get("resource")):
                            yield step, action, resource


def _needs(function: Mapping[str, Any], steps: _Steps, is_album: bool) -> Iterator[tuple[str, str]]:
    """Yield (action, resource) of the calls that the function makes on the objects of its triggers."""
    entries = function.get("Environment", {}).get("Variables", [])
    variables = {entry.get("Key"): entry.get("Value") for entry in entries}
    only_signs = is_album and variables.get("IMAGELABELS_CORRECTIONS") != "on"
    for _, trigger in (made for made in steps if _makes(made, "CreateTrigger") and made[1]["Type"] == "cos"):
        bucket, _, host = trigger["TriggerName"].partition(".cos.")
        region, account = host.partition(".")[0], bucket.rpartition("-")[2]
        prefix, _ = description.keys(trigger)
        for action in ALBUM_OBJECT if only_signs else OBJECT:
            yield action, f"qcs::cos:{region}:uid/{account}:{bucket}/{prefix}any.jpg"
        if variables.get("IMAGELABELS_DETECTOR", "ci") == "ci" and not is_album:
            yield DETECT, f"qcs::ci:{region}:uid/{account}:bucket/{bucket}/any.jpg"
