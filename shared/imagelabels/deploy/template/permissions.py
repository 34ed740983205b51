"""This module checks roles: who may use them, and that they allow what the code calls and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from imagelabels.deploy.checks import roles as checks
from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.template import deliveries
from imagelabels.deploy.template.resolve import ACCOUNT, REGION, Resource, Stack, mappings, texts
from imagelabels.providers.aliyun.tablestore.tables import (
    ALBUMS,
    ANSWERS,
    BUDGETS,
    CHANGES,
    DELIVERIES,
    EVENTS,
    IMAGES,
    KNOWN,
    PINS,
    TOKENS,
    WEBHOOKS,
)

OBJECT = (
    "oss:GetObject",
    "oss:GetObjectVersion",
    "oss:GetObjectTagging",
    "oss:GetObjectVersionTagging",
    "oss:PutObjectTagging",
    "oss:PutObjectVersionTagging",
)
"""oss:GetObject allows HeadObject too. If a bucket has versions, each call names one and needs its own permission."""

ROWS = {
    IMAGES: ("ots:GetRow", "ots:PutRow", "ots:UpdateRow", "ots:DeleteRow", "ots:BatchWriteRow"),
    ANSWERS: ("ots:GetRow", "ots:PutRow", "ots:UpdateRow", "ots:DeleteRow", "ots:BatchWriteRow"),
    BUDGETS: ("ots:GetRow", "ots:PutRow", "ots:UpdateRow"),
    EVENTS: ("ots:DeleteRow", "ots:BatchWriteRow"),
    CHANGES: ("ots:BatchWriteRow",),
}
"""The calls of the ledger on each table. A batch needs its permission on every table that it writes to."""

SEARCH = ("ots:Search", "ots:DescribeSearchIndex")
"""The timer's function searches the table of images for rows on which work is not done, after it has looked whether the
search index is ready."""

ALBUM_OBJECT = ("oss:GetObject", "oss:GetObjectVersion")
"""Whoever follows an address that the album function signed reads the picture with the function's permission."""

ALBUM_ROWS = {
    IMAGES: ("ots:GetRow", "ots:BatchGetRow", *SEARCH),
    EVENTS: ("ots:GetRange",),
    CHANGES: ("ots:GetRange", "ots:BatchWriteRow"),
    ALBUMS: ("ots:GetRow", "ots:GetRange", "ots:PutRow", "ots:UpdateRow", "ots:DeleteRow"),
    PINS: ("ots:GetRow", "ots:BatchGetRow", "ots:GetRange", "ots:BatchWriteRow"),
    TOKENS: ("ots:GetRow",),
    BUDGETS: ("ots:GetRow",),
    WEBHOOKS: ("ots:GetRow", "ots:GetRange", "ots:PutRow", "ots:UpdateRow"),
    DELIVERIES: ("ots:GetRange", "ots:BatchWriteRow"),
}
"""The calls of the album function on each table. It makes and revokes no token. A pin tells a change of its picture."""

CORRECTION_ROWS = {
    IMAGES: ("ots:GetRow", "ots:PutRow", "ots:UpdateRow", "ots:DeleteRow", "ots:BatchWriteRow"),
    ANSWERS: ("ots:GetRow", "ots:DeleteRow"),
    BUDGETS: ("ots:UpdateRow",),
    EVENTS: ("ots:DeleteRow", "ots:BatchWriteRow"),
    CHANGES: ("ots:BatchWriteRow",),
}
"""The further calls of an album function that takes corrections. It reads answers that are kept, and stores none. If a
picture is to be tried again, it deletes the count of failures, and ends the hold on the bucket."""

WEBHOOK_ROWS = {
    IMAGES: ("ots:BatchGetRow", *SEARCH),
    CHANGES: ("ots:GetRange",),
    ALBUMS: ("ots:GetRow",),
    PINS: ("ots:BatchGetRow", "ots:GetRange"),
    WEBHOOKS: ("ots:GetRow", "ots:GetRange", "ots:PutRow", "ots:UpdateRow", "ots:DeleteRow"),
    DELIVERIES: ("ots:GetRange", "ots:BatchWriteRow"),
    KNOWN: ("ots:BatchGetRow", "ots:GetRange", "ots:BatchWriteRow"),
}
"""The calls of the function for webhooks on each table. It opens no picture."""

IMM, THROUGH_OSS = "imm:DetectImageLabels", "oss:ProcessImm"

_Needs = set[tuple[str, str]]
"""Pairs of an action and a resource."""


class _Rule(NamedTuple):
    """One action on one resource that a policy allows or denies. Both may be patterns."""

    policy: str
    allows: bool
    action: str
    resource: str

    def covers(self, action: str, resource: str) -> bool:
        return fnmatchcase(action, self.action) and fnmatchcase(resource, self.resource)


def check(stack: Stack) -> Iterator[Finding]:
    roles = {_arn(role): role for role in stack.of("ALIYUN::RAM::Role")}
    needed: dict[str, _Needs] = defaultdict(set)
    for function in stack.functions():
        if (arn := function.text("Role")) not in roles:
            yield checks.ROLE_MISSING.finding(f"{function.name}.Role", "It is not the Arn of a role of this template.")
        else:
            needed[arn] |= _of_function(stack, function)
    for arn, needs in needed.items():
        yield from _role(stack, roles[arn], "fc.aliyuncs.com", needs)
    for trigger in stack.triggers():
        role = roles.get(trigger.text("InvocationRole"))
        if role is None:
            yield checks.ROLE_MISSING.finding(
                f"{trigger.name}.InvocationRole", "It is not the Arn of a role of this template."
            )
        else:
            arn = f"acs:fc:{REGION}:{ACCOUNT}:functions/{trigger.text('FunctionName')}"
            needs = {("fc:InvokeFunction", arn), ("fc:InvokeFunction", f"{arn}/LATEST")}
            yield from _role(stack, role, "oss.aliyuncs.com", needs)


def _arn(role: Resource) -> str:
    return f"acs:ram::{ACCOUNT}:role/{role.text('RoleName').lower()}"


def _of_function(stack: Stack, function: Resource) -> _Needs:
    if function in stack.webhooks():
        needs = _of_tables(function, WEBHOOK_ROWS)
    else:
        needs = _of_album(stack, function) if function in stack.albums() else _of_labelling(stack, function)
    if function.mapping("LogConfig"):
        store = f"project/{function.text('LogConfig', 'Project')}/logstore/{function.text('LogConfig', 'Logstore')}"
        needs.add(("log:PostLogStoreLogs", f"acs:log:{REGION}:{ACCOUNT}:{store}"))
    for config in deliveries.configs_of(stack, function):
        if deliveries.target(config).startswith("acs:mns:"):
            needs.add(("mns:SendMessage", deliveries.target(config)))
    return needs


def _of_album(stack: Stack, function: Resource) -> _Needs:
    corrects = function.text("EnvironmentVariables", "IMAGELABELS_CORRECTIONS") == "on"
    actions = OBJECT if corrects else ALBUM_OBJECT
    objects = {(action, _objects(trigger)) for trigger in stack.triggers() for action in actions}
    further = _of_tables(function, CORRECTION_ROWS) if corrects else set[tuple[str, str]]()
    return objects | _of_tables(function, ALBUM_ROWS) | further


def _of_labelling(stack: Stack, function: Resource) -> _Needs:
    needs: _Needs = set()
    detector = function.text("EnvironmentVariables", "IMAGELABELS_DETECTOR") or "oss"
    is_timer = function in stack.timers()
    of_all = is_timer or function in stack.backfills()
    for trigger in stack.triggers():
        if of_all or trigger.text("FunctionName") == function.text("FunctionName"):
            actions = (*OBJECT, THROUGH_OSS) if detector == "oss" else OBJECT
            needs |= {(action, _objects(trigger)) for action in actions}
    if detector == "imm":
        project = function.text("EnvironmentVariables", "IMAGELABELS_IMM_PROJECT")
        needs.add((IMM, f"acs:imm:{REGION}:{ACCOUNT}:project/{project}"))
    return needs | _of_tables(function, ROWS) | (_of_tables(function, {IMAGES: SEARCH}) if is_timer else set())


def _objects(trigger: Resource) -> str:
    """Return an example of the objects that a trigger reports."""
    bucket = trigger.text("SourceArn").rpartition(":")[2]
    return f"acs:oss:*:{ACCOUNT}:{bucket}/{trigger.text('TriggerConfig', 'filter', 'key', 'prefix')}any.jpg"


def _of_tables(function: Resource, calls: Mapping[str, tuple[str, ...]]) -> _Needs:
    scheme, _, instance = function.text("EnvironmentVariables", "IMAGELABELS_INDEX").partition("://")
    if scheme != "tablestore":
        return set()
    tables = f"acs:ots:{REGION}:{ACCOUNT}:instance/{instance}/table"
    return {(action, f"{tables}/{table}") for table, actions in calls.items() for action in actions}


def _role(stack: Stack, role: Resource, service: str, needs: _Needs) -> Iterator[Finding]:
    if service not in _trusted(role):
        yield checks.ROLE_NOT_TRUSTED.finding(
            f"{role.name}.AssumeRolePolicyDocument",
            f"It does not trust {service}, which uses the role.",
            f"It must trust {service}.",
        )
    rules = list(_rules(stack, role))
    missing: dict[tuple[str, str], list[str]] = defaultdict(list)
    for action, resource in sorted(needs):
        covering = [rule for rule in rules if rule.covers(action, resource)]
        if not any(rule.allows for rule in covering):
            missing[resource, _other_case(rules, action, resource)].append(action)
        elif denying := [rule.policy for rule in covering if not rule.allows]:
            yield checks.PERMISSION_MISSING.finding(
                denying[0], f"It denies {action} on {resource}.", "Take the denial out."
            )
    for (resource, hint), actions in missing.items():
        yield checks.PERMISSION_MISSING.finding(role.name, f"Nothing allows {', '.join(actions)} on {resource}.{hint}")
    yield from _more_than_needed([rule for rule in rules if rule.allows], needs)


def _other_case(rules: list[_Rule], action: str, resource: str) -> str:
    """Say that a rule would fit if letters had the other case."""
    for rule in rules:
        if rule.allows and fnmatchcase(action, rule.action) and fnmatchcase(resource.lower(), rule.resource.lower()):
            return f" It is allowed on {rule.resource}, which has letters in another case."
    return ""


def _more_than_needed(rules: list[_Rule], needs: _Needs) -> Iterator[Finding]:
    unused: dict[tuple[str, str], list[str]] = defaultdict(list)
    for rule in rules:
        if "*" in rule.action:
            yield checks.PERMISSION_TOO_WIDE.finding(rule.policy, f"{rule.action} allows more than is called.")
        elif _unbounded(rule.resource):
            yield checks.PERMISSION_TOO_WIDE.finding(
                rule.policy, f"{rule.action} on {rule.resource} reaches resources of others."
            )
        elif not any(rule.action == needed and fnmatchcase(resource, rule.resource) for needed, resource in needs):
            unused[rule.policy, rule.resource].append(rule.action)
    for (policy, resource), actions in unused.items():
        yield checks.PERMISSION_UNUSED.finding(
            policy, f"Nothing calls {', '.join(actions)} on {resource}, which the policy allows."
        )


def _trusted(role: Resource) -> list[str]:
    """Return the services that may use a role."""
    return [
        service
        for statement in mappings(role.mapping("AssumeRolePolicyDocument").get("Statement"))
        if statement.get("Effect", "Allow") == "Allow"
        for principal in mappings(statement.get("Principal"))
        for service in texts(principal.get("Service"))
    ]


def _rules(stack: Stack, role: Resource) -> Iterator[_Rule]:
    """Yield everything that the policies of a role allow or deny."""
    documents = [(role.name, policy.get("PolicyDocument")) for policy in mappings(role.properties.get("Policies"))]
    for managed in stack.of("ALIYUN::RAM::ManagedPolicy"):
        if role.text("RoleName") in texts(managed.properties.get("Roles")):
            documents.append((managed.name, managed.properties.get("PolicyDocument")))
    for name, document in documents:
        for statement in mappings(document.get("Statement") if isinstance(document, dict) else None):
            for action in texts(statement.get("Action")):
                for resource in texts(statement.get("Resource")):
                    yield _Rule(name, statement.get("Effect") == "Allow", action, resource)


def _unbounded(resource: str) -> bool:
    """Return whether a pattern lacks the account or the beginning of the resource's name. OSS names no region."""
    parts = resource.split(":", 4)
    return (
        len(parts) < 5 or parts[3] != ACCOUNT or parts[4].lstrip("/").startswith("*") or parts[4].endswith("/table/*")
    )
