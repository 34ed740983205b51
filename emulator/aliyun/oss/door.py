"""Adds the options of OSS, and starts it."""

from __future__ import annotations

import argparse

from emulator.aliyun.oss.names import BUCKETS
from emulator.aliyun.oss.service import OssService
from emulator.aliyun.oss.tables import TABLES
from emulator.core import option_values
from emulator.core.startup import Surroundings
from emulator.objectstore import inventory_control, operations
from emulator.objectstore.store import ObjectStore

OPERATIONS = frozenset({*operations.names("OSS", TABLES), "OSS POST bucket form"})
"""The operations that may go wrong on demand."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument_group("OSS").add_argument(
        "--bucket",
        type=option_values.name_that(BUCKETS.allow, BUCKETS.fault),
        action="append",
        default=[],
        metavar="NAME",
        help="create this bucket of OSS if there is none; repeatable",
    )


def start(surroundings: Surroundings) -> OssService:
    objects = store(surroundings)
    for name in surroundings.args.bucket:
        objects.create_bucket(name)
    service = OssService(
        objects,
        surroundings.keyring,
        surroundings.detect,
        surroundings.on_change("aliyun"),
        clock=surroundings.clock,
        tag_signature=surroundings.args.tag_signature,
    )
    surroundings.clock.add_work("oss", service.age)
    surroundings.clock.add_work("oss inventories", service.write_due_inventories)
    inventory_control.writers(surroundings)["oss"] = service.write_inventory
    return service


def store(surroundings: Surroundings) -> ObjectStore:
    """Return the objects of OSS, which other services of the cloud read too."""

    def opened() -> ObjectStore:
        objects = ObjectStore(surroundings.data)
        surroundings.stack.callback(objects.close)
        return objects

    return surroundings.shared("oss", opened)
