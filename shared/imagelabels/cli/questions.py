"""The question that several commands ask: which pictures are meant, by what they show, where they are and when."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click

from imagelabels import clouds
from imagelabels.cli.arguments import Choice, begin, label_words, moment, share, unescaped
from imagelabels.cli.command import Several
from imagelabels.domain.albums import Question
from imagelabels.domain.moments import iso
from imagelabels.domain.query import ANY, STATES
from imagelabels.views.printing import escaped


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of a command that asks a question; the command adds its own."""

    words: tuple[str, ...]
    any: tuple[str, ...]
    none: tuple[str, ...]
    min_confidence: float
    prefix: tuple[str, str]
    start: int | None
    until: int | None
    since: int | None
    state: str | None
    reason: str


def question_params() -> list[click.Parameter]:
    """Return the parameters that a question is made of."""
    return [*_words_asked(), *_places_and_times(), *_states()]


def _words_asked() -> list[click.Parameter]:
    words: dict[str, Any] = {"type": unescaped, "shell_complete": label_words}
    return [
        click.Argument(
            ["words"], nargs=-1, metavar="[WORD]...", help="what a picture must show, all of it; none: all", **words
        ),
        Several(["--any"], metavar="WORD...", help="of these words, one is enough", **words),
        Several(["--none"], metavar="WORD...", help="what a picture must not show", **words),
        click.Option(
            ["--min-confidence"],
            type=share,
            default=0.0,
            metavar="0..1",
            help="count only labels at least this sure, for words that say nothing of their own",
        ),
    ]


def _places_and_times() -> list[click.Parameter]:
    return [
        click.Option(
            ["--prefix"],
            type=begin,
            default="",
            metavar="URI",
            help=f"only what begins so, as {clouds.beginnings()}",
        ),
        click.Option(["--from", "start"], type=moment, metavar="TIME", help="uploaded then or later"),
        click.Option(["--until"], type=moment, metavar="TIME", help="uploaded before"),
        click.Option(["--since"], type=moment, metavar="TIME", help="labelled then or later"),
    ]


def _states() -> list[click.Parameter]:
    return [
        click.Option(
            ["--state"],
            type=Choice((*STATES, ANY)),
            metavar="STATE",
            help=f"what became of the picture: {', '.join((*STATES, ANY))} (labelled; any with --reason)",
        ),
        click.Option(
            ["--reason"],
            default="",
            metavar="REASON",
            help="only pictures with this reason or note, as unsupported_format or format_heic",
        ),
    ]


def question_of(args: Asked) -> Question:
    """Return the question that the arguments ask."""
    bucket, key = args.prefix
    return Question(
        label=args.words,
        any_of=args.any,
        none_of=args.none,
        min_confidence=args.min_confidence,
        prefix=f"{bucket}/{key}" if bucket else "",
        from_time=args.start,
        until_time=args.until,
        since=args.since,
        state=args.state,
        reason=args.reason,
    )


def question_text(question: Question) -> str:
    """Write a question as the words of a command line that ask it, on one line that no terminal obeys."""
    return " ".join(shlex.quote(escaped(word)) for word in _words_of(question))


def _words_of(question: Question) -> Iterator[str]:
    yield from question.label
    for name, words in (("--any", question.any_of), ("--none", question.none_of)):
        yield from (name, *words) if words else ()
    if question.min_confidence:
        yield from ("--min-confidence", f"{question.min_confidence:g}")
    times = {"--from": question.from_time, "--until": question.until_time, "--since": question.since}
    texts = {name: iso(time).removesuffix("T00:00:00.000Z") for name, time in times.items() if time is not None}
    texts |= {"--prefix": question.prefix, "--state": question.state or "", "--reason": question.reason}
    for name, text in texts.items():
        yield from (name, text) if text else ()
