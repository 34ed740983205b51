"""This module checks roles: who may use them, and that they allow what the code calls and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from imagelabels.deploy.template.resolve import ACCOUNT, REGION, Resource, Stack
from imagelabels.providers.aliyun.tablestore.tables import ANSWERS, BUDGETS, EVENTS, IMAGES

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
}
"""The calls of the ledger on each table. A batch needs its permission on every table that it writes to."""

IMM, THROUGH_OSS = "imm:DetectImageLabels", "oss:ProcessImm"

_Needs = set[tuple[str, str]]
"""Pairs of an action and a resource."""


def check(stack: Stack) -> Iterator[str]:
    roles = {_arn(role): role for role in stack.of("ALIYUN::RAM::Role")}
    for function in stack.of("ALIYUN::FC3::Function"):
        role = roles.get(function.properties.get("Role", ""))
        if role is None:
            yield f"{function.name}.Role: must be the Arn of a role of this template"
        else:
            yield from _role(stack, role, "fc.aliyuncs.com", _of_function(stack, function))
    for trigger in stack.of("ALIYUN::FC3::Trigger"):
        role = roles.get(trigger.properties.get("InvocationRole", ""))
        if role is None:
            yield f"{trigger.name}.InvocationRole: must be the Arn of a role of this template"
        else:
            name = trigger.properties.get("FunctionName")
            arn = f"acs:fc:{REGION}:{ACCOUNT}:functions/{name}"
            needs = {("fc:InvokeFunction", arn), ("fc:InvokeFunction", f"{arn}/LATEST")}
            yield from _role(stack, role, "oss.aliyuncs.com", needs)


def _arn(role: Resource) -> str:
    return f"acs:ram::{ACCOUNT}:role/{str(role.properties.get('RoleName')).lower()}"


def _of_function(stack: Stack, function: Resource) -> _Needs:
    environment: Mapping[str, Any] = function.properties.get("EnvironmentVariables", {})
    needs: _Needs = set()
    detector = environment.get("IMAGELABELS_DETECTOR", "oss")
    for trigger in stack.of("ALIYUN::FC3::Trigger"):
        if trigger.properties.get("FunctionName") == function.properties.get("FunctionName"):
            bucket = trigger.properties.get("SourceArn", "").rpartition(":")[2]
            prefix = trigger.properties.get("TriggerConfig", {}).get("filter", {}).get("key", {}).get("prefix", "")
            actions = (*OBJECT, THROUGH_OSS) if detector == "oss" else OBJECT
            needs |= {(action, f"acs:oss:*:{ACCOUNT}:{bucket}/{prefix}any.jpg") for action in actions}
    if detector == "imm":
        needs.add((IMM, f"acs:imm:{REGION}:{ACCOUNT}:project/{environment.get('IMAGELABELS_IMM_PROJECT')}"))
    scheme, _, instance = str(environment.get("IMAGELABELS_INDEX")).partition("://")
    if scheme == "tablestore":
        tables = f"acs:ots:{REGION}:{ACCOUNT}:instance/{instance}/table"
        needs |= {(action, f"{tables}/{table}") for table, actions in ROWS.items() for action in actions}
    log = function.properties.get("LogConfig")
    if log:
        store = f"project/{log.get('Project')}/logstore/{log.get('Logstore')}"
        needs.add(("log:PostLogStoreLogs", f"acs:log:{REGION}:{ACCOUNT}:{store}"))
    for config in stack.of("ALIYUN::FC3::AsyncInvokeConfig"):
        target = config.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
        if target.startswith("acs:mns:"):
            needs.add(("mns:SendMessage", target))
    return needs


def _role(stack: Stack, role: Resource, service: str, needs: _Needs) -> Iterator[str]:
    trust = role.properties.get("AssumeRolePolicyDocument", {}).get("Statement", [])
    if not any(service in statement.get("Principal", {}).get("Service", []) for statement in trust):
        yield f"{role.name}.AssumeRolePolicyDocument: must trust {service}, which uses the role"
    granted = list(_granted(stack, role))
    for action, resource in sorted(needs):
        if not any(fnmatchcase(action, allowed) and fnmatchcase(resource, on) for _, allowed, on in granted):
            yield f"{role.name}: nothing allows {action} on {resource}: add it to a policy of the role"
    for policy, action, on in granted:
        if "*" in action:
            yield f"{policy}: {action} allows more than is called: name the actions"
        elif _unbounded(on):
            yield f"{policy}: {action} on {on} reaches resources of others: name account and resource"
        elif not any(action == needed and fnmatchcase(resource, on) for needed, resource in needs):
            yield f"{policy}: {action} on {on} is allowed and never called: take it out"


def _granted(stack: Stack, role: Resource) -> Iterator[tuple[str, str, str]]:
    """Yield (policy, action, resource) for everything that a role allows.

    The action and the resource may be patterns.
    """
    documents = [(role.name, policy.get("PolicyDocument", {})) for policy in role.properties.get("Policies", [])]
    for managed in stack.of("ALIYUN::RAM::ManagedPolicy"):
        if role.properties.get("RoleName") in managed.properties.get("Roles", []):
            documents.append((managed.name, managed.properties.get("PolicyDocument", {})))
    for name, document in documents:
        for statement in document.get("Statement", []):
            if statement.get("Effect") != "Allow":
                continue
            for action in statement.get("Action", []):
                for resource in statement.get("Resource", []):
                    yield name, action, resource


def _unbounded(resource: str) -> bool:
    """Return whether a pattern lacks the account or the beginning of the resource's name. OSS names no region."""
    parts = resource.split(":", 4)
    return (
        len(parts) < 5 or parts[3] != ACCOUNT or parts[4].lstrip("/").startswith("*") or parts[4].endswith("/table/*")
    )
