"""Adds the option of Simple Message Queue, and starts it."""

from __future__ import annotations

import argparse

from emulator.aliyun.smq import service
from emulator.aliyun.smq.queues import VISIBILITY
from emulator.core import option_values
from emulator.core.startup import Surroundings
from emulator.functions import running

OPERATIONS = frozenset(f"SMQ {operation}" for operation in service.OPERATIONS)
"""The operations that may go wrong on demand."""


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("Simple Message Queue")
    group.add_argument(
        "--smq-visibility",
        type=option_values.seconds,
        default=VISIBILITY,
        metavar="SECONDS",
        help=f"a message that was received is hidden for so long (default: {VISIBILITY:g})",
    )


def start(surroundings: Surroundings) -> service.SimpleMessageQueueService:
    functions, visibility = running.functions(surroundings), surroundings.args.smq_visibility
    return service.SimpleMessageQueueService(functions, surroundings.keyring, surroundings.clock, visibility=visibility)
