"""These changes of a template mean the same to the cloud, or make something else beside the function."""

import random
import re
from collections.abc import Callable
from typing import Any

from imagelabels.deploy.template import document

Document = dict[str, Any]
Rewrite = Callable[[random.Random, Document], None]


def shipped() -> Document:
    """Return our template as plain values, with the functions in their long forms."""
    template = document.read(document.shipped())
    return {
        "ROSTemplateFormatVersion": document.FORMAT,
        "Parameters": template.parameters,
        "Conditions": template.conditions,
        "Resources": template.resources,
        "Outputs": template.outputs,
    }


def of(content: Document, kind: str) -> list[dict[str, Any]]:
    """Return the properties of the resources of a type."""
    return [each["Properties"] for each in content["Resources"].values() if each["Type"] == f"ALIYUN::{kind}"]


def remove(content: Document, kind: str) -> None:
    """Remove the resources of a type, and what refers to them."""
    gone = [name for name, each in content["Resources"].items() if each["Type"] == f"ALIYUN::{kind}"]
    for name in gone:
        del content["Resources"][name]
    for resource in content["Resources"].values():
        if "DependsOn" in resource:
            resource["DependsOn"] = [name for name in resource["DependsOn"] if name not in gone]
    uses = re.compile(rf"\b({'|'.join(gone)})\b")
    content["Outputs"] = {name: each for name, each in content["Outputs"].items() if not uses.search(str(each))}


def shuffled(rng: random.Random, value: Any) -> Any:
    """Return the value with the members of all mappings in another order."""
    if isinstance(value, dict):
        names = list(value)
        rng.shuffle(names)
        return {name: shuffled(rng, value[name]) for name in names}
    return [shuffled(rng, inner) for inner in value] if isinstance(value, list) else value


def reorder(rng: random.Random, content: Document) -> None:
    for name in list(content):
        section = content.pop(name)
        content[name] = shuffled(rng, section)


def rename(rng: random.Random, content: Document) -> None:
    """Give some resources and conditions other names, everywhere."""
    for section in ("Resources", "Conditions"):
        for old in list(content[section]):
            if rng.random() < 0.4:
                new = f"{rng.choice(['My', 'Photo', 'The'])}{old}{rng.randrange(100)}"
                content[section] = {new if name == old else name: each for name, each in content[section].items()}
                for part in ("Conditions", "Resources", "Outputs"):
                    content[part] = {name: _renamed(each, old, new, section) for name, each in content[part].items()}


def _renamed(value: Any, old: str, new: str, section: str) -> Any:
    if isinstance(value, list):
        return [_renamed(inner, old, new, section) for inner in value]
    if not isinstance(value, dict):
        return value
    if section == "Resources" and value == {"Ref": old}:
        return {"Ref": new}
    change = _of_resource if section == "Resources" else _of_condition
    changed = {name: _renamed(inner, old, new, section) for name, inner in value.items()}
    return {name: change(name, argument, old, new) for name, argument in changed.items()}


def _of_condition(name: str, argument: Any, old: str, new: str) -> Any:
    """Return a member with the condition's new name."""
    if name == "Condition":
        return new if argument == old else argument
    if name == "Fn::If":
        return [new if argument[0] == old else argument[0], *argument[1:]]
    if name in ("Fn::Not", "Fn::And", "Fn::Or"):
        return [new if each == old else each for each in argument]
    return argument


def _of_resource(name: str, argument: Any, old: str, new: str) -> Any:
    """Return a member with the resource's new name."""
    if name == "DependsOn":
        return [new if each == old else each for each in argument]
    if name == "Fn::GetAtt":
        return [new if argument[0] == old else argument[0], *argument[1:]]
    if name != "Fn::Sub":
        return argument
    text, *more = argument if isinstance(argument, list) else [argument]
    if not (more and old in more[0]):
        text = re.sub(rf"\$\{{{old}(?=[.}}])", f"${{{new}", text)
    return [text, *more] if more else text


def respell(rng: random.Random, content: Document) -> None:
    """Write attributes with a dot, and one dependency without a list."""

    def change(value: Any) -> Any:
        if isinstance(value, list):
            return [change(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        changed = {name: change(inner) for name, inner in value.items()}
        if "Fn::GetAtt" in changed and rng.random() < 0.5:
            changed["Fn::GetAtt"] = ".".join(changed["Fn::GetAtt"])
        names = changed.get("DependsOn")
        if isinstance(names, list) and len(names) == 1 and rng.random() < 0.5:
            changed["DependsOn"] = names[0]
        return changed

    for part in ("Conditions", "Resources", "Outputs"):
        content[part] = change(content[part])


def explain(rng: random.Random, content: Document) -> None:
    """Add what only the console shows."""
    content["Metadata"] = {"ALIYUN::ROS::Interface": {"ParameterGroups": []}}
    content["Description"] = "This stack labels my pictures."
    for parameter in content["Parameters"].values():
        if rng.random() < 0.3:
            parameter |= {"Label": "a value", "ConstraintDescription": "as you like it"}


def split_events(rng: random.Random, content: Document) -> None:
    """Let two triggers with the same filter share the events."""
    name, trigger = next(
        (name, each) for name, each in content["Resources"].items() if each["Type"] == "ALIYUN::FC3::Trigger"
    )
    events = list(trigger["Properties"]["TriggerConfig"]["events"])
    rng.shuffle(events)
    cut = rng.randrange(1, len(events))
    second = {**trigger["Properties"], "TriggerName": "second"}
    second["TriggerConfig"] = {**second["TriggerConfig"], "events": events[cut:]}
    trigger["Properties"]["TriggerConfig"] = {**trigger["Properties"]["TriggerConfig"], "events": events[:cut]}
    content["Resources"][f"{name}Second"] = {**trigger, "Properties": second}


def split_statements(rng: random.Random, content: Document) -> None:
    """Write a statement as two."""
    for policy in of(content, "RAM::ManagedPolicy"):
        statements = policy["PolicyDocument"]["Statement"]
        statement = rng.choice(statements)
        if len(statement["Action"]) > 1:
            first, second = statement["Action"][:1], statement["Action"][1:]
            statements.append({**statement, "Action": second})
            statement["Action"] = first


def join(rng: random.Random, content: Document) -> None:
    """Write texts with Join instead of Sub, and conditions with Or."""
    for properties in of(content, "MNS::Queue"):
        properties["QueueName"] = {"Fn::Join": ["-", [{"Ref": "Name"}, "failures"]]}
    condition = content["Conditions"]["NeedsProject"]
    content["Conditions"]["NeedsProject"] = rng.choice(
        [{"Fn::Or": ["DetectsWithImm", "DetectsThroughOss"]}, {"Fn::Not": ["DetectsInFunction"]}, condition]
    )


UNRELATED: dict[str, dict[str, Any]] = {
    "Albums": {"Type": "ALIYUN::OSS::Bucket", "Properties": {"BucketName": "my-albums"}},
    "Server": {"Type": "ALIYUN::ECS::Instance", "Properties": {"ImageId": "debian"}},
    "Reader": {
        "Type": "ALIYUN::RAM::Role",
        "Properties": {
            "RoleName": "reader",
            "AssumeRolePolicyDocument": {
                "Version": "1",
                "Statement": [
                    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["ecs.aliyuncs.com"]}}
                ],
            },
        },
    },
    "Everything": {
        "Type": "ALIYUN::RAM::ManagedPolicy",
        "Properties": {
            "PolicyName": "everything",
            "PolicyDocument": {
                "Version": "1",
                "Statement": [{"Effect": "Allow", "Action": ["oss:*"], "Resource": ["*"]}],
            },
        },
    },
    "Jobs": {"Type": "ALIYUN::MNS::Queue", "Properties": {"QueueName": "jobs", "MaximumMessageSize": 1024}},
    "Audit": {"Type": "ALIYUN::SLS::Project", "Properties": {"Name": "audit-of-albums"}},
    "Orders": {
        "Type": "ALIYUN::OTS::Table",
        "Properties": {
            "InstanceName": "shop",
            "TableName": "orders",
            "PrimaryKey": [{"Name": "id", "Type": "INTEGER"}],
        },
    },
    "Thumbnails": {
        "Type": "ALIYUN::FC3::Function",
        "Properties": {
            "FunctionName": "thumbnails",
            "Runtime": "nodejs20",
            "Handler": "index.handler",
            "Timeout": 10,
            "EnvironmentVariables": {"WIDTH": "200"},
        },
    },
    "ThumbnailTrigger": {
        "Type": "ALIYUN::FC3::Trigger",
        "Properties": {
            "FunctionName": "thumbnails",
            "TriggerName": "uploads",
            "TriggerType": "oss",
            "SourceArn": {"Fn::Sub": "acs:oss:${ALIYUN::Region}:${ALIYUN::TenantId}:my-albums"},
            "TriggerConfig": {"events": ["oss:ObjectCreated:*"], "filter": {"key": {"prefix": "", "suffix": ".JPG"}}},
        },
    },
    "Hourly": {
        "Type": "ALIYUN::FC3::Trigger",
        "Properties": {
            "FunctionName": "thumbnails",
            "TriggerName": "hourly",
            "TriggerType": "timer",
            "TriggerConfig": {"cronExpression": "@every 1h", "enable": True},
        },
    },
}
"""These belong to somebody's other programs. They have what would be faults in ours."""


def add(rng: random.Random, content: Document) -> None:
    chosen = {name for name in UNRELATED if rng.random() < 0.4}
    chosen |= {"Thumbnails"} if chosen & {"ThumbnailTrigger", "Hourly"} else set()
    content["Resources"] |= {name: UNRELATED[name] for name in UNRELATED if name in chosen}


CHOICES: dict[str, list[Any]] = {
    "CreateBucket": [True, False],
    "KeyPrefix": ["", "photos/", "2026/summer/", "写真/"],
    "ClusterType": ["SSD", "HYBRID"],
    "Runtime": ["python3.10", "python3.12"],
    "Name": ["imagelabels", "labels", "my-labels-2"],
    "Detector": ["imm", "oss"],
    "ImmProject": ["imagelabels", "Photos_1"],
    "Language": ["en", "zh-Hans"],
    "PolicyFile": ["", "/code/policy.toml"],
    "MemorySize": [1024, 1536, 2048],
    "MaxInstances": [1, 10, 300],
    "Timeout": [75, 90, 120, 300],
    "RetryAttempts": [1, 3, 8],
    "EventAge": [8100, 86400, 604800],
    "LogDays": [1, 30, 3650],
    "CodeKey": ["a.zip", "imagelabels/v2/code.zip"],
    "BucketName": ["my-photos", "holiday-2026"],
    "InstanceName": ["my-labels", "photo-index"],
}
"""These values of parameters are allowed together."""


def choose(rng: random.Random, content: Document) -> None:
    for name, values in CHOICES.items():
        if rng.random() < 0.5:
            content["Parameters"][name]["Default"] = rng.choice(values)


FORM: tuple[Rewrite, ...] = (reorder, rename, respell, explain, add)
"""These change nothing that a mutation could have made."""
ALL: tuple[Rewrite, ...] = (choose, split_statements, split_events, join, *FORM)


def apply(rewrites: tuple[Rewrite, ...], rng: random.Random, content: Document) -> None:
    """Apply some of the rewrites, in their order."""
    for rewrite in rewrites:
        if rng.random() < 0.6:
            rewrite(rng, content)
