"""Asks a person before a command writes over many objects."""

from __future__ import annotations

import argparse
import sys

from imagelabels.cli.arguments import WRONG_USE
from imagelabels.views.layout import say

REFUSED = 1
"""The exit status after the answer no: nothing was done."""


def add_yes(parser: argparse.ArgumentParser) -> None:
    """The option that answers the question beforehand."""
    parser.add_argument("--yes", action="store_true", help="write without a question, as scripts must")


def nobody_to_ask(args: argparse.Namespace, command: str) -> int | None:
    """The exit status where the command would have to ask and nobody is there; None where it can go on."""
    if args.yes or args.dry_run or (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    say(
        f"imagelabels {command}: it asks before it writes, and there is no terminal to ask at: give --yes to write "
        "without a question, or --dry-run to see what it would do"
    )
    return WRONG_USE


def agreed(args: argparse.Namespace, question: str) -> bool:
    """Whether it may be done: by --yes, or by a person who answers yes at the terminal."""
    if args.yes:
        return True
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        print(file=sys.stderr)
    if answer.strip().lower() in ("y", "yes"):
        return True
    print("nothing was written", file=sys.stderr)
    return False
