"""These tests let a client wait for a delivery that works on its object."""

from __future__ import annotations

import threading
from typing import Any

from benchmarks.storm.journal import Place
from benchmarks.storm.watching import Watch

A = Place("oss://photos", "a.jpg")


def read(at: float, invocation: str = "one", key: str = "a.jpg") -> dict[str, Any]:
    call = {"service": "OSS", "bucket": "photos", "operation": "GET object?tagging", "began": at}
    return call | {"key": key, "invocation": invocation}


def test_a_client_would_go_on_before_a_delivery_has_read_the_tags_of_its_object() -> None:
    watch, gone_on = Watch(), threading.Event()
    watch.see([read(1.0)])

    def client() -> None:
        watch.wait(A, since=2.0, seconds=3600)
        gone_on.set()

    thread = threading.Thread(target=client)
    thread.start()
    watch.see([read(3.0, invocation="")])  # This is a client's own read.
    watch.see([read(3.0, key="b.jpg")])
    assert not gone_on.is_set()
    watch.see([read(3.0)])
    thread.join()
    assert gone_on.is_set()


def test_a_client_would_wait_for_ever_for_a_delivery_that_does_not_come() -> None:
    Watch().wait(A, since=2.0, seconds=0.01)
