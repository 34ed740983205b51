"""`imagelabels index`: make the index, or bring it up to date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imagelabels.cli.arguments import index_option
from imagelabels.cli.command import Command, Group, examples
from imagelabels.views.printing import number_of


@dataclass(frozen=True, slots=True)
class Arguments:
    index: str | None


def command() -> Group:
    return Group(
        "index",
        commands=[
            _command("create", _create, "make what is missing of the index; what is there stays as it is"),
            _command(
                "migrate", _migrate, "bring the index up to date after an upgrade; run it again if it was interrupted"
            ),
        ],
        help="Make the index, or bring it up to date. `imagelabels detect --index` makes a SQLite file too.",
        epilog=examples("imagelabels index create --index sqlite:///photos.db"),
    )


def _command(name: str, run: Callable[[Arguments], int], does: str) -> Command:
    return Command(
        name,
        run,
        Arguments,
        params=[index_option("where the index is")],
        help=does.capitalize() + ".",
        short_help=does,
        epilog=examples(f"imagelabels index {name} --index sqlite:///photos.db"),
    )


def _create(args: Arguments) -> int:
    from imagelabels import wiring_commands

    wiring_commands.create_index(args.index)
    print("the index is there")
    return 0


def _migrate(args: Arguments) -> int:
    from imagelabels import wiring_commands

    written = wiring_commands.migrate_index(args.index)
    print(f"the index is up to date: {number_of(written, 'row')} {'was' if written == 1 else 'were'} written")
    return 0
