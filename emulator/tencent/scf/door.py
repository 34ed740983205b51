"""Adds the options of the API of Serverless Cloud Function, and starts it."""

from __future__ import annotations

import argparse

from emulator.core import option_values
from emulator.core.startup import Surroundings
from emulator.functions import running
from emulator.tencent.scf import control_calls, parameters
from emulator.tencent.scf.service import RATES, ScfService

OPERATIONS = frozenset(f"SCF {action}" for action in (*parameters.EVENTS, *control_calls.PARAMETERS))
"""The operations that may go wrong on demand."""


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("SCF")
    group.add_argument(
        "--scf-rate",
        type=option_values.rate,
        metavar="NUMBER",
        help="requests per second that each operation takes"
        f" (default: Invoke {RATES['Invoke']:g}, InvokeFunction {RATES['InvokeFunction']:g}, others"
        f" {RATES['GetRequestStatus']:g})",
    )


def start(surroundings: Surroundings) -> ScfService:
    rate = surroundings.args.scf_rate
    rates = dict.fromkeys(RATES, rate) if rate else RATES
    return ScfService(running.functions(surroundings), surroundings.keyring, rates)
