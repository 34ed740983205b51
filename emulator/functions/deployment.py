"""The functions that are deployed, each with its platform and its trigger. A file may list them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.functions.fields import FieldTypes, check_texts, checked
from emulator.functions.function import Function, can_be_passed, shown
from emulator.functions.platform import Platform, TriggerRule
from emulator.functions.settings import Settings
from emulator.functions.url_trigger import UrlTrigger

FIELDS: FieldTypes = {
    "cloud": str,
    "name": str,
    "code": str,
    "handler": str,
    "paths": list,
    "environment": dict,
    "timeout": (int, float),
    "memory": int,
    "instances": int,
    "service": str,
    "trigger": dict,
    "http": dict,
    "runtime": str,
    "custom": dict,
}
TRIGGER_FIELDS: FieldTypes = {"bucket": str, "events": list, "prefix": str, "suffix": str}
HTTP_FIELDS: FieldTypes = {"auth": str, "methods": list}
CUSTOM_FIELDS: FieldTypes = {"command": list, "args": list, "port": int}


@dataclass(frozen=True, slots=True)
class Deployed:
    """A function on a platform. Without a rule it is called by hand only."""

    platform: Platform
    function: Function
    rule: TriggerRule | None = None
    url: UrlTrigger | None = None
    """The trigger by which clients call the function over HTTP, if it has one."""


@dataclass(frozen=True, slots=True)
class FunctionFiles:
    """Reads files that list functions.

    `data` is the data folder, and `interpreter` the Python that runs the functions.
    """

    platforms: Sequence[Platform]
    data: Path
    interpreter: Path

    def read(self, path: Path) -> list[Deployed]:
        """Return the functions of a file, whose folders are relative to it. ValueError says what is wrong."""
        try:
            listed = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ValueError(f"{path}: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path}: not JSON: {error}") from error
        if not isinstance(listed, list):
            raise ValueError(f"{path}: must be a list of functions")
        functions = []
        for number, description in enumerate(listed, start=1):
            try:
                functions.append(self._deployed(description, path.resolve().parent))
            except ValueError as error:
                raise ValueError(f"{path}: {_which(number, description)}: {error}") from error
        return functions

    def _deployed(self, description: object, folder: Path) -> Deployed:
        own = {name: kind for known in self.platforms for name, kind in known.function_fields.items()}
        fields = checked(description, {**FIELDS, **own}, ("cloud", "name", "code"))
        platform, name = self._platform(fields["cloud"]), fields["name"]
        custom = platform.custom is not None and fields.get("runtime") in platform.custom.names
        settings = self._settings(platform, {name: fields[name] for name in own.keys() & fields.keys()}, custom)
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{0,59}", name):
            raise ValueError(f"name is up to 60 of letters, digits, - and _, a letter first, not {name[:100]!r}")
        paths, environment = fields.get("paths", []), fields.get("environment", {})
        check_texts("paths", dict(enumerate(paths, start=1)))
        check_texts("environment", environment)
        if reserved := [variable for variable in environment if variable.startswith(platform.reserved)]:
            begins = " or ".join(platform.reserved)
            raise ValueError(f"the platform refuses variables that begin with {begins}: {reserved[0]}")
        if "service" in fields and not platform.services:
            others = " or ".join(known.cloud for known in self.platforms if known.services)
            raise ValueError(f"service is for {others}: functions of {platform.cloud} belong to none")
        function = Function(
            code=folder / fields["code"],
            handler=fields.get("handler", platform.handler),
            search_paths=tuple(folder / path for path in paths),
            environment=environment,
            timeout=fields.get("timeout", 60.0),
            memory=fields.get("memory", 512),
            interpreter=self.interpreter,
            name=name,
            temporary=self.data.resolve() / "tmp" / name,
            service=fields.get("service", ""),
            instances=fields.get("instances"),
            settings=settings,
            **_runtime(platform, fields, folder / fields["code"]),
        )
        rule = self._rule(platform, name, fields.get("trigger"))
        return Deployed(platform, function, rule, _url(platform, function, fields))

    def _platform(self, cloud: str) -> Platform:
        for platform in self.platforms:
            if platform.cloud == cloud:
                return platform
        raise ValueError(f"cloud is {' or '.join(known.cloud for known in self.platforms)}, not {cloud!r}")

    def _settings(self, platform: Platform, fields: Mapping[str, Any], custom: bool) -> Settings:
        for other in self.platforms:
            if named := (other.function_fields.keys() - platform.function_fields.keys()) & fields.keys():
                raise ValueError(f"{min(named)} is for {other.cloud}: functions of {platform.cloud} do not have it")
        return platform.settings(fields, custom)

    def _rule(self, platform: Platform, function: str, description: object) -> TriggerRule | None:
        if description is None:
            return None
        for other in self.platforms:
            foreign = other.trigger_fields.keys() - platform.trigger_fields.keys()
            if isinstance(description, dict) and (named := foreign & description.keys()):
                raise ValueError(f"{min(named)} is for {other.cloud}: triggers of {platform.cloud} do not have it")
        fields = checked(description, {**TRIGGER_FIELDS, **platform.trigger_fields}, ("bucket",), "trigger")
        check_texts("events", dict(enumerate(fields.get("events", []), start=1)))
        return platform.trigger(function, fields)


def _which(number: int, description: object) -> str:
    """Return how a message calls one function of a file: by its name, if it has one, and by its place."""
    name = description.get("name") if isinstance(description, dict) else None
    return f"function {name[:60]} (number {number})" if isinstance(name, str) and name else f"function number {number}"


def _url(platform: Platform, function: Function, fields: Mapping[str, Any]) -> UrlTrigger | None:
    if "http" not in fields:
        return None
    described = checked(fields["http"], HTTP_FIELDS, (), "http")
    check_texts("methods", dict(enumerate(described.get("methods", []), start=1)))
    return platform.url(function, described)


def _runtime(platform: Platform, fields: Mapping[str, Any], code: Path) -> dict[str, Any]:
    """Return the fields of a function that say in which runtime it is, and what a custom runtime starts."""
    runtime, custom = fields.get("runtime", ""), platform.custom
    names = custom.names if custom is not None else ()
    if runtime and runtime not in (*platform.runtimes, *names):
        known = ", ".join((*platform.runtimes, *names))
        raise ValueError(f"runtime: the emulator's runtimes of {platform.cloud} are {known}, not {runtime!r}")
    if custom is None or runtime not in names:
        if "custom" in fields and custom is None:
            raise ValueError(f"the emulator has no web functions and no custom runtimes of {platform.cloud}")
        if "custom" in fields:
            raise ValueError(f"custom needs one of the runtimes {', '.join(names)}")
        return {"runtime": runtime}
    program = checked(fields.get("custom", {}), CUSTOM_FIELDS, (), "custom")
    command = (*program.get("command", [str(code / custom.program)]), *program.get("args", []))
    if not command or not all(isinstance(text, str) and text and can_be_passed(text) for text in command):
        raise ValueError("command and args are strings that are not empty")
    port = _port(program, fields)
    if "command" not in program and not (code / custom.program).is_file():
        bootstrap = code / custom.program
        raise ValueError(f"there is no file {bootstrap} to start: add it, or name the program in custom.command")
    return {"runtime": runtime, "command": command, "port": port}


def _port(program: Mapping[str, Any], fields: Mapping[str, Any]) -> int | None:
    port: int | None = program.get("port")
    if port is not None and not 1 <= port <= 65535:
        raise ValueError(f"port is 1 to 65535, not {shown(port)}")
    if port is not None and fields.get("instances") != 1:
        raise ValueError(
            'a program with a port of its own needs "instances": 1; without a port it reads FC_SERVER_PORT'
        )
    return port
