"""This command writes schema.json, the schema of our resources in the vendor's kit (ros-cdk, Apache-2.0).

docs/deploy.md shows how to run it. The validators of the kit are generated code with one statement per rule. The
statements are read as text, and an unknown form of statement stops the run, so that no rule is lost silently.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

TYPES = (
    "ALIYUN::FC3::AsyncInvokeConfig",
    "ALIYUN::FC3::ConcurrencyConfig",
    "ALIYUN::FC3::Function",
    "ALIYUN::FC3::LayerVersion",
    "ALIYUN::FC3::Trigger",
    "ALIYUN::IMM::Project2",
    "ALIYUN::MNS::Queue",
    "ALIYUN::OSS::Bucket",
    "ALIYUN::OTS::InstanceV2",
    "ALIYUN::OTS::SearchIndex",
    "ALIYUN::OTS::Table",
    "ALIYUN::RAM::ManagedPolicy",
    "ALIYUN::RAM::Role",
    "ALIYUN::SLS::Index",
    "ALIYUN::SLS::Logstore",
    "ALIYUN::SLS::Project",
)
PLAIN = {"String": "string", "Number": "number", "Boolean": "boolean", "Any": "any", "AnyDict": "map"}

# Data sources, which only read, have modules and classes with the same names in another folder.
_MODULE = re.compile(r"package/lib/\w+\.generated\.js")
_CHECK = re.compile(
    r"errors\.collect\(ros\.propertyValidator\('(\w+)', (.+?)\)\((\{.+?\n\s*\}|properties\.\w+)\)\);", re.S
)
_NAME = re.compile(r"^ +'(\w+)': .*\(properties\.(\w+)\),$", re.M)
_FIGURE = re.compile(r"\b(min|max): ([-\d.]+)")


class Kit:
    """One library of the kit, with the text of its generated module and its version."""

    def __init__(self, wheel: Path) -> None:
        with zipfile.ZipFile(wheel) as outer:
            (name,) = (entry for entry in outer.namelist() if entry.endswith(".jsii.tgz"))
            packed = BytesIO(outer.read(name))
        with tarfile.open(fileobj=packed) as inner:
            (module,) = (entry for entry in inner.getnames() if _MODULE.fullmatch(entry))
            file = inner.extractfile(module)
            assert file is not None, f"{wheel}: {module} is not a file"
            self.text = file.read().decode("utf-8")
        self.version = wheel.name.split("-")[1]

    def resource(self, type_name: str) -> dict[str, Any] | None:
        """Return the attributes and properties of a resource; None if this library does not have it."""
        named = re.search(rf'^(\w+)\.ROS_RESOURCE_TYPE_NAME = "{type_name}";', self.text, re.M)
        if named is None:
            return None
        begins = self.text.index(f"\nclass {named[1]} extends ")
        attributes = re.findall(r"this\.getAtt\('([\w.]+)'\)", self.text[begins : named.start()])
        return {"attributes": attributes, "properties": self._properties(f"{named[1]}PropsValidator")}

    def _properties(self, validator: str) -> dict[str, Any]:
        renderer = validator.replace("_", "").removesuffix("Validator")
        names = {camel: name for name, camel in _NAME.findall(self._body(f"r{renderer[1:]}ToRosTemplate"))}
        shapes: dict[str, dict[str, Any]] = {name: {} for name in sorted(names.values())}
        body = self._body(validator)
        checks = _CHECK.findall(body)
        if len(checks) != body.count("errors.collect("):
            raise ValueError(f"{validator} has a rule of an unknown form")
        for camel, rule, argument in checks:
            shapes[names[camel]] |= self._rule(rule, argument)
        return shapes

    def _rule(self, rule: str, argument: str) -> dict[str, Any]:
        if rule == "ros.requiredValidator":
            return {"required": True}
        if rule == "ros.validateAllowedValues":
            return {"allowed": json.loads(argument[argument.index("[") : argument.rindex("]") + 1])}
        if rule == "ros.validateAllowedPattern":
            return {"pattern": argument[argument.index("reg: /") + 6 : argument.rindex("/")]}
        figures = {name: json.loads(figure) for name, figure in _FIGURE.findall(argument)}
        if rule == "ros.validateRange":
            return figures
        if rule == "ros.validateLength":
            return {f"{name}_length": figure for name, figure in figures.items()}
        return self._shape(rule)

    def _shape(self, rule: str) -> dict[str, Any]:
        if inner := re.fullmatch(r"ros\.listValidator\((.+)\)", rule):
            return {"type": "list", "items": self._shape(inner[1])}
        if rule.startswith("ros.hashValidator("):
            return {"type": "map"}
        if rule.startswith("ros.validate"):
            return {"type": PLAIN[rule.removeprefix("ros.validate")]}
        return {"type": "object", "properties": self._properties(rule)}

    def _body(self, function: str) -> str:
        begins = self.text.index(f"\nfunction {function}(")
        return self.text[begins : self.text.index("\n}\n", begins)]


def main(folder: Path, target: Path) -> None:
    kits = [Kit(wheel) for wheel in sorted(folder.glob("ros_cdk_*.whl"))]
    resources = {}
    for type_name in TYPES:
        candidates = [resource for resource in (kit.resource(type_name) for kit in kits) if resource is not None]
        if not candidates:
            raise SystemExit(f"no wheel in {folder} has {type_name}: docs/deploy.md says which wheels to download")
        resources[type_name] = candidates[0]
    document = {
        "source": "https://github.com/aliyun/Resource-Orchestration-Service-Cloud-Development-Kit (ros-cdk)",
        "version": ", ".join(sorted({kit.version for kit in kits})),
        "licence": "Apache-2.0, Copyright 2009-2020 Aliyun.com, Inc. or its affiliates",
        "made_by": "shared/imagelabels/deploy/template/extract_schema.py",
        "resources": resources,
    }
    target.write_text(_text(document), encoding="utf-8")


def _text(document: dict[str, Any]) -> str:
    """Return JSON with one line per property, so that a new version of the kit makes a readable diff."""
    lines = json.dumps(document | {"resources": None}, indent=1).removesuffix("null\n}") + "{"
    resources = []
    for name, resource in document["resources"].items():
        properties = ",\n".join(
            f"   {json.dumps(key)}: {json.dumps(shape)}" for key, shape in resource["properties"].items()
        )
        resources.append(
            f'\n  {json.dumps(name)}: {{\n   "attributes": {json.dumps(resource["attributes"])},\n'
            f'   "properties": {{\n{properties}\n   }}\n  }}'
        )
    return f"{lines}{','.join(resources)}\n }}\n}}\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).with_name("schema.json"))
