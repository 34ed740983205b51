"""A plugin for pytest under which a vendor's tests run unchanged against the emulator.

The tests were written for the real services. So the plugin sends the names of the vendors to the emulator and every
other name nowhere, shortens the pauses in which a real service would become consistent, makes the chances of the tests
repeatable, and ends a test that takes too long. It writes one line of JSON for each test to the file in VENDOR_RESULTS.
"""

from __future__ import annotations

import functools
import http.client
import importlib
import importlib.util
import json
import os
import random
import signal
import socket
import sys
import time
import unittest.mock
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any

import pytest

PORT = int(os.environ["VENDOR_PORT"])
RESULTS = os.environ["VENDOR_RESULTS"]
SECONDS = float(os.environ["VENDOR_SECONDS"])
HOSTS = (".myqcloud.com", ".aliyuncs.com")
"""Names that end so belong to the vendors. The emulator knows by the name which service is asked."""
LOCAL = ("127.0.0.1", "localhost")
PAUSE = 0.05
"""The emulator is consistent at once, so no pause needs to be longer than these seconds."""

CLIENT = ("ENDPOINT", "ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "INSTANCE")
"""The client of Tablestore is made of these variables."""

STS = ("aliyunsdksts", "aliyunsdksts.request", "aliyunsdksts.request.v20150401")
"""Some files import the client of the Security Token Service, which few of their tests use. It is not emulated."""

_lookup = socket.getaddrinfo
_sleep = time.sleep
_choice = random.choice
_answer = http.client.HTTPConnection.getresponse
_statuses: list[int] = []


def pytest_configure() -> None:
    socket.getaddrinfo = _emulated
    time.sleep = _short  # type: ignore[assignment]
    random.choice = _without_kms  # type: ignore[assignment]
    http.client.HTTPConnection.getresponse = _noted  # type: ignore[method-assign]
    sys.modules.setdefault("mock", unittest.mock)  # The package mock is the same module for older versions of Python.
    if importlib.util.find_spec("aliyunsdksts") is None:
        for name in STS:
            sys.modules[name] = unittest.mock.MagicMock()
    _speak_http()


def pytest_sessionstart() -> None:
    """Make the table that the tests of local transactions expect: at the vendor, only the console could make one."""
    table = os.environ.get("VENDOR_TABLE")
    if table is None:
        return
    ots = importlib.import_module("tablestore")
    client = ots.OTSClient(*(os.environ[f"OTS_TEST_{name}"] for name in CLIENT))
    if table not in client.list_table():
        meta = ots.TableMeta(table, [("PK0", "INTEGER"), ("PK1", "STRING")])
        client.create_table(meta, ots.TableOptions(), ots.ReservedThroughput(ots.CapacityUnit(0, 0)))


def pytest_collection_finish(session: pytest.Session) -> None:
    for item in session.items:
        _write({"test": item.nodeid, "outcome": "collected"})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Seed the chances of the test by its name, and call the setUp of its module once, as the tool nose did."""
    _statuses.clear()
    random.seed(f"{os.environ['VENDOR_SEED']} {item.nodeid}")
    module = getattr(item, "module", None)
    begin = vars(module).pop("setUp", None) if module is not None else None
    with _Alarm():
        if begin is not None:
            begin()
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    with _Alarm():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    with _Alarm():
        return (yield)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note the outcome of the test. What its class does after all of its tests does not count."""
    if report.when == "call" or (report.when == "setup" and not report.passed):
        _write({"test": report.nodeid, "outcome": report.outcome, "statuses": sorted(set(_statuses))})


def _write(line: dict[str, Any]) -> None:
    with open(RESULTS, "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


class _Alarm:
    """Raises TimeoutError in the block after SECONDS."""

    def __enter__(self) -> None:
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"The test was ended after {SECONDS} s.")


def _emulated(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name.endswith(HOSTS):
        return _lookup("127.0.0.1", PORT, *rest, **named)
    if name in LOCAL:
        return _lookup(host, port, *rest, **named)
    raise socket.gaierror(socket.EAI_NONAME, f"{name} is not emulated, and no test may ask another machine.")


def _short(seconds: float) -> None:
    _sleep(min(seconds, PAUSE))


def _without_kms(choices: Sequence[Any]) -> Any:
    """Choose among those that need no key management service: some tests draw how their bucket encrypts."""
    if isinstance(choices, str):  # Tests draw megabytes of letters, one by one.
        return _choice(choices)
    able = [item for item in choices if type(getattr(item, "crypto_provider", None)).__name__ != "AliKMSProvider"]
    return _choice(able or choices)


def _noted(self: http.client.HTTPConnection) -> http.client.HTTPResponse:
    response = _answer(self)
    _statuses.append(response.status)
    return response


def _speak_http() -> None:
    """Let the vendors' newer clients use HTTP, because the emulator has no certificate for the vendors' names."""
    name = os.environ.get("VENDOR_HTTP", "")
    option: dict[str, Any] = {}
    if name == "cos":
        from qcloud_cos import CosConfig as Config

        option = {"Scheme": "http"}
    elif name == "oss":
        from alibabacloud_oss_v2.config import Config

        option = {"disable_ssl": True}
    else:
        return
    begin = Config.__init__

    @functools.wraps(begin)
    def with_http(self: Any, *args: Any, **named: Any) -> None:
        begin(self, *args, **option | named)

    Config.__init__ = with_http
