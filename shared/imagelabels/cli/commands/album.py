"""`imagelabels album`: keep questions as albums, and put pictures in or out by hand."""

from __future__ import annotations

import click

from imagelabels.cli import albums
from imagelabels.cli.arguments import LANGUAGES, Choice, format_option, index_option, object_ref, rows, unescaped
from imagelabels.cli.asking import yes_option
from imagelabels.cli.command import Command, Group, examples
from imagelabels.cli.questions import question_params
from imagelabels.cli.sharing import Listed
from imagelabels.domain.query import LIMIT, ORDERS


def command() -> Group:
    return Group(
        "album",
        commands=[_create(), _list(), _show(), _pin(), _unpin(), _delete()],
        help="Keep questions as albums. An album holds what its question finds at the moment, the pictures that you "
        "put in by hand, and none that you took out.",
        epilog=examples("imagelabels album create Dogs dog --index sqlite:///photos.db"),
    )


def _create() -> Command:
    return Command(
        "create",
        albums.create,
        albums.Create,
        params=[
            click.Argument(["title"], metavar="TITLE", help="what the album is called"),
            *question_params(),
            click.Option(
                ["--language"],
                type=Choice(LANGUAGES),
                default="en",
                show_default=True,
                help="titles and labels of its feed are in this language",
            ),
            click.Option(["--order"], type=Choice(ORDERS), default="newest", show_default=True, help="which are first"),
            click.Option(["--cover"], type=object_ref, metavar="URI", help="the picture that stands for the album"),
            click.Option(["--dry-run"], is_flag=True, help="show what the album would hold, and save nothing"),
            format_option(),
            index_option("where the album is kept"),
        ],
        help="Save a question as an album and print the album's id. The question is asked as `imagelabels search` asks "
        "it, and its words are kept as you write them.",
        short_help="save a question as an album and print its id",
        epilog=examples(
            "imagelabels album create Pets --any dog cat --min-confidence 0.8 --dry-run",
            "imagelabels album create 海边 seashore --language zh-Hans --order confidence",
        ),
    )


def _list() -> Command:
    return Command(
        "list",
        albums.list_albums,
        Listed,
        params=[format_option(), index_option("where the albums are kept")],
        help="List the albums with their ids, titles and questions.",
        short_help="list the albums",
        epilog=examples("imagelabels album list"),
    )


def _show() -> Command:
    return Command(
        "show",
        albums.show,
        albums.Show,
        params=[
            _id(),
            click.Option(
                ["--limit"], type=rows(LIMIT), default=20, show_default=True, metavar="N", help="pictures a page"
            ),
            click.Option(
                ["--page"],
                type=unescaped,
                default="",
                metavar="TOKEN",
                help="go on where the page ended that named this token",
            ),
            format_option(),
            index_option("where the album is kept"),
        ],
        help="Print the pictures that an album holds. Those that were put in by hand come first.",
        short_help="print the pictures of an album",
        epilog=examples("imagelabels album show ID --limit 100"),
    )


def _pin() -> Command:
    return Command(
        "pin",
        albums.put_in_or_out,
        albums.Pin,
        params=[
            _id(),
            _pictures(),
            click.Option(["--out"], is_flag=True, help="take the pictures out, in place of putting them in"),
            index_option("where the album is kept"),
        ],
        help="Put pictures into an album by hand, or take them out, whatever its question says.",
        short_help="put pictures in or out by hand",
        epilog=examples("imagelabels album pin ID oss://photos/cat.jpg --out"),
    )


def _unpin() -> Command:
    return Command(
        "unpin",
        albums.leave_to_question,
        albums.Pin,
        params=[_id(), _pictures(), index_option("where the album is kept")],
        help="Leave pictures that were put in or out by hand to the album's question again.",
        short_help="leave pictures to the question again",
        epilog=examples("imagelabels album unpin ID oss://photos/cat.jpg"),
    )


def _delete() -> Command:
    return Command(
        "delete",
        albums.delete,
        albums.Delete,
        params=[
            _id(),
            click.Option(["--dry-run"], is_flag=True, help="say what would end with the album, and delete nothing"),
            yes_option(),
            index_option("where the album is kept"),
        ],
        help="Delete an album, and say what ends with it. Its pictures stay.",
        short_help="delete an album; its pictures stay",
        epilog=examples("imagelabels album delete ID --dry-run"),
    )


def _id() -> click.Argument:
    return click.Argument(["id"], metavar="ID", help="the album's id, as `imagelabels album list` shows it")


def _pictures() -> click.Argument:
    return click.Argument(["pictures"], nargs=-1, required=True, type=object_ref, metavar="URI...", help="the pictures")
