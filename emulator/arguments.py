"""The arguments of `python -m emulator`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from emulator import __version__, function_arguments, services, topics
from emulator.core import option_values, request_log
from emulator.core.startup import ServiceDoor
from emulator.objectstore.context import TAG_SIGNATURES

COMMAND = "imagelabels-emulator"
"""The name of the emulator where a wheel was installed; pyproject.toml has it too."""


class Parser(argparse.ArgumentParser):
    """Shows an error in two lines. The list of all options would push it off the screen."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"emulator: {message}\n`{self.prog} --help` lists what can be given\n")


def parser(doors: Sequence[ServiceDoor] = services.SERVICES) -> argparse.ArgumentParser:
    """Return the parser, with the options of all services."""
    top = Parser(
        prog=COMMAND if Path(sys.argv[0]).name == COMMAND else "python -m emulator",
        description="The object stores, Tablestore and function runtimes of Alibaba Cloud and\n"
        "Tencent Cloud on this machine, for unmodified clients.",
        epilog=topics.overview("%(prog)s"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"{COMMAND} {__version__}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND", dest="command")
    up = commands.add_parser(
        "up",
        help="start everything; Ctrl-C stops it",
        usage="%(prog)s --data DIR [OPTION ...]",
        allow_abbrev=False,
        epilog=f"`{top.prog} help` lists topics that say more, such as clients, functions and state.",
    )
    shown = commands.add_parser("help", help="show a topic, or the list of topics")
    shown.add_argument(
        "topic",
        nargs="?",
        metavar="TOPIC",
        type=option_values.one_of("topic", topics.TOPICS),
        help=", ".join(topics.TOPICS),
    )
    _add_general(up)
    for door in reversed(doors):  # so that the buckets, which nearly everybody needs, come first
        door.add_options(up)
    _add_object_stores(up)
    _add_labels(up)
    function_arguments.add_options(up)
    _add_faults(up)
    return top


def _add_general(up: argparse.ArgumentParser) -> None:
    group = up.add_argument_group("address and state")
    group.add_argument(
        "--port", type=option_values.port, default=9000, help="port on 127.0.0.1; 0 takes a free one (default: 9000)"
    )
    group.add_argument(
        "--data",
        type=option_values.folder,
        required=True,
        metavar="DIR",
        help="where everything is kept, across restarts",
    )
    group = up.add_argument_group("what it prints")
    group.add_argument(
        "--log-requests",
        choices=request_log.CHOICES,
        default="refused",
        help="the requests that get a line on the error output: those that were refused or failed, all, or none"
        " (default: refused)",
    )
    group.add_argument(
        "--verbose", action="store_true", help="show functions' output here, not only in their log files"
    )


def _add_faults(up: argparse.ArgumentParser) -> None:
    group = up.add_argument_group("faults")
    group.add_argument(
        "--faults",
        type=Path,
        metavar="FILE",
        help="a JSON file of rules that say which requests and events go wrong; `help faults` shows such rules",
    )
    group.add_argument(
        "--seed",
        type=option_values.seed,
        metavar="NUMBER",
        help="what the rules' choices are made of, in place of the seed in the file (default: 0)",
    )


def _add_object_stores(up: argparse.ArgumentParser) -> None:
    group = up.add_argument_group("OSS and COS")
    group.add_argument(
        "--tag-signature",
        choices=TAG_SIGNATURES,
        default="head",
        help="when the signature of a write of tags is checked: when its head has come, so that a body may come after"
        " the signature's end, or once more at the end, when it takes effect (default: head)",
    )


def _add_labels(up: argparse.ArgumentParser) -> None:
    group = up.add_argument_group("the stores' labels of pictures")
    group.add_argument(
        "--detector",
        type=option_values.command,
        metavar="COMMAND",
        help="a program that reads one path a line and answers one JSON line each"
        " (default: imagelabels detect --stdin --format json --threshold 0 --language LANGUAGE)",
    )
    group.add_argument(
        "--label-language",
        choices=("zh-Hans", "en"),
        default="zh-Hans",
        help="what the default detector names labels in (default: zh-Hans, as the service is expected to)",
    )
