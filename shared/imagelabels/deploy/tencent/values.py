"""This module puts values for the references in the plan: parameters, what earlier steps made, archives."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

from imagelabels.deploy.tencent import api
from imagelabels.deploy.tencent.plan import Parameter, Plan, Step
from imagelabels.deploy.tencent.problem import Path
from imagelabels.domain.errors import Misconfigured
from imagelabels.views.printing import escaped, no_choice

MARK = "Made by imagelabels deploy."
"""This begins the description of everything that the plan makes."""
INLINE = 50_000_000
"""Bytes that an archive may have inside a call: https://cloud.tencent.com/document/product/583/11637."""

STAND_IN = "QQ=="
"""This stands for an archive in base64 where a plan is checked."""

_REFERENCE = re.compile(r"\$\{([\w.]+)\}")


@dataclass(frozen=True, slots=True)
class Scope:
    """What references may name. A record holds the members of one thing: an earlier step's, `found` or `wanted`."""

    values: Mapping[str, Any]
    archive: Callable[[str], str]
    """Return what stands for the archive at a path: its content in base64, or words about it."""
    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def get(self, name: str) -> Any:
        """Return the value of a reference; KeyError if there is none."""
        record, dot, member = name.partition(".")
        return self.records[record][member] if dot else self.values[record]

    def with_values(self, **values: Any) -> Scope:
        return replace(self, values={**self.values, **values})

    def with_records(self, **records: Mapping[str, Any]) -> Scope:
        return replace(self, records={**self.records, **records})


def given(plan: Plan, words: Mapping[str, str], environ: Mapping[str, str], undo: bool = False) -> dict[str, str | int]:
    """Return the values of all parameters; Misconfigured names those that are missing, or the one that does not fit.

    Only those that undo works with must be given for it; the others are empty texts then.
    """
    needed = _of_undo(plan) if undo else plan.parameters.keys()
    _refuse_unknown(plan, words)
    _refuse_missing([plan.parameters[name] for name in plan.parameters if name in needed and name not in words])
    return {
        name: _value(parameter, words, environ) if name in needed or name in words else ""
        for name, parameter in plan.parameters.items()
    }


def chosen(plan: Plan, words: Mapping[str, str]) -> dict[str, str | int]:
    """Return the values of these parameters alone; Misconfigured names the one that does not fit."""
    _refuse_unknown(plan, words)
    return {name: _value(plan.parameters[name], words, {}) for name in words}


def _refuse_unknown(plan: Plan, words: Mapping[str, str]) -> None:
    for name in words:
        if name not in plan.parameters:
            raise Misconfigured(f"--param: {no_choice(name, plan.parameters)}")
        if variable := plan.parameters[name].secret:
            raise Misconfigured(f"{name} is a secret: set the environment variable {variable} instead of --param")


def _refuse_missing(parameters: list[Parameter]) -> None:
    """Misconfigured names all of these parameters that have no other value."""
    missing = [parameter for parameter in parameters if parameter.default is None and not parameter.secret]
    if missing:
        raise Misconfigured("; ".join(f"--param {each.name}=VALUE is missing: {each.says}" for each in missing))


def _of_undo(plan: Plan) -> set[str]:
    """Name the parameters that decide what undo looks at and takes away, and the region that it works in."""
    used = [(call.parameters for call in (step.look.call, *step.undo)) for step in plan.steps]
    values = [*(value for group in used for value in group), *(dict(step.look.where) for step in plan.steps)]
    return {name for value in values for _, name in references(value)} | {"Region"}


def _value(parameter: Parameter, words: Mapping[str, str], environ: Mapping[str, str]) -> str | int:
    if parameter.secret:
        return environ.get(parameter.secret, "")
    word = words.get(parameter.name)
    if word is None:
        return "" if parameter.default is None else parameter.default
    if isinstance(parameter.default, int):
        if not re.fullmatch(r"\d{1,9}", word, re.ASCII):
            raise Misconfigured(f"{parameter.name}: {escaped(word)} is not a whole number: {parameter.says}")
        return int(word)
    if parameter.pattern and not re.fullmatch(parameter.pattern, word):
        raise Misconfigured(f"{parameter.name}: {escaped(word)} does not fit: {parameter.says}")
    return word


def examples(plan: Plan) -> dict[str, str | int]:
    """Return a value for every parameter, so that a plan can be checked before anybody uses it."""
    return {
        name: parameter.example if parameter.example is not None else parameter.default or ""
        for name, parameter in plan.parameters.items()
    }


def encoded(name: str) -> str:
    """Return the archive in base64; Misconfigured if it cannot be sent inside a call."""
    with _opened(name) as file:
        return base64.b64encode(file.read(INLINE)).decode("ascii")


def examined(name: str) -> str:
    """Return what stands for an archive that can be sent; Misconfigured if it cannot."""
    with _opened(name):
        return STAND_IN


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    """Open an archive for reading; Misconfigured if it cannot be read or is too large."""
    try:
        with open(name, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > INLINE:
                raise Misconfigured(
                    f"{name} has {size / 1e6:.1f} MB, and a call takes {INLINE / 1e6:g}: upload it to a bucket of the "
                    "region and name PackageBucket, CodeKey and LayerKey instead"
                )
            yield file
    except OSError as error:
        raise Misconfigured(
            f"{name} cannot be read ({error.strerror}): `imagelabels package tencent` makes it"
        ) from None


def described(name: str) -> str:
    """Return words that stand for an archive where its content would say nothing."""
    return f"(the archive {name})"


def references(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield every reference in a value with the path to it."""
    if isinstance(value, str):
        for name in _REFERENCE.findall(value):
            yield path, name
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from references(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from references(inner, (*path, number))


def resolved(value: Any, scope: Scope) -> Any:
    """Return the value without references. plan.yml says what is left out, and what json and base64 do."""
    if isinstance(value, str):
        if whole := _REFERENCE.fullmatch(value):
            return scope.get(whole[1])
        return _REFERENCE.sub(lambda match: str(scope.get(match[1])), value)
    if isinstance(value, list):
        entries = [(inner, resolved(inner, scope)) for inner in value]
        return [made for inner, made in entries if not isinstance(made, dict) or made.keys() == inner.keys()]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"json"}:
        return json.dumps(resolved(value["json"], scope), ensure_ascii=False, separators=(",", ":"))
    if value.keys() == {"base64"}:
        name = resolved(value["base64"], scope)
        return scope.archive(name) if name and isinstance(name, str) else ""
    members = {key: resolved(inner, scope) for key, inner in value.items()}
    return {key: inner for key, inner in members.items() if inner != ""}


def wanted(step: Step, scope: Scope) -> tuple[dict[str, Any], Scope]:
    """Return the parameters of the call that makes a step, and the scope for the step's other calls."""
    scope = scope.with_values(**step.each)
    plain: dict[str, Any] = resolved(step.call.parameters, scope.with_values(mark=""))
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:24]
    scope = scope.with_values(mark=f"{MARK} Digest {digest}")
    parameters: dict[str, Any] = resolved(step.call.parameters, scope)
    left_out = dict.fromkeys(api.inputs(step.call.service, step.call.action), "")
    return parameters, scope.with_records(wanted=left_out | parameters)
