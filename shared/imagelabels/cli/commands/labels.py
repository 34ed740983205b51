"""`imagelabels labels`: list what can be found, and what a word means."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import click

from imagelabels import clouds
from imagelabels.cli.arguments import LANGUAGES, Choice, format_option, label_words, unescaped
from imagelabels.cli.command import Command, examples
from imagelabels.domain import words as everyday
from imagelabels.domain.concept import Concept, Wider
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.domain.words import NEEDS, Words
from imagelabels.usecases.search import hints
from imagelabels.views.forms import Form, one_line
from imagelabels.views.known_labels import grade, known_label_json, unsaid_json
from imagelabels.views.layout import columns, say, wrapped
from imagelabels.views.printing import escaped


@dataclass(frozen=True, slots=True)
class Arguments:
    word: str | None
    language: str | None
    format: str


def command() -> Command:
    return Command(
        "labels",
        run,
        Arguments,
        params=[
            click.Argument(
                ["word"],
                type=unescaped,
                required=False,
                shell_complete=label_words,
                help="a name or an id; none: every label",
            ),
            click.Option(["--language"], type=Choice(LANGUAGES), help="show names of this language only (both)"),
            format_option(),
        ],
        help="List the labels: id and names, the wider ones first and what is in them below. With a word, list what a "
        "search for it finds, or say that the embedded model has no label for it.\n\nA pipe gets a line per label: id, "
        "level (0: a word for several categories), category, names, what the embedded model needs for it.\n\n"
        "A terminal also says, for labels that were measured at the threshold 0.7, how many of the pictures that got "
        "the label show it, and how many of the pictures that show it got it.",
        epilog=examples("imagelabels labels", "imagelabels labels kitten", "imagelabels labels --language zh-Hans"),
    )


def run(args: Arguments) -> int:
    """Print the labels; 0 also where the word has none, which is said."""
    words = everyday.load(clouds.vocabularies())
    languages = LANGUAGES if args.language is None else (args.language,)
    if args.word is None:
        roots = [
            *words.taxonomy.wider,
            *(label_id for label_id in words.taxonomy.concepts if words.taxonomy.category(label_id) == label_id),
        ]
    else:
        roots = list(words.meant(args.word))
        _say(words, args.word, roots, args.format)
    for label_id, depth in _below(words.taxonomy, roots, args.word is not None):
        named = _named(words.taxonomy, label_id)
        if args.format == "json":
            print(one_line(known_label_json(named, words.taxonomy, languages)))
        elif sys.stdout.isatty():
            _print_indented(words.taxonomy, named, languages, depth)
        else:
            print("\t".join(_cells(known_label_json(named, words.taxonomy, languages))))
    return 0


def _say(words: Words, word: str, roots: list[str], output_format: str) -> None:
    """What the word means, for people; that it means nothing, for programs too."""
    if roots:
        if output_format == "table" and sys.stdout.isatty() and words.taxonomy.named(word) is None:
            say(f"{escaped(word)} is looked for as {', '.join(roots)}:", sys.stdout)
        if output_format == "table" and words.silent(word):
            for hint in hints(words, [word]):
                say(escaped(hint))
        return
    unsaid = words.unsaid(word)
    if output_format == "json" and unsaid is not None:
        print(one_line(unsaid_json(word, unsaid)))
        return
    for hint in hints(words, [word]):
        say(escaped(hint), sys.stdout if unsaid is not None else sys.stderr)


def _below(taxonomy: Taxonomy, ids: list[str], within_wider: bool) -> Iterator[tuple[str, int]]:
    """Each id with all that is below it, and how deep below; a wider word's categories only where it was asked for."""
    for label_id in ids:
        stack = [(label_id, 0)]
        while stack:
            label_id, depth = stack.pop()
            yield label_id, depth
            if label_id not in taxonomy.wider or within_wider:
                stack += [(child, depth + 1) for child in reversed(taxonomy.children(label_id))]


def _named(taxonomy: Taxonomy, label_id: str) -> Concept | Wider:
    return taxonomy.wider[label_id] if label_id in taxonomy.wider else taxonomy.concepts[label_id]


def _cells(form: Form) -> tuple[str, ...]:
    ends = form["category_id"] or "", *form["names"].values(), form["embedded_needs"] or ""
    return form["id"], f"{form['level']}", *ends


def _print_indented(taxonomy: Taxonomy, named: Concept | Wider, languages: tuple[str, ...], depth: int) -> None:
    also = named.also if isinstance(named, Concept) else {}
    names = [name for language in languages for name in (named.names[language], *also.get(language, ()))]
    mark = f"  [embedded model: only with {NEEDS[named.id]}]" if named.id in NEEDS else ""
    kind = "  [a word for several categories]" if isinstance(named, Wider) else ""
    begin, later = f"{'  ' * depth}{named.id}  ", "  " * depth + "    "
    for line in wrapped(f"{', '.join(names)}{kind}{mark}".split(" "), begin, columns(sys.stdout) or 80, later):
        print(line.rstrip())
    if words := grade(named.id):
        print(f"{'  ' * depth}    {words}")
