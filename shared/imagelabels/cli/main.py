"""The command line: `imagelabels` and its commands."""

from __future__ import annotations

import argparse
import io
import os
import shlex
import sys
from collections.abc import Sequence

from imagelabels import __version__, clouds
from imagelabels.cli.arguments import Parser, examples
from imagelabels.cli.commands import (
    correct as cli_correct,
)
from imagelabels.cli.commands import (
    detect as cli_detect,
)
from imagelabels.cli.commands import (
    index as cli_index,
)
from imagelabels.cli.commands import (
    labels as cli_labels,
)
from imagelabels.cli.commands import (
    relabel as cli_relabel,
)
from imagelabels.cli.commands import (
    search as cli_search,
)
from imagelabels.cli.commands import (
    undo as cli_undo,
)
from imagelabels.cli.commands import (
    why as cli_why,
)
from imagelabels.domain.errors import LabelingError
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped

INTERRUPTED = 130
"""128 + SIGINT, as a shell reports a program that Ctrl-C ended."""
PIPE_CLOSED = 141
"""128 + SIGPIPE."""


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    found: argparse.ArgumentParser = Parser(
        prog="imagelabels",
        description="Say what is in pictures, and find them by it.",
        epilog=examples(
            "imagelabels detect photos/",
            "imagelabels detect photos/ --index sqlite:///photos.db",
            "imagelabels search dog --index sqlite:///photos.db",
        ),
    )
    found.add_argument("--version", action="version", version=f"imagelabels {__version__}")
    commands = found.add_subparsers(required=True, metavar="COMMAND")
    cli_detect.add(commands)
    cli_search.add(commands)
    cli_labels.add(commands)
    cli_why.add(commands)
    cli_correct.add(commands)
    cli_relabel.add(commands)
    cli_undo.add(commands)
    cli_index.add(commands)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 done in part, 2 could not be asked so."""
    args = parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal without Chinese gets \uXXXX, not a stack trace
    try:
        status: int = args.run(args)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes once more at its end: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except LabelingError as error:
        say(f"imagelabels: {escaped(str(error))}")
    except ModuleNotFoundError as error:
        say(f"imagelabels: {_missing(error.name or '')}")
    return 2


def _missing(module: str) -> str:
    """The message names the missing module and the command that installs the extra it belongs to."""
    extra = clouds.extra_of(module.partition(".")[0]) or "embedded"  # what no extra names, the embedded one needs
    return f"{module} is missing: `{shlex.quote(sys.executable)} -m pip install 'imagelabels[{extra}]'` brings it"


if __name__ == "__main__":
    sys.exit(main())
