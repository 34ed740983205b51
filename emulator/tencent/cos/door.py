"""Adds the options of COS, and starts it."""

from __future__ import annotations

import argparse

from emulator.core import option_values
from emulator.core.startup import Surroundings
from emulator.objectstore import inventory_control, operations
from emulator.objectstore.store import ObjectStore
from emulator.tencent.cos.names import BUCKETS
from emulator.tencent.cos.service import TABLES, CosService

OPERATIONS = frozenset({*operations.names("COS", TABLES), "COS POST bucket form"})
"""The operations that may go wrong on demand."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument_group("COS").add_argument(
        "--cos-bucket",
        type=option_values.name_that(BUCKETS.allow, BUCKETS.fault),
        action="append",
        default=[],
        metavar="NAME-APPID",
        help="create this bucket of COS if there is none; repeatable",
    )


def start(surroundings: Surroundings) -> CosService:
    objects = store(surroundings)
    for name in surroundings.args.cos_bucket:
        objects.create_bucket(name, "STANDARD")
    service = CosService(
        objects,
        surroundings.keyring,
        surroundings.detect,
        surroundings.on_change("tencent"),
        clock=surroundings.clock,
        tag_signature=surroundings.args.tag_signature,
    )
    surroundings.clock.add_work("cos", service.age)
    surroundings.clock.add_work("cos inventories", service.write_due_inventories)
    inventory_control.writers(surroundings)["cos"] = service.write_inventory
    return service


def store(surroundings: Surroundings) -> ObjectStore:
    """Return the objects of COS. The start asks them whether the buckets of triggers exist."""

    def opened() -> ObjectStore:
        objects = ObjectStore(surroundings.data / "cos")
        surroundings.stack.callback(objects.close)
        return objects

    return surroundings.shared("cos", opened)
