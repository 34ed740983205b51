"""This module checks the function against limits of Function Compute that the vendor's schema does not have."""

from __future__ import annotations

from collections.abc import Iterator

from imagelabels.deploy.checks import account, packages
from imagelabels.deploy.checks import function as checks
from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.package.target import CLOUDS
from imagelabels.deploy.template.resolve import ALBUM_HANDLER, TIMER_HANDLER, WEBHOOKS_HANDLER, Resource, Stack, texts

RUNTIMES = tuple(CLOUDS["aliyun"].runtimes)
"""Packages are made for these runtimes."""

PREVIEW = {"python3.12": {"ap-southeast-1": "Singapore", "ap-southeast-5": "Jakarta", "ap-southeast-3": "Kuala Lumpur"}}
"""These runtimes are in public preview, and these regions do not have them:
https://www.alibabacloud.com/help/en/functioncompute/fc/python"""

MOST_LAYERS = 5
"""https://www.alibabacloud.com/help/en/functioncompute/configure-custom-layers"""

HANDLER = "index.handler"
"""The packages for Alibaba Cloud have this entry point."""

CPU_STEP, MEMORY_STEP = 0.05, 64
"""CPU and memory are multiples of these, in vCPU and MB."""

LEAST_GB, MOST_GB = 1, 4
"""One vCPU needs this much memory: https://www.alibabacloud.com/help/en/ros/developer-reference/aliyun-fc3-function"""


def check(stack: Stack) -> Iterator[Finding]:
    """Yield what Function Compute would refuse or what would harm the account's other functions."""
    functions = stack.functions()
    if not functions:
        yield checks.FUNCTION_MISSING.finding("Resources", "No resource has the type ALIYUN::FC3::Function.")
    for function in functions:
        yield from _size(function)
        yield from _runtime(stack, function)
        if (handler := function.text("Handler")) not in (HANDLER, TIMER_HANDLER, ALBUM_HANDLER, WEBHOOKS_HANDLER):
            yield checks.HANDLER_UNKNOWN.finding(f"{function.name}.Handler", f"It is {handler}, and not {HANDLER}.")
        layers = len(texts(function.properties.get("Layers", [])))
        if layers > MOST_LAYERS:
            yield checks.TOO_MANY_LAYERS.finding(
                f"{function.name}.Layers", f"It has {layers} layers, and a function takes at most {MOST_LAYERS}."
            )
        if not layers:
            yield account.FUNCTION_WITHOUT_LAYER.finding(
                f"{function.name}.Layers", account.FUNCTION_WITHOUT_LAYER.fault
            )
        yield from _instances(stack, function)


def regions(stack: Stack, region: str) -> Iterator[Finding]:
    """Yield what works in some regions only. `region` is the region of the stack, or "" if nobody says which."""
    for function in stack.labelling():
        runtime = function.text("Runtime")
        lacking = PREVIEW.get(runtime, {})
        where = f"{function.name}.Runtime"
        if region in lacking:
            yield checks.RUNTIME_NOT_IN_REGION.finding(where, f"{lacking[region]} ({region}) does not have {runtime}.")
        elif lacking and not region:
            yield checks.RUNTIME_PREVIEW.finding(
                where,
                f"{runtime} is in public preview, and these regions do not have it: {', '.join(lacking.values())}.",
            )


def _size(function: Resource) -> Iterator[Finding]:
    cpu, memory = function.properties.get("Cpu"), function.properties.get("MemorySize")
    if cpu is None or memory is None:
        yield checks.CPU_RATIO.finding(
            function.name, "It lacks Cpu or MemorySize, and Function Compute refuses most pairs of them.", "Give both."
        )
        return
    if abs(cpu / CPU_STEP - round(cpu / CPU_STEP)) > 1e-6:
        yield checks.CPU_RATIO.finding(f"{function.name}.Cpu", f"{cpu} is not a multiple of {CPU_STEP}.")
    if memory % MEMORY_STEP:
        yield checks.CPU_RATIO.finding(f"{function.name}.MemorySize", f"{memory} is not a multiple of {MEMORY_STEP}.")
    least, most = (round(cpu * gigabytes * 1024) for gigabytes in (LEAST_GB, MOST_GB))
    if not least <= memory <= most:
        yield checks.CPU_RATIO.finding(
            f"{function.name}.Cpu",
            f"{cpu} vCPU with {memory} MB is outside the ratio that Function Compute takes, which is 1 vCPU for each "
            f"{LEAST_GB} to {MOST_GB} GB.",
            f"Give it {least} to {most} MB or another Cpu.",
        )
    embedded = function.text("EnvironmentVariables", "IMAGELABELS_DETECTOR") == "embedded"
    enough = checks.EMBEDDED_MB if embedded else checks.LEAST_MB
    if memory < enough:
        yield checks.MEMORY_TOO_SMALL.finding(
            f"{function.name}.MemorySize", f"{memory} MB is less than {enough} MB.", f"Give it at least {enough} MB."
        )


def _instances(stack: Stack, function: Resource) -> Iterator[Finding]:
    name = function.text("FunctionName")
    configs = [each for each in stack.of("ALIYUN::FC3::ConcurrencyConfig") if each.text("FunctionName") == name]
    if not configs:
        yield checks.INSTANCES_UNLIMITED.finding(
            function.name, "It has no ConcurrencyConfig, so a backlog could take all instances of the account."
        )
    for config in configs:
        if config.properties["ReservedConcurrency"] < 1:
            yield checks.NO_INSTANCE.finding(f"{config.name}.ReservedConcurrency", "It is less than 1.")


def _runtime(stack: Stack, function: Resource) -> Iterator[Finding]:
    runtime = function.text("Runtime")
    if runtime not in RUNTIMES:
        yield checks.RUNTIME_UNSUPPORTED.finding(
            f"{function.name}.Runtime", f"No package is made for {runtime}.", f"Use {' or '.join(RUNTIMES)}."
        )
    for layer in _layers(stack, function):
        compatible = texts(layer.properties.get("CompatibleRuntime", []))
        if runtime not in compatible:
            yield checks.LAYER_RUNTIME.finding(
                f"{layer.name}.CompatibleRuntime",
                f"The function runs on {runtime}, and the layer only on {', '.join(compatible) or 'no runtime'}.",
                "Name the function's runtime, and pack the layer for it.",
            )


def archives(stack: Stack) -> Iterator[Finding]:
    """Yield archives whose names say that they were made for another function."""
    for function in stack.functions():
        runtime = function.text("Runtime")
        detector = function.text("EnvironmentVariables", "IMAGELABELS_DETECTOR")
        for owner in (function, *_layers(stack, function)):
            if cause := packages.mismatch(owner.text("Code", "OssObjectName"), runtime, detector):
                yield checks.PACKAGE_MISMATCH.finding(f"{owner.name}.Code.OssObjectName", cause)


def _layers(stack: Stack, function: Resource) -> list[Resource]:
    """Return the layers of the template that a function has."""
    arns = texts(function.properties.get("Layers", []))
    return [each for each in stack.of("ALIYUN::FC3::LayerVersion") if f"<{each.name}.LayerVersionArn>" in arns]
