"""The function's environment and its times: what the code accepts, and what its leases ask for."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from deploy.resolve import REGION, Resource, Stack
from imagelabels import settings
from imagelabels.domain.errors import Misconfigured
from imagelabels.usecases.tools import LEASE

DETECTOR_TIMEOUT = 15.0
"""Seconds that the detectors wait for an answer at most."""

LEAST = 2 * LEASE + DETECTOR_TIMEOUT
"""Seconds of a function, so that a waiting delivery outlives a dead worker's lease: docs/architecture.md."""


def check(stack: Stack) -> Iterator[str]:
    for function in stack.of("ALIYUN::FC3::Function"):
        yield from _environment(function)
        timeout = function.properties.get("Timeout", 3)
        if timeout < LEAST:
            yield (
                f"{function.name}.Timeout: {timeout:g} s is less than twice a key's lease and the detector's time-out: "
                f"at least {LEAST:g}"
            )
        if function.properties.get("InstanceConcurrency", 1) != 1:
            yield f"{function.name}.InstanceConcurrency: must be 1, or left out: an instance takes one event at a time"
        name = function.properties.get("FunctionName")
        configs = [
            one for one in stack.of("ALIYUN::FC3::AsyncInvokeConfig") if one.properties.get("FunctionName") == name
        ]
        if not configs:
            yield f"{function.name}: has no AsyncInvokeConfig: events whose last delivery failed would be lost"
        for config in configs:
            yield from _deliveries(stack, config, timeout)


def _environment(function: Resource) -> Iterator[str]:
    path = f"{function.name}.EnvironmentVariables"
    given: dict[str, Any] = dict(function.properties.get("EnvironmentVariables", {}))
    known = [name for name, _, _ in settings.table()]
    for name, value in given.items():
        if name not in known:
            near = get_close_matches(name, known, 1)
            yield f"{path}.{name}: is not a setting" + (f": did you mean {near[0]}?" if near else ": take it out")
        elif not isinstance(value, str):
            yield f"{path}.{name}: must be a text, not {value!r}: put it in quotes"
    ours = {name: value for name, value in given.items() if name in known and isinstance(value, str)}
    try:
        settings.load(ours)
        settings.load_aliyun(ours | {"FC_REGION": REGION})
    except Misconfigured as error:
        yield f"{path}: {error}"
    if "IMAGELABELS_INDEX" not in given:
        yield f"{path}.IMAGELABELS_INDEX: is missing: the function needs an index"
    if given.get("IMAGELABELS_DETECTOR") == "imm" and not given.get("IMAGELABELS_IMM_PROJECT"):
        yield f"{path}.IMAGELABELS_IMM_PROJECT: is missing: the detector imm needs it"
    on_tablestore = str(given.get("IMAGELABELS_INDEX")).startswith("tablestore://")
    if on_tablestore and "VpcConfig" not in function.properties and not given.get("IMAGELABELS_ENDPOINT_TABLESTORE"):
        yield f"{path}.IMAGELABELS_ENDPOINT_TABLESTORE: is missing: without a VPC only the public address answers"


def _deliveries(stack: Stack, config: Resource, timeout: float) -> Iterator[str]:
    retries = config.properties.get("MaxAsyncRetryAttempts", 3)
    age = config.properties.get("MaxAsyncEventAgeInSeconds", 86400)
    if retries < 1:
        yield f"{config.name}.MaxAsyncRetryAttempts: must be at least 1: what is temporary is left to the next delivery"
    if age < (retries + 1) * timeout:
        yield (
            f"{config.name}.MaxAsyncEventAgeInSeconds: {age:g} s is less than {retries + 1} deliveries of "
            f"{timeout:g} s: at least {(retries + 1) * timeout:g}"
        )
    target = config.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
    queues = [one for one in stack.of("ALIYUN::MNS::Queue") if f":/queues/{one.properties.get('QueueName')}/" in target]
    if not queues:
        yield f"{config.name}.DestinationConfig.OnFailure: must name a queue of this template, or events get lost"
    for queue in queues:
        if queue.properties.get("VisibilityTimeout", 30) < timeout:
            yield (
                f"{queue.name}.VisibilityTimeout: a failed event would be handed out again while it is worked on: at "
                f"least the function's time-out, {timeout:g}"
            )
        if queue.properties.get("MaximumMessageSize", 65536) < 65536:
            yield f"{queue.name}.MaximumMessageSize: failed events are kept whole: 65536"
