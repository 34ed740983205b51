"""What commands take: the types of their arguments as click calls them, and the arguments that several commands have.

A type is a function of the word that was typed. Its ValueError, whose message is escaped, says what is wrong with it.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagelabels import clouds
from imagelabels.domain import taxonomy
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.moments import milliseconds
from imagelabels.domain.outcomes import Reason
from imagelabels.usecases.walk import Place
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped, no_choice, percent_hint

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

LANGUAGES = ("en", "zh-Hans")

_BEGINNING = re.compile(r"(file://(?=/)|(?!file:)[a-z0-9]+://[^/]+)(?:/(.*))?", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[\\nrt])", re.ASCII)


class Choice(click.Choice[str]):
    """One word of several. A synonym is taken for the word that it stands for, and no help mentions it."""

    def __init__(self, choices: Iterable[str], synonyms: Mapping[str, str] | None = None) -> None:
        super().__init__(tuple(choices))
        self._synonyms = synonyms or {}

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word; BadParameter names the words, and the one that was probably meant."""
        word = self._synonyms.get(value, value)
        if value not in (*self.choices, *self._synonyms):
            raise click.BadParameter(no_choice(value, self.choices), ctx, param)
        return word


def reason_option(says: str) -> click.Option:
    """Return the option that takes a reason of the closed list, or the empty text for any: a mistyped one would match
    nothing, and look as if nothing stood still."""
    return click.Option(["--reason"], default="", type=Choice([*Reason], {"": ""}), metavar="REASON", help=says)


def share(text: str) -> float:
    """A number from 0 to 1."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    # The comparison is not turned round, since no comparison with "nan" is true.
    if 0 <= number <= 1:
        return number
    raise ValueError(f"{escaped(text)} is not a number from 0 to 1{percent_hint(number)}")


def rows(most: int) -> Callable[[str], int]:
    """A whole number from 1 to `most`."""

    def number(text: str) -> int:
        with suppress(ValueError):
            if 1 <= int(text) <= most:
                return int(text)
        raise ValueError(f"{escaped(text)} is not a number from 1 to {most}")

    return number


def moment(text: str) -> int:
    """Milliseconds since the epoch."""
    try:
        return milliseconds(text)
    except ValueError as error:
        raise ValueError(escaped(str(error))) from None


def begin(text: str) -> tuple[str, str]:
    """The bucket and the beginning of a key, as a Query has them, of what a picture's URI begins with. No picture is in
    a store that we do not know, so such a URI is mistyped."""
    text = unescaped(text)
    if not text:
        return "", ""
    parts = _BEGINNING.fullmatch(text)
    if parts is None or parts[1].partition("://")[0] not in [store.scheme for store in clouds.stores()]:
        raise no_uri(text)
    return parts[1], parts[2] or ""


def uri_prefix(text: str) -> str:
    """The same as one text, which ends in a slash where only a bucket is named."""
    bucket, prefix = begin(text)
    if not bucket:
        raise no_uri(text)
    return f"{bucket}/{prefix}"


def place(text: str) -> Place:
    """A URI, or the beginning of one, as it was printed or as it is."""
    where, prefix = begin(text)
    if not where:
        raise no_uri(text)
    scheme, _, bucket = where.partition("://")
    return Place(scheme, bucket, prefix)


def object_ref(text: str) -> ObjectRef:
    """The URI of one object."""
    named = place(text)
    if not named.prefix:
        example = clouds.example("bucket/path/picture.jpg")
        raise ValueError(f"{escaped(text)} names no object, as {example} does")
    return ObjectRef(named.store, named.bucket, named.prefix)


def no_uri(text: str) -> ValueError:
    """Says that the text is not what a URI begins with, and how a path of this machine is written as one."""
    if not (text.startswith(("/", "./", "../")) or os.path.lexists(text)):
        return ValueError(f"{escaped(text)} does not begin like a URI, as {clouds.beginnings()}")
    slash = "/" if text.endswith("/") or os.path.isdir(text) else ""
    uri = f"file://{os.path.abspath(text).rstrip('/')}{slash}"
    return ValueError(f"{escaped(text)} is a path of this machine: write {shlex.quote(escaped(uri))}")


def unescaped(printed: str) -> str:
    """The text that was printed so; one that `escaped` would not have printed so is taken as it stands."""
    text = _ESCAPE.sub(_spelled_out, printed)
    return text if escaped(text) == printed else printed


def _spelled_out(escape: re.Match[str]) -> str:
    try:
        return escape[0].encode("ascii").decode("unicode_escape")
    except UnicodeDecodeError:  # a number beyond the last character
        return escape[0]


def label_words(ctx: click.Context, param: click.Parameter, begun: str) -> list[str]:
    """The labels' ids and names that begin so, for a shell that completes a word. Those with a space need quotes, which
    no shell's completion would add."""
    known = taxonomy.load()
    words = {*known.concepts, *known.wider}
    if not begun.isascii():
        words |= {label.names["zh-Hans"] for label in known.concepts.values()}
        words |= {label.names["zh-Hans"] for label in known.wider.values()}
    return sorted(word for word in words if word.startswith(begun) and " " not in word)


def paths(ctx: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Lets the shell complete a path. click.Path, which does so too, refuses unreadable files in words of its own."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(begun, type="file")]


def format_option(default: str | None = "table", synonyms: Mapping[str, str] | None = None) -> click.Option:
    """--format. Earlier versions called some commands' table `text`."""
    return click.Option(
        ["--format"],
        type=Choice(("table", "json"), {"text": "table"} | dict(synonyms or {})),
        default=default,
        help="table for people (default), json for programs",
    )


def path_option(name: str, metavar: str, help_text: str) -> click.Option:
    """An option that names a file."""
    return click.Option([name], type=Path, shell_complete=paths, metavar=metavar, help=help_text)


def index_option(help_text: str) -> click.Option:
    """--index, whose default is the setting."""
    return click.Option(
        ["--index"],
        type=_index_url,
        metavar="URL",
        help=f"{help_text}, as {clouds.index_examples()} (default: IMAGELABELS_INDEX)",
    )


def _index_url(text: str) -> str:
    """Refuse an empty text, such as that of a variable that the shell does not know: the index of the settings is
    meant only where none is named."""
    if not text.strip():
        raise ValueError("the text is empty: name an index, or leave the option out to use IMAGELABELS_INDEX")
    return text


def named_values(words: Iterable[str]) -> dict[str, str]:
    """Return the values of NAME=VALUE by their names; UsageError if a word has another form or a name comes twice."""
    values: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise click.UsageError(f"--param: {escaped(word)} is not NAME=VALUE", click.get_current_context())
        if name in values:
            raise click.UsageError(f"--param: {escaped(name)} is given twice", click.get_current_context())
        values[name] = value
    return values


def object_argument() -> click.Argument:
    """The URI of one picture."""
    return click.Argument(["object"], type=object_ref, metavar="URI", help=f"the picture's, as {clouds.pictures()}")


def place_argument() -> click.Argument:
    """The beginning of URIs."""
    return click.Argument(
        ["place"],
        type=place,
        metavar="PREFIX",
        help=f"all pictures whose URIs begin with this, as {clouds.beginnings()}",
    )


def complain(command: str, message: str) -> int:
    """Say on stderr what is wrong with a command; the exit status."""
    say(f"imagelabels {command}: {escaped(message)}")
    return 2
