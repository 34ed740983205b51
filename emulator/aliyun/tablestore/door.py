"""Adds the options of Tablestore, and starts it."""

from __future__ import annotations

import argparse

from emulator.aliyun.tablestore.context import Switches
from emulator.aliyun.tablestore.service import OPERATIONS as BY_NAME
from emulator.aliyun.tablestore.service import TablestoreService
from emulator.aliyun.tablestore.store import RowStore
from emulator.core import option_values
from emulator.core.startup import Surroundings

OPERATIONS = frozenset(f"Tablestore {name}" for name in BY_NAME)
"""The operations that may go wrong on demand."""


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("Tablestore")
    group.add_argument(
        "--index-lag",
        type=option_values.lag,
        default=0.0,
        metavar="SECONDS",
        help="how long after a write search indexes see it (default: 0; up to 3 on the service)",
    )
    group.add_argument(
        "--missing-rows-fail",
        action="store_true",
        help="no column condition holds for a row that does not exist (default: it is met as a row without columns)",
    )
    group.add_argument(
        "--no-conditional-increments",
        action="store_true",
        help="refuse increments that have a column condition (default: both may be in one UpdateRow)",
    )


def start(surroundings: Surroundings) -> TablestoreService:
    args = surroundings.args
    rows = RowStore(surroundings.data / "tablestore")
    surroundings.stack.callback(rows.close)
    switches = Switches(not args.missing_rows_fail, not args.no_conditional_increments)
    return TablestoreService(
        rows, surroundings.keyring, lag_seconds=args.index_lag, switches=switches, lag=surroundings.lag
    )
