"""The command line: `imagelabels` and its commands, and how they end."""

from __future__ import annotations

import io
import os
import shlex
import sys
from collections.abc import Sequence

import click

from imagelabels import __version__
from imagelabels.cli import commands
from imagelabels.cli.command import COMPLETE, PROGRAM, WRONG_USE, Folder, examples
from imagelabels.cli.refusals import refuse
from imagelabels.views.layout import say
from imagelabels.views.pipes import not_written, open_what_is_closed, reader_gone

INTERRUPTED = 130
"""128 + SIGINT, as a shell reports a program that Ctrl-C ended."""


def program() -> Folder:
    """All commands with their options."""
    everything = Folder(
        PROGRAM,
        commands,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Say what is in pictures, and find them by it.",
        epilog=examples(
            "imagelabels detect photos/",
            "imagelabels detect photos/ --index sqlite:///photos.db",
            "imagelabels search dog --index sqlite:///photos.db",
        ),
    )
    return click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")(everything)


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 done in part, 2 could not be asked so."""
    open_what_is_closed()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without Chinese gets \uXXXX, not a stack trace
    try:
        status = _run(sys.argv[1:] if argv is None else list(argv))
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError as error:
        return reader_gone(error)
    except OSError as error:
        return not_written(error, "imagelabels: ")
    except click.UsageError as error:
        return refuse(error)
    except ModuleNotFoundError as error:
        say(f"imagelabels: {_missing(error.name or '')}")
    return WRONG_USE


def _run(words: list[str]) -> int:
    """click's own `main` would end the process, and say more about Ctrl-C and closed pipes than we do."""
    everything = program()
    if asked := os.environ.get(COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(everything, {}, PROGRAM, COMPLETE, asked)
    try:
        with everything.make_context(PROGRAM, words) as context:
            status: int = everything.invoke(context)
            return status
    except click.exceptions.Exit as ended:
        return ended.exit_code


def _missing(module: str) -> str:
    """The message names the missing module and the command that installs the extra it belongs to."""
    from imagelabels import api, clouds, deploy

    top = module.partition(".")[0]
    known = next((extra for extra, room in (("deploy", deploy), ("album", api)) if top in room.MODULES), None)
    # What no extra names, the embedded one needs.
    extra = known or clouds.extra_of(top) or "embedded"
    return f"{module} is missing: `{shlex.quote(sys.executable)} -m pip install 'imagelabels[{extra}]'` brings it"


if __name__ == "__main__":
    sys.exit(main())
