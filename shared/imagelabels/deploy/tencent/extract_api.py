"""This command writes api.json, the vendor's own model of the API calls that the plan makes (tccli, Apache-2.0).

docs/deploy.md shows how to run it. The model gives names, types and what is required. The values that a member takes
stand only in the vendor's Chinese descriptions; the forms that are known are read from there.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

CALLS = {
    "cam": (
        "2019-01-16",
        (
            *("CreateRole", "GetRole", "UpdateAssumeRolePolicy", "UpdateRoleDescription", "DeleteRole"),
            *("CreatePolicy", "ListPolicies", "UpdatePolicy", "DeletePolicy"),
            *("AttachRolePolicy", "ListAttachedRolePolicies", "DetachRolePolicy"),
        ),
    ),
    "scf": (
        "2018-04-16",
        (
            *("PublishLayerVersion", "ListLayerVersions", "DeleteLayerVersion"),
            *("CreateFunction", "GetFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration", "DeleteFunction"),
            *("UpdateFunctionEventInvokeConfig", "GetFunctionEventInvokeConfig"),
            *("PutReservedConcurrencyConfig", "GetReservedConcurrencyConfig"),
            *("CreateTrigger", "ListTriggers", "DeleteTrigger"),
        ),
    ),
}
PLAIN = {"string", "int64", "uint64", "bool", "float", "binary", "datetime"}

_LISTED = re.compile(r"^- (\w+(?:\.\d+)*)", re.M)
_QUOTED = re.compile(r"取值\[(.+?)\]")
_RANGE = re.compile(r"可选(?:值)?范\D*?(?:64、?\D*?)?(\d+)\s*M?B?\s*-\s*(\d+)")
_STEP = re.compile(r"以\s*(\d+)MB\s*为阶梯")
_LENGTH = re.compile(r"长度\D*?(\d+)-(\d+)")


def extract(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return the services with their actions and objects, from the wheel of tccli."""
    services: dict[str, Any] = {}
    for service, (version, calls) in CALLS.items():
        path = f"tccli/services/{service}/v{version.replace('-', '')}/api.json"
        model = json.loads(archive.read(path))
        if missing := set(calls) - model["actions"].keys():
            raise SystemExit(f"{path} has no call {', '.join(sorted(missing))}")
        actions = {name: {side: model["actions"][name][side] for side in ("input", "output")} for name in calls}
        objects: dict[str, Any] = {}
        for action in actions.values():
            for name in action.values():
                _collect(model["objects"], name, objects)
        services[service] = {"version": version, "actions": actions, "objects": dict(sorted(objects.items()))}
    return services


def _collect(model: dict[str, Any], name: str, objects: dict[str, Any]) -> None:
    """Add an object and everything that its members are made of."""
    if name in objects:
        return
    members = [member for member in model[name]["members"] if not member.get("disabled")]
    objects[name] = {member["name"]: _member(member) for member in members}
    for member in members:
        if member["member"] not in PLAIN:
            _collect(model, member["member"], objects)


def _member(member: dict[str, Any]) -> dict[str, Any]:
    shape: dict[str, Any] = {"type": member["member"]}
    if member["type"] == "list":
        shape["list"] = True
    if member.get("required"):
        shape["required"] = True
    return shape | _values(member["document"], member["member"])


def _values(text: str, type_name: str) -> dict[str, Any]:
    """Return what a description says about the values of a member."""
    if type_name == "string":
        if quoted := _QUOTED.search(text):
            return {"allowed": [word.strip(" '\"") for word in quoted[1].split(",")]}
        if "TRUE" in text and "FALSE" in text:
            return {"allowed": ["TRUE", "FALSE"]}
        if "OPEN" in text and "CLOSE" in text:
            return {"allowed": ["OPEN", "CLOSE"]}
        if "运行环境" in text and (listed := _LISTED.findall(text)):
            return {"allowed": listed}
        length = _LENGTH.search(text)
        return {"min_length": int(length[1]), "max_length": int(length[2])} if length else {}
    figures = _RANGE.search(text)
    step = _STEP.search(text)
    values = {"min": int(figures[1]), "max": int(figures[2])} if figures else {}
    return values | ({"step": int(step[1])} if step else {})


def text(document: dict[str, Any]) -> str:
    """Return JSON with one line per member, so that a new version of the model makes a readable diff."""
    written = json.dumps(document, indent=1, ensure_ascii=False)
    return (
        re.sub(r"\{\n\s+(\"type\":[^{}]+?)\n\s+\}", lambda match: f"{{{' '.join(match[1].split())}}}", written) + "\n"
    )


def main(wheel: Path, target: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        services = extract(archive)
    document = {
        "source": "https://github.com/TencentCloud/tencentcloud-cli (tccli)",
        "version": wheel.name.split("-")[1],
        "licence": "Apache-2.0, Tencent Cloud",
        "made_by": "imagelabels/deploy/tencent/extract_api.py",
        "services": services,
    }
    target.write_text(text(document), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).with_name("api.json"))
