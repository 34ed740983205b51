"""Asks a person before a command writes over many objects."""

from __future__ import annotations

import sys

import click

from imagelabels.cli.command import WRONG_USE
from imagelabels.views.layout import say

REFUSED = 1
"""The exit status after the answer no: nothing was done."""


def yes_option() -> click.Option:
    """The option that answers the question beforehand."""
    return click.Option(["--yes"], is_flag=True, help="write without a question, as scripts must")


def nobody_to_ask(command: str, answered: bool) -> int | None:
    """The exit status where the command would have to ask and nobody is there; None where it can go on."""
    if answered or (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    say(
        f"imagelabels {command}: it asks before it writes, and there is no terminal to ask at: give --yes to write "
        "without a question, or --dry-run to see what it would do"
    )
    return WRONG_USE


def agreed(question: str, answered: bool) -> bool:
    """Whether it may be done: it was answered beforehand, or a person answers yes at the terminal."""
    if answered:
        return True
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        print(file=sys.stderr)
    if answer.strip().lower() in ("y", "yes"):
        return True
    print("nothing was written", file=sys.stderr)
    return False
