"""Asks a real account what docs/unproven.md lists. `.venv/bin/python -m tests.conformance --help` tells how."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from types import FrameType

import requests
from tablestore import OTSServiceError

from tests.conformance import cleaning, running, showing, tablestore
from tests.conformance.arguments import Wanted, wanted
from tests.conformance.asking import DIFFERS, Finding
from tests.conformance.emulated import Emulated, emulated
from tests.conformance.questions import QUESTIONS
from tests.conformance.refusing import Leftovers, Refused
from tests.conformance.running import Need, Say
from tests.conformance.side import Side
from tests.conformance.spending import LimitReached, Spending
from tests.conformance.steps import REQUEST, Question
from tests.conformance.stores import CosStore, OssStore, Store

ALL_HOLD, SOME_DIFFER, NOTHING_ASKED, NOT_CLEAN = 0, 1, 2, 3
"""The statuses with which the program ends. After Ctrl-C it is 130."""


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None, say: Say = print) -> int:
    try:
        want = wanted(argv, os.environ if environ is None else environ)
        with _interruptible():
            return _run(want, say)
    except (Refused, cleaning.CannotList, LimitReached) as error:
        say(f"conformance: {error}")
        return NOTHING_ASKED
    except requests.RequestException as error:
        say(f"conformance: no answer from the account or from the emulator ({type(error).__name__})")
        return NOTHING_ASKED
    except tablestore.NO_ANSWER as error:
        say(f"conformance: no answer from Tablestore ({type(error).__name__})")
        return NOTHING_ASKED
    except OTSServiceError as error:
        say(f"conformance: Tablestore refused with {error.http_status} {error.code}")
        return NOTHING_ASKED
    except Leftovers as error:
        say(f"conformance: {error}")
        return NOT_CLEAN
    except KeyboardInterrupt:
        say("conformance: stopped")
        return 130


def _run(want: Wanted, say: Say) -> int:
    questions = [q for q in QUESTIONS if q.cloud == want.cloud] if want.endpoint else []
    spending = Spending(want.requests, want.money)
    if not want.clean_up:
        for line in _plan(want, questions, spending):
            say(line)
    if not want.yes:
        say("Nothing was sent. With --yes (make: YES=1) it is." if not want.clean_up else _would_clean(want))
        return ALL_HOLD
    with ExitStack() as stack:
        findings = list[Finding]()
        if want.clean_up:
            return _clean_up(want, questions, spending, stack, say)
        here = stack.enter_context(emulated(want.emulator))
        try:
            for found in _findings(want, questions, spending, here, stack, say):
                findings.append(found)
                for line in showing.finding(found):
                    say(line)
        finally:
            say(showing.summary(findings, spending))
    return SOME_DIFFER if any(found.verdict == DIFFERS for found in findings) else ALL_HOLD


def _plan(want: Wanted, questions: Sequence[Question], spending: Spending) -> Iterator[str]:
    requests, money = 0, REQUEST * 0
    if want.endpoint:
        yield f"To {want.bucket} at {want.endpoint}. The key needs {showing.PERMISSIONS[want.cloud]}."
        yield from showing.plan(questions, want.prefix, want.throwaway)
        whole = running.whole(questions, bool(want.throwaway))
        requests, money = whole.requests, whole.money
    if want.instance:
        yield f"To the instance {want.instance_name} at {want.instance}."
        yield from showing.tablestore_plan()
        requests, money = requests + tablestore.needed(), money + tablestore.needed() * REQUEST
    yield showing.sums(Need(requests, money), spending)


def _would_clean(want: Wanted) -> str:
    places = " and ".join(filter(None, (want.bucket, want.throwaway)))
    return f"It would remove what its questions make below {want.prefix} in {places}. With --yes (make: YES=1) it does."


def _findings(
    want: Wanted, questions: Sequence[Question], spending: Spending, here: Emulated, stack: ExitStack, say: Say
) -> Iterator[Finding]:
    if want.endpoint:
        real = stack.enter_context(_real(want, spending))
        with closing(running.ask_all(questions, real, here.side(want.cloud, want.prefix, stack), say)) as findings:
            yield from findings
    if want.instance:
        instance = tablestore.Instance(_client(want), spending)
        with closing(tablestore.ask_all(instance, here.instance())) as rows:
            yield from rows


def _clean_up(want: Wanted, questions: Sequence[Question], spending: Spending, stack: ExitStack, say: Say) -> int:
    if want.endpoint:
        real = stack.enter_context(_real(want, spending))
        left, others = cleaning.remove(real, {key for question in questions for key in question.keys})
        if others:
            say(f"These are not of this program, and stay: {', '.join(others)}")
        if left:
            raise Leftovers(f"These are left: {', '.join(left)}")
    if want.instance:
        instance = tablestore.Instance(_client(want), spending)
        if instance.has_table():
            instance.drop()
    say(f"Cleaned up with {spending.sent} requests.")
    return ALL_HOLD


@contextmanager
def _real(want: Wanted, spending: Spending) -> Iterator[Side]:
    make: Callable[..., Store] = OssStore if want.cloud == "aliyun" else CosStore
    store = make(want.endpoint, want.region, want.keys)
    secrets = (want.keys.token, want.keys.secret, want.keys.id)
    try:
        yield Side(store, want.bucket, want.prefix, want.throwaway, secrets, spending)
    finally:
        store.close()


def _client(want: Wanted) -> object:
    return tablestore.client(want.instance, want.keys, want.instance_name)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM end the program as Ctrl-C does, so that it cleans up."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    sys.exit(main())
