"""The functions that are deployed, each with its platform and its trigger; a file may list them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from emulator.aliyun.fc.platform import FunctionCompute
from emulator.aliyun.fc.triggers import TriggerRule as OssTrigger
from emulator.core.parts import Change
from emulator.functions.function import Function
from emulator.functions.platform import Platform
from emulator.tencent.scf.platform import ServerlessCloudFunction
from emulator.tencent.scf.triggers import TriggerRule as CosTrigger

OSS_EVENTS = (
    "oss:ObjectCreated:PutObject",
    "oss:ObjectCreated:PostObject",
    "oss:ObjectCreated:CopyObject",
    "oss:ObjectCreated:CompleteMultipartUpload",
    "oss:ObjectRemoved:DeleteObject",
    "oss:ObjectRemoved:DeleteObjects",
)
"""What a trigger takes unless told otherwise: whole objects that come or go."""
COS_EVENTS = ("cos:ObjectCreated:*", "cos:ObjectRemove:*")

PLATFORMS: Mapping[str, Platform] = {"aliyun": FunctionCompute(), "tencent": ServerlessCloudFunction()}
HANDLERS = {"aliyun": "index.handler", "tencent": "index.main_handler"}
RESERVED = ("QCLOUD_", "SCF_", "TENCENTCLOUD_")
"""Begin the names of variables that are the platform's: https://cloud.tencent.com/document/product/583/14570."""
FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "cloud": str,
    "name": str,
    "code": str,
    "handler": str,
    "paths": list,
    "environment": dict,
    "timeout": (int, float),
    "memory": int,
    "trigger": dict,
}
TRIGGER_FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "bucket": str,
    "events": list,
    "prefix": str,
    "suffix": str,
    "key_encoding": str,
}


class Rule(Protocol):
    """Which changes call the function, and the event that each becomes."""

    def matches(self, change: Change) -> bool: ...

    def event(self, change: Change) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Deployed:
    """`cloud` is aliyun or tencent: where the function runs, and whose store's changes call it."""

    cloud: str
    function: Function
    rule: Rule | None = None

    @property
    def platform(self) -> Platform:
        return PLATFORMS[self.cloud]


def read(path: Path, data: Path, interpreter: Path) -> list[Deployed]:
    """The functions listed in a file; folders in it are relative to its own. ValueError says what is wrong."""
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{path}: not JSON: {error}") from error
    if not isinstance(listed, list):
        raise ValueError(f"{path}: must be a list of functions")
    found = []
    for number, one in enumerate(listed):
        try:
            found.append(_deployed(one, path.resolve().parent, data, interpreter))
        except ValueError as error:
            raise ValueError(f"{path}: function {number}: {error}") from error
    return found


def _deployed(given: object, folder: Path, data: Path, interpreter: Path) -> Deployed:
    fields = _checked(given, FIELDS, ("cloud", "name", "code"))
    cloud, name = fields["cloud"], fields["name"]
    if cloud not in PLATFORMS:
        raise ValueError(f"cloud is {' or '.join(PLATFORMS)}, not {cloud!r}")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,59}", name):
        raise ValueError(f"name is up to 60 of letters, digits, - and _, a letter first, not {name!r}")
    paths, environment = fields.get("paths", []), fields.get("environment", {})
    if not all(isinstance(one, str) for one in [*paths, *environment.values()]):
        raise ValueError("paths and the values of environment are strings")
    reserved = [one for one in environment if cloud == "tencent" and one.startswith(RESERVED)]
    if reserved:
        raise ValueError(f"the platform refuses variables that begin with {' or '.join(RESERVED)}: {reserved[0]}")
    function = Function(
        code=folder / fields["code"],
        handler=fields.get("handler", HANDLERS[cloud]),
        search_paths=tuple(folder / one for one in paths),
        environment=environment,
        timeout=fields.get("timeout", 60.0),
        memory=fields.get("memory", 512),
        interpreter=interpreter,
        name=name,
        temporary=data.resolve() / "tmp" / name,
    )
    return Deployed(cloud, function, _rule(cloud, name, fields["trigger"]) if "trigger" in fields else None)


def _rule(cloud: str, name: str, given: object) -> Rule:
    fields = _checked(given, TRIGGER_FIELDS, ("bucket",))
    if not all(isinstance(one, str) for one in fields.get("events", [])):
        raise ValueError("events are strings")
    bucket, prefix, suffix = fields["bucket"], fields.get("prefix", ""), fields.get("suffix", "")
    if cloud == "tencent":
        encoding = fields.get("key_encoding", "raw")
        return CosTrigger.parse(name, bucket, fields.get("events", COS_EVENTS), prefix, suffix, encoding)
    if "key_encoding" in fields:
        raise ValueError("key_encoding is for tencent: events of OSS have the key as it is")
    return OssTrigger.parse(bucket, fields.get("events", OSS_EVENTS), prefix, suffix)


def _checked(given: object, known: Mapping[str, type | tuple[type, ...]], needed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise ValueError("must be an object with fields")
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"there is no field {name!r}; known are {', '.join(known)}")
        if not isinstance(value, known[name]) or isinstance(value, bool):
            raise ValueError(f"{name} is of the wrong type")
    for name in needed:
        if not given.get(name):
            raise ValueError(f"{name} is missing")
    return given
