"""Asks both sides one question, and compares the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Template

import requests

from tests.conformance.facts import fact
from tests.conformance.side import Side
from tests.conformance.steps import Question, Step
from tests.conformance.stores import Request

HOLDS, DIFFERS, NOT_ASKED = "holds", "differs", "not asked"
ALWAYS = ("status", "code")
BUSY = ("429", "500", "502", "503", "504")
Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    step: str
    fact: str
    real: str
    emulator: str


@dataclass(frozen=True, slots=True)
class Finding:
    question: str
    says: str
    verdict: str
    why: str = ""
    """Why it could not be asked."""
    differences: tuple[Difference, ...] = ()


def compare(question: Question, real: Side, emulator: Side) -> Finding:
    """Ask the question on both sides. LimitReached if the spending limit cuts it."""
    if question.throwaway and not real.throwaway:
        return Finding(
            question.name, question.says, NOT_ASKED, "it needs a bucket that may be spoilt: --throwaway-bucket"
        )
    try:
        theirs = ask(question, real)
    except requests.RequestException as error:
        return Finding(question.name, question.says, NOT_ASKED, f"no answer ({type(error).__name__})")
    ours = ask(question, emulator)
    differences = tuple(_differences([step.shown() for step in question.steps], theirs, ours))
    if why := _denied(theirs, ours):
        return Finding(question.name, question.says, NOT_ASKED, why)
    return Finding(question.name, question.says, DIFFERS if differences else HOLDS, "", differences)


def ask(question: Question, side: Side) -> list[Facts]:
    """Send the steps of a question, and return the facts of each answer."""
    bucket = side.throwaway if question.throwaway else side.bucket
    folder = f"{side.prefix}{question.name}/"
    kept = {"bucket": bucket, "folder": folder, "source": side.store.source(bucket)}
    answers = list[Facts]()
    for step in question.steps:
        reply = side.send(_request(step, bucket, folder, kept), step.price)
        answers.append({name: side.clean(fact(reply, name)) for name in (*ALWAYS, *step.see)})
        kept |= {name: fact(reply, source) for name, source in step.keep.items()}
    return answers


def _request(step: Step, bucket: str, folder: str, kept: Mapping[str, str]) -> Request:
    def filled(values: Mapping[str, str]) -> dict[str, str]:
        return {name: Template(value).safe_substitute(kept) for name, value in values.items()}

    body = step.body
    if b"$" in body:
        body = Template(body.decode()).safe_substitute(kept).encode()
    key = "" if step.key is None else folder + step.key
    return Request(step.method, bucket, key, filled(step.query), filled(step.headers), body)


def _differences(steps: Sequence[str], real: Sequence[Facts], emulator: Sequence[Facts]) -> list[Difference]:
    return [
        Difference(step, name, theirs[name], ours[name])
        for step, theirs, ours in zip(steps, real, emulator, strict=True)
        for name in theirs
        if theirs[name] != ours[name]
    ]


def _denied(real: Sequence[Facts], emulator: Sequence[Facts]) -> str:
    """Return why the real answers say nothing: the account may not ask this, or the service is busy."""
    for theirs, ours in zip(real, emulator, strict=True):
        if theirs["status"] == ours["status"]:
            continue
        if theirs["code"] == "AccessDenied" or theirs["code"].startswith("UserDisable"):
            return f"the account may not do this ({theirs['code']})"
        if theirs["status"] in BUSY:
            return f"the service could not answer (status {theirs['status']})"
    return ""
