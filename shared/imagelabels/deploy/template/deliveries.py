"""This module checks that an event that fails is delivered again, and kept in a queue if its last delivery fails."""

from __future__ import annotations

from collections.abc import Iterator

from imagelabels.deploy.checks import failures as checks
from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.template.resolve import Resource, Stack

LARGEST_MESSAGE = 65536
"""https://www.alibabacloud.com/help/en/mns: a message has at most so many bytes."""
DAY = 86400


def check(stack: Stack) -> Iterator[Finding]:
    """Yield how events of buckets would be lost. That of a timer needs no care, since the next one does the same."""
    for function in stack.labelling():
        timeout = function.properties.get("Timeout", 3)
        configs = configs_of(stack, function)
        if not configs:
            yield checks.FAILURES_LOST.finding(
                function.name, "It has no AsyncInvokeConfig, so events whose last delivery failed would be lost."
            )
        for config in configs:
            yield from _deliveries(config, timeout)
            yield from _queue(stack, config, timeout)


def configs_of(stack: Stack, function: Resource) -> list[Resource]:
    """Return the settings for the deliveries of a function's events."""
    name = function.text("FunctionName")
    return [each for each in stack.of("ALIYUN::FC3::AsyncInvokeConfig") if each.text("FunctionName") == name]


def target(config: Resource) -> str:
    """Return the name of what takes the events whose last delivery failed."""
    return config.text("DestinationConfig", "OnFailure", "Destination")


def _deliveries(config: Resource, timeout: float) -> Iterator[Finding]:
    retries = config.properties.get("MaxAsyncRetryAttempts", 3)
    age = config.properties.get("MaxAsyncEventAgeInSeconds", DAY)
    if retries < 1:
        yield checks.RETRIES.finding(
            f"{config.name}.MaxAsyncRetryAttempts",
            f"It is {retries:g}, and a temporary failure needs another delivery.",
        )
    least = checks.least_age("aliyun", retries, timeout)
    if age < least:
        yield checks.EVENT_AGE.finding(
            f"{config.name}.MaxAsyncEventAgeInSeconds",
            f"{age:g} s is less than {retries + 1:g} deliveries of {timeout:g} s.",
            f"Let events wait for at least {least:g} s.",
        )


def _queue(stack: Stack, config: Resource, timeout: float) -> Iterator[Finding]:
    queues = [
        each for each in stack.of("ALIYUN::MNS::Queue") if f":/queues/{each.text('QueueName')}/" in target(config)
    ]
    if not queues:
        yield checks.FAILURES_LOST.finding(
            f"{config.name}.DestinationConfig.OnFailure", "It names no queue of this template."
        )
    for queue in queues:
        visibility = queue.properties.get("VisibilityTimeout", 30)
        if visibility < timeout:
            yield checks.FAILURES_HANDED_OUT_TWICE.finding(
                f"{queue.name}.VisibilityTimeout",
                f"{visibility:g} s is less than the function's timeout, {timeout:g} s.",
            )
        if queue.properties.get("MaximumMessageSize", LARGEST_MESSAGE) < LARGEST_MESSAGE:
            yield checks.FAILURES_TOO_LARGE.finding(
                f"{queue.name}.MaximumMessageSize",
                f"It is less than {LARGEST_MESSAGE}, and failed events are kept whole.",
            )
        kept = queue.properties.get("MessageRetentionPeriod", 4 * DAY)
        if kept < DAY:
            yield checks.FAILURES_FORGOTTEN.finding(
                f"{queue.name}.MessageRetentionPeriod", f"Events are kept for {kept:g} s only."
            )
