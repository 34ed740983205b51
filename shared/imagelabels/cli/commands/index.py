"""`imagelabels index`: makes the index, and brings it up to date after an upgrade."""

from __future__ import annotations

import argparse

from imagelabels import clouds
from imagelabels.cli.arguments import examples


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "index",
        help="make the index, or bring it up to date",
        description="Make the index, or bring it up to date. `imagelabels detect --index` makes a SQLite file too.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, help in (
        ("create", _create, "make what is missing of the index; what is there stays as it is"),
        ("migrate", _migrate, "bring the index up to date after an upgrade; run it again if it was cut off"),
    ):
        command = commands.add_parser(
            name,
            help=help,
            description=help.capitalize() + ".",
            epilog=examples(f"imagelabels index {name} --index sqlite:///photos.db"),
        )
        command.add_argument(
            "--index",
            metavar="URL",
            help=f"where the index is, as {clouds.index_examples()} (default: IMAGELABELS_INDEX)",
        )
        command.set_defaults(run=run)


def _create(args: argparse.Namespace) -> int:
    from imagelabels import wiring_commands

    wiring_commands.create_index(args.index)
    print("the index is there")
    return 0


def _migrate(args: argparse.Namespace) -> int:
    from imagelabels import wiring_commands

    written = wiring_commands.migrate_index(args.index)
    print(f"the index is up to date: {written} rows were written")
    return 0
