"""Adds the options of IMM, and starts it."""

from __future__ import annotations

import argparse

from emulator.aliyun.imm.service import PARAMETERS, PROJECT, RATE, ImmService
from emulator.aliyun.oss import door as oss
from emulator.core import option_values
from emulator.core.startup import Surroundings

OPERATIONS = frozenset(f"IMM {action}" for action in PARAMETERS)
"""The operations that may go wrong on demand."""


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("IMM")
    group.add_argument(
        "--imm-project", default=PROJECT, metavar="NAME", help=f"the one project of IMM (default: {PROJECT})"
    )
    group.add_argument(
        "--imm-rate",
        type=option_values.rate,
        default=RATE,
        metavar="NUMBER",
        help=f"requests per second that it takes (default: {RATE:g})",
    )


def start(surroundings: Surroundings) -> ImmService:
    args = surroundings.args
    store = oss.store(surroundings)
    return ImmService(store, surroundings.keyring, surroundings.detect, args.imm_project, args.imm_rate)
