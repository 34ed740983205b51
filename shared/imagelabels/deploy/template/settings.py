"""This module checks the function's environment variables against the code, and its timeouts against the leases."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from imagelabels import clouds, settings
from imagelabels.deploy.template.resolve import REGION, Resource, Stack
from imagelabels.domain.errors import Misconfigured
from imagelabels.usecases.tools import LEASE

OTHERS = ("PYDANTIC_DISABLE_PLUGINS",)
"""The function may have these variables too, which libraries read."""

DETECTOR_TIMEOUT = 15.0
"""The detectors wait at most this many seconds for an answer."""

LEAST = 2 * LEASE + DETECTOR_TIMEOUT
"""A function needs this many seconds, so that a waiting delivery outlives the lease of a worker that died
(docs/architecture.md)."""


def check(stack: Stack) -> Iterator[str]:
    for function in stack.of("ALIYUN::FC3::Function"):
        yield from _environment(function)
        timeout = function.properties.get("Timeout", 3)
        if timeout < LEAST:
            yield (
                f"{function.name}.Timeout: {timeout:g} s is less than twice a key's lease plus the detector's timeout: "
                f"at least {LEAST:g}"
            )
        if function.properties.get("InstanceConcurrency", 1) != 1:
            yield f"{function.name}.InstanceConcurrency: must be 1 or left out: an instance handles one event at a time"
        name = function.properties.get("FunctionName")
        configs = [
            config
            for config in stack.of("ALIYUN::FC3::AsyncInvokeConfig")
            if config.properties.get("FunctionName") == name
        ]
        if not configs:
            yield f"{function.name}: has no AsyncInvokeConfig: events whose last delivery failed would be lost"
        for config in configs:
            yield from _deliveries(stack, config, timeout)


def _environment(function: Resource) -> Iterator[str]:
    path = f"{function.name}.EnvironmentVariables"
    variables: dict[str, Any] = dict(function.properties.get("EnvironmentVariables", {}))
    known = [name for name, _, _ in settings.table()]
    for name, value in variables.items():
        if name not in (*known, *OTHERS):
            near = get_close_matches(name, [*known, *OTHERS], 1)
            yield f"{path}.{name}: is not a setting" + (f": did you mean {near[0]}?" if near else ": remove it")
        elif not isinstance(value, str):
            yield f"{path}.{name}: must be a text, not {value!r}: put it in quotes"
    ours = {name: value for name, value in variables.items() if name in known and isinstance(value, str)}
    try:
        settings.load(ours)
        settings.of(clouds.provider_of("oss"), ours | {"FC_REGION": REGION})
    except Misconfigured as error:
        yield f"{path}: {error}"
    if "IMAGELABELS_INDEX" not in variables:
        yield f"{path}.IMAGELABELS_INDEX: is missing: the function needs an index"
    if variables.get("IMAGELABELS_DETECTOR") == "imm" and not variables.get("IMAGELABELS_IMM_PROJECT"):
        yield f"{path}.IMAGELABELS_IMM_PROJECT: is missing: the detector imm needs it"
    on_tablestore = str(variables.get("IMAGELABELS_INDEX")).startswith("tablestore://")
    if (
        on_tablestore
        and "VpcConfig" not in function.properties
        and not variables.get("IMAGELABELS_ENDPOINT_TABLESTORE")
    ):
        yield f"{path}.IMAGELABELS_ENDPOINT_TABLESTORE: is missing: without a VPC only the public address answers"


def _deliveries(stack: Stack, config: Resource, timeout: float) -> Iterator[str]:
    retries = config.properties.get("MaxAsyncRetryAttempts", 3)
    age = config.properties.get("MaxAsyncEventAgeInSeconds", 86400)
    if retries < 1:
        yield f"{config.name}.MaxAsyncRetryAttempts: must be at least 1: a temporary failure needs another delivery"
    if age < (retries + 1) * timeout:
        yield (
            f"{config.name}.MaxAsyncEventAgeInSeconds: {age:g} s is less than {retries + 1} deliveries of "
            f"{timeout:g} s: at least {(retries + 1) * timeout:g}"
        )
    target = config.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
    queues = [
        queue for queue in stack.of("ALIYUN::MNS::Queue") if f":/queues/{queue.properties.get('QueueName')}/" in target
    ]
    if not queues:
        yield f"{config.name}.DestinationConfig.OnFailure: must name a queue of this template, or events are lost"
    for queue in queues:
        if queue.properties.get("VisibilityTimeout", 30) < timeout:
            yield (
                f"{queue.name}.VisibilityTimeout: a failed event would be delivered again while it is handled: it must "
                f"be at least the function's timeout, {timeout:g}"
            )
        if queue.properties.get("MaximumMessageSize", 65536) < 65536:
            yield f"{queue.name}.MaximumMessageSize: failed events are stored whole: it must be 65536"
