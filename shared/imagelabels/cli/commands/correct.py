"""`imagelabels correct`: say what a picture shows, and what it does not."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import click

from imagelabels.cli.arguments import complain, format_option, label_words, object_argument
from imagelabels.cli.command import Command, Several, examples
from imagelabels.cli.objects import Open, by_index, deadline, rows_option, settings_needed
from imagelabels.domain.model import Corrections, ImageRecord, ObjectRef
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.usecases.correct import Said, correct
from imagelabels.usecases.walk import Place
from imagelabels.views.forms import corrections_json, one_line, row_json
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped, label_text


@dataclass(frozen=True, slots=True)
class Arguments:
    object: ObjectRef
    without: tuple[str, ...]
    add: tuple[str, ...]
    forget: bool
    format: str
    index: str | None = None


def command() -> Command:
    return Command(
        "correct",
        run,
        Arguments,
        params=[
            object_argument(),
            Several(
                ["--not", "without"],
                metavar="WORD...",
                shell_complete=label_words,
                help="the picture shows neither this nor anything below it",
            ),
            Several(
                ["--add"],
                metavar="WORD...",
                shell_complete=label_words,
                help='the picture shows this: a known name, or words of yours, as "my boat"',
            ),
            click.Option(["--forget"], is_flag=True, help="discard all earlier corrections of the picture"),
            rows_option(),
            format_option(),
        ],
        help="Correct one picture's labels. The corrections live in its row, are found by searching, and survive "
        "relabelling and every new event of the same content; a new picture under the same name drops them."
        f"\n\n{settings_needed()}",
        epilog=examples('imagelabels correct oss://bucket/2026/cat.jpg --not dog --add cat "my boat"'),
    )


def run(args: Arguments, open_site: Open | None = None) -> int:
    """0 corrected; 2 where it cannot be."""
    said = Said(list(args.without), list(args.add), args.forget)
    try:
        if said == Said([], []):
            raise ValueError("say what to correct: --not WORD, --add WORD or --forget")
        site = (open_site or by_index(args.index))(Place(args.object.store, args.object.bucket, args.object.key))
        record = correct(site.tools, args.object, said, deadline())
    except ValueError as error:
        return complain("correct", str(error))
    _print(record, site.tools.taxonomy, args.format)
    return 0


def _print(record: ImageRecord, taxonomy: Taxonomy, output_format: str) -> None:
    if output_format == "json":
        form = row_json(record, taxonomy)
        print(one_line(form | {"tags_ours": record.tags_written, "corrections": corrections_json(record.corrections)}))
        return
    labels = ", ".join(label_text(label.name, label.confidence) for label in record.labels) or "no labels"
    say(f"{escaped(record.ref.uri)}: {labels}", sys.stdout)
    said = record.corrections or Corrections("")
    for name, words in (("not", said.without), ("added", said.add)):
        if words:
            print(f"  {name}: {escaped(', '.join(words))}")
