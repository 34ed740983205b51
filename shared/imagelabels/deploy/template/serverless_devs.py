"""This command writes s.yaml, the form of the function that Serverless Devs (https://www.serverless-devs.com) reads.

`python -m imagelabels.deploy.template.serverless_devs template.yml s.yaml`

Its component fc3 makes the function with its trigger, its deliveries and its limit of instances. It does not make the
tables, the roles, the queue and the log store, which s.yaml only names.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from imagelabels.deploy.package.target import order
from imagelabels.deploy.template.document import read
from imagelabels.deploy.template.resolve import ACCOUNT, REGION, Resource, Stack, stack

VARIABLES = {"BucketName": "my-photos", "InstanceName": "my-labels"}
"""These parameters of the template have no default. s.yaml has them as variables, with these values as examples."""

LAYER = "acs:fc:REGION:ACCOUNT:layers/imagelabels/versions/1"
"""The example of the variable for the layer. Function Compute names it when the layer is made."""

HEAD = """\
# Made from template.yml by `python -m imagelabels.deploy.template.serverless_devs template.yml s.yaml`. Change only
# the variables here. docs/deploy.md says what must exist before `s deploy`.
"""


def text(template: str) -> str:
    """Return s.yaml for the template."""
    names = {name: f"${{vars.{name}}}" for name in VARIABLES}
    resolved = stack(read(template), names)
    document = {
        "edition": "3.0.0",
        "name": "imagelabels",
        "access": "default",
        "vars": {
            "Region": REGION,
            **VARIABLES,
            "Layer": LAYER,
            "Code": f"dist/imagelabels-{order('aliyun').name}-code.zip",
        },
        "resources": {
            name: {"component": "fc3", "props": _portable(_props(resolved, function))}
            for name, (function,) in {"imagelabels": resolved.labelling(), "timer": resolved.timers()}.items()
        },
    }
    body: str = yaml.safe_dump(document, sort_keys=False, width=120)
    return HEAD + body


def _props(resolved: Stack, function: Resource) -> dict[str, Any]:
    """Return the properties of the component for a function. Only the one for buckets' events has deliveries."""

    def of_it(kind: str) -> list[Any]:
        each = [
            one.properties for one in resolved.of(kind) if one.text("FunctionName") == function.text("FunctionName")
        ]
        return [_without_name(properties) for properties in each]

    deliveries = of_it("ALIYUN::FC3::AsyncInvokeConfig")
    return {
        "region": REGION,
        **_camel_case(function.properties),
        # The component reads the archive from this machine. Its schema demands a local path even for one in a bucket.
        "code": "${vars.Code}",
        "layers": ["${vars.Layer}"],
        "environmentVariables": function.properties["EnvironmentVariables"],
        "concurrencyConfig": of_it("ALIYUN::FC3::ConcurrencyConfig")[0],
        **({"asyncInvokeConfig": deliveries[0]} if deliveries else {}),
        "triggers": [{**trigger, "qualifier": "LATEST"} for trigger in of_it("ALIYUN::FC3::Trigger")],
    }


def _without_name(properties: Any) -> Any:
    return _camel_case({name: value for name, value in properties.items() if name != "FunctionName"})


def _camel_case(value: Any) -> Any:
    """Return the value with names such as functionName in place of FunctionName."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: _camel_case(inner) for name, inner in value.items()}
    return [_camel_case(inner) for inner in value] if isinstance(value, list) else value


def _portable(value: Any) -> Any:
    """Return the value with the user's region and account in place of those of the examples."""
    if isinstance(value, dict):
        return {name: _portable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_portable(inner) for inner in value]
    if isinstance(value, str):
        return value.replace(REGION, "${vars.Region}").replace(ACCOUNT, "${config('AccountID')}")
    return value


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(text(Path(sys.argv[1]).read_text(encoding="utf-8")), encoding="utf-8")
