"""This program is for tests/test_killed_for_real.py. It kills workers while they label an object.

`python killed.py ENDPOINT DATABASE BUCKET` forks one worker for each port call and moment. The worker gets SIGKILL at
that moment, so it cannot clean up. Then every event is delivered again, to a worker whose store reports a time at which
all leases have ended. The program prints one line of JSON per case.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from imagelabels.domain import taxonomy
from imagelabels.domain.model import Look, ObjectChange, ObjectRef, Tags
from imagelabels.domain.policy import Policy
from imagelabels.ports import ObjectStore, traits_of
from imagelabels.providers import aliyun, sqlite
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.settings import AliyunSettings
from imagelabels.usecases.reconcile import Labeler
from imagelabels.usecases.tools import Tools

CALLS = 12
TIMEOUT = 90.0
LATER = 300.0
"""When events are delivered again, the store's clock shows so many seconds more, which is longer than any lease."""


class Cut:
    """This object counts the calls of all ports, and kills the process before or after one of them."""

    def __init__(self, number: int, moment: str) -> None:
        self.number, self.moment, self.calls = number, moment, 0

    def port(self, port: Any) -> Any:
        return _CountedPort(self, port)

    def do(self, call: Any, *args: Any) -> Any:
        self.calls += 1
        here = self.calls == self.number
        if here and self.moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = call(*args)
        if here:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


class _CountedPort:
    def __init__(self, cut: Cut, port: Any) -> None:
        self._cut, self._port = cut, port

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._port, name)
        return (lambda *args: self._cut.do(value, *args)) if callable(value) else value


class StoreLater:
    """The store as it will answer LATER seconds from now."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def __getattr__(self, name: str) -> Any:
        return getattr(self._objects, name)

    def head(self, ref: ObjectRef) -> Look:
        look = self._objects.head(ref)
        return replace(look, date=look.date + LATER)

    def put_tags(self, ref: ObjectRef, tags: Tags, before: float, until: float) -> None:
        self._objects.put_tags(ref, tags, before - LATER, until - LATER)


def labeler(endpoint: str, database: str, cut: Cut, later: bool = False) -> Labeler:
    cloud = AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou", "IMAGELABELS_ENDPOINT_OSS": endpoint})
    keys = AliyunCredentials(AliyunKeys("emulator", "emulator"))
    objects = aliyun.open_objects(cloud, keys)
    detector = aliyun.open_detector_oss(cloud, keys, 0.1)
    ledger = cut.port(sqlite.open_ledger(Path(database)))
    store = cut.port(StoreLater(objects) if later else objects)
    by = Tools(store, ledger, ledger, ledger, traits_of(detector), Policy(), taxonomy.load(), time)
    return Labeler(by, cut.port(detector), ledger)


def change(bucket: str, number: int, moment: str) -> ObjectChange:
    return ObjectChange(ObjectRef("oss", bucket, f"{number}-{moment}.jpg"), "created", f"event {number} {moment}")


def main(endpoint: str, database: str, bucket: str) -> None:
    labeler(endpoint, database, Cut(0, ""))  # Otherwise each child would have to load the client again.
    cases = [(number, moment) for number in range(1, CALLS + 1) for moment in ("before", "after")]
    ended = {}
    for number, moment in cases:
        child = os.fork()
        if child == 0:
            worker = labeler(endpoint, database, Cut(number, moment))
            worker.reconcile(change(bucket, number, moment), time.monotonic() + TIMEOUT)
            os._exit(0)  # nothing killed the worker, and the parent sees that
        ended[number, moment] = os.waitpid(child, 0)[1]
    for number, moment in cases:
        again = labeler(endpoint, database, Cut(0, ""), later=True)
        outcome = again.reconcile(change(bucket, number, moment), time.monotonic() + TIMEOUT)
        signalled = os.WTERMSIG(ended[number, moment]) if os.WIFSIGNALED(ended[number, moment]) else 0
        print(json.dumps([number, moment, signalled, outcome.state]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
