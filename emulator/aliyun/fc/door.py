"""Starts the API of Function Compute, which has no options of its own."""

from __future__ import annotations

import argparse

from emulator.aliyun.fc.service import FunctionComputeService
from emulator.aliyun.fc.version3 import ROUTES
from emulator.core.startup import Surroundings
from emulator.functions import running

OPERATIONS = frozenset(f"FC {route.operation}" for route in ROUTES)
"""The operations that may go wrong on demand."""


def add_options(parser: argparse.ArgumentParser) -> None:
    pass


def start(surroundings: Surroundings) -> FunctionComputeService:
    return FunctionComputeService(running.functions(surroundings), surroundings.keyring)
