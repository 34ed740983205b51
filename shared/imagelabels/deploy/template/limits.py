"""This module checks the function against limits of Function Compute that the vendor's schema does not have."""

from __future__ import annotations

from collections.abc import Iterator

from imagelabels.deploy.package.target import CLOUDS
from imagelabels.deploy.template.resolve import Resource, Stack

RUNTIMES = tuple(CLOUDS["aliyun"].runtimes)
"""Packages are made for these runtimes."""

PREVIEW = {"python3.12": ("Singapore", "Jakarta", "Kuala Lumpur")}
"""These runtimes are in public preview, and these regions do not have them:
https://www.alibabacloud.com/help/en/functioncompute/fc/python"""

MOST_LAYERS = 5
"""https://www.alibabacloud.com/help/en/functioncompute/configure-custom-layers"""

CPU_STEP, MEMORY_STEP = 0.05, 64
"""CPU and memory are multiples of these, in vCPU and MB."""

LEAST_GB, MOST_GB = 1, 4
"""One vCPU needs this much memory: https://www.alibabacloud.com/help/en/ros/developer-reference/aliyun-fc3-function"""


def check(stack: Stack) -> Iterator[str]:
    """Yield what Function Compute would refuse or what would harm the account's other functions."""
    for function in stack.of("ALIYUN::FC3::Function"):
        yield from _size(function)
        yield from _runtime(stack, function)
        layers = len(function.properties.get("Layers", []))
        if layers > MOST_LAYERS:
            yield f"{function.name}.Layers: has {layers} layers: a function takes at most {MOST_LAYERS}"
        yield from _instances(stack, function)


def warnings(stack: Stack) -> Iterator[str]:
    """Yield what works in some regions only."""
    for function in stack.of("ALIYUN::FC3::Function"):
        runtime = function.properties.get("Runtime", "")
        if runtime in PREVIEW:
            yield (
                f"{function.name}.Runtime: {runtime} is in public preview, and these regions do not have it: "
                f"{', '.join(PREVIEW[runtime])}. {RUNTIMES[0]} runs in every region"
            )


def _size(function: Resource) -> Iterator[str]:
    cpu, memory = function.properties.get("Cpu"), function.properties.get("MemorySize")
    if cpu is None or memory is None:
        yield f"{function.name}: give both Cpu and MemorySize: Function Compute refuses most pairs of them"
        return
    if abs(cpu / CPU_STEP - round(cpu / CPU_STEP)) > 1e-6:
        yield f"{function.name}.Cpu: {cpu} is not a multiple of {CPU_STEP}"
    if memory % MEMORY_STEP:
        yield f"{function.name}.MemorySize: {memory} is not a multiple of {MEMORY_STEP}"
    least, most = (round(cpu * gigabytes * 1024) for gigabytes in (LEAST_GB, MOST_GB))
    if not least <= memory <= most:
        yield (
            f"{function.name}.Cpu: {cpu} vCPU with {memory} MB is outside the ratio that Function Compute takes "
            f"(1 vCPU for each {LEAST_GB} to {MOST_GB} GB): give it {least} to {most} MB or another Cpu"
        )


def _instances(stack: Stack, function: Resource) -> Iterator[str]:
    name = function.properties.get("FunctionName")
    configs = [
        config for config in stack.of("ALIYUN::FC3::ConcurrencyConfig") if config.properties.get("FunctionName") == name
    ]
    if not configs:
        yield f"{function.name}: has no ConcurrencyConfig: a backlog could take all instances of the account"
    for config in configs:
        if config.properties["ReservedConcurrency"] < 1:
            yield f"{config.name}.ReservedConcurrency: must be at least 1: without an instance no event is handled"


def _runtime(stack: Stack, function: Resource) -> Iterator[str]:
    runtime = function.properties["Runtime"]
    if runtime not in RUNTIMES:
        yield f"{function.name}.Runtime: no package is made for {runtime}: use {' or '.join(RUNTIMES)}"
    for layer in stack.of("ALIYUN::FC3::LayerVersion"):
        compatible = layer.properties.get("CompatibleRuntime", [])
        if runtime not in compatible:
            yield (
                f"{layer.name}.CompatibleRuntime: the function runs on {runtime}, and the layer only on "
                f"{', '.join(compatible) or 'no runtime'}: name the function's runtime"
            )
