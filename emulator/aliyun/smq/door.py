"""Starts Simple Message Queue, which has no options of its own."""

from __future__ import annotations

import argparse

from emulator.aliyun.smq import service
from emulator.core.startup import Surroundings
from emulator.functions import running

OPERATIONS = frozenset(f"SMQ {operation}" for operation in service.OPERATIONS)
"""The operations that may go wrong on demand."""


def add_options(parser: argparse.ArgumentParser) -> None:
    pass


def start(surroundings: Surroundings) -> service.SimpleMessageQueueService:
    functions = running.functions(surroundings)
    return service.SimpleMessageQueueService(functions, surroundings.keyring, surroundings.clock)
