"""`imagelabels export`: write all pictures that match into a file for other programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import click

from imagelabels.cli.arguments import Choice, complain, index_option, path_option
from imagelabels.cli.command import Command, examples
from imagelabels.cli.new_file import whole_file
from imagelabels.cli.questions import Asked, question_of, question_params
from imagelabels.domain.errors import LabelingError
from imagelabels.usecases.gallery import EVERYTHING, Gallery, all_pages
from imagelabels.usecases.search import hints
from imagelabels.views.exports import EXPORT_FORMATS, ExportFormat, heads, lines
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped, number_of

INCOMPLETE = 1
"""The exit status of an export that is not whole."""


@dataclass(frozen=True, slots=True)
class Arguments(Asked):
    format: ExportFormat
    output: Path | None
    index: str | None


class Writable(Protocol):
    """Whatever the export is written to."""

    def write(self, octets: bytes, /) -> object:
        """Write all of it."""


@dataclass(slots=True)
class Tally:
    """How many pictures were written, and how many rows could not be read."""

    written: int = 0
    left_out: int = 0


def command() -> Command:
    return Command(
        "export",
        run,
        Arguments,
        params=[
            *question_params(),
            click.Option(
                ["--format"],
                type=Choice(EXPORT_FORMATS),
                default="jsonl",
                show_default=True,
                help="csv for spreadsheets, jsonl for a line of JSON each",
            ),
            path_option("--output", "FILE", "write into this file, which gets its name when it is whole"),
            index_option("where the rows are"),
        ],
        help="Write all pictures that match, in the order of their URIs, to stdout or into a file. The question is "
        "asked as `imagelabels search` asks it. In CSV, a cell that a spreadsheet would take for a formula begins with "
        "an apostrophe.",
        epilog="Exit status: 0 done, 1 the export is not whole, 2 wrong use.\n\n"
        + examples(
            "imagelabels export --format csv --output pictures.csv",
            "imagelabels export dog --prefix oss://photos/2026/ | gzip > dogs.jsonl.gz",
        ),
    )


def run(args: Arguments, open_gallery: Callable[[str | None], Gallery] | None = None) -> int:
    """0 done, 1 it broke off or some rows could not be read, 2 the question cannot be asked."""
    tally = Tally()
    try:
        gallery = (open_gallery or _open)(args.index)
        parts = _parts(gallery, args, tally)
        first = next(parts)  # What cannot be asked is refused before anything is written.
        with _output(args.output) as file:
            file.write(first)
            for part in parts:
                file.write(part)
    except BrokenPipeError:
        raise  # Whoever read the output wants no more of it.
    except OSError as error:
        return _broken_off(args, f"the output cannot be written: {error.strerror or error}", tally)
    except (LabelingError, ValueError) as error:
        return _broken_off(args, str(error), tally)
    where = f" to {args.output}" if args.output is not None else ""
    say(escaped(f"{tally.written:,} {'picture was' if tally.written == 1 else 'pictures were'} written{where}"))
    if tally.left_out:
        verb = "is" if tally.left_out == 1 else "are"
        say(f"{number_of(tally.left_out, 'row')} cannot be read and {verb} not in it: see the messages above")
    wanted = () if tally.written else (*args.words, *args.any)
    for line in hints(gallery.words, (*wanted, *args.none)):
        say(escaped(line))
    return INCOMPLETE if tally.left_out else 0


def _parts(gallery: Gallery, args: Arguments, tally: Tally) -> Iterator[bytes]:
    begin = heads(args.format)
    for page in all_pages(gallery, question_of(args), EVERYTHING):
        yield (begin + lines(page.records, args.format, gallery.words.taxonomy)).encode("utf-8", "replace")
        begin = ""
        tally.written += len(page.records)
        tally.left_out += len(page.left_out)


def _broken_off(args: Arguments, why: str, tally: Tally) -> int:
    status = complain("export", why)
    if not tally.written:
        return status
    if args.output is None:
        say(f"what was printed is not whole: it ends behind {number_of(tally.written, 'picture')}")
    else:
        say(escaped(f"{args.output} was not written"))
    return INCOMPLETE


@contextmanager
def _output(path: Path | None) -> Iterator[Writable]:
    if path is not None:
        with whole_file(path) as file:
            yield file
        return
    yield _Terminal() if sys.stdout.isatty() else sys.stdout.buffer
    sys.stdout.flush()


class _Terminal:
    """Writes for people to look at: no key of a stranger makes the terminal obey."""

    def write(self, octets: bytes, /) -> object:
        return sys.stdout.write("\n".join(map(escaped, octets.decode().splitlines())) + "\n" if octets else "")


def _open(url: str | None) -> Gallery:
    from imagelabels import wiring_commands

    return wiring_commands.gallery(url)
