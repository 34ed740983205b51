"""`imagelabels hook`: tell receivers when pictures enter or leave an album."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import click

from imagelabels.cli.arguments import complain, format_option, index_option
from imagelabels.cli.command import Command, Group, examples
from imagelabels.cli.sharing import ListedOfAlbum, Named, no_album, print_all
from imagelabels.domain.moments import shown
from imagelabels.domain.webhooks import Delivery, Hook
from imagelabels.usecases.hook_keeping import Keeper, TooManyHooks, delivery_form, hook_form
from imagelabels.views.forms import one_line
from imagelabels.views.layout import print_rows, say
from imagelabels.views.printing import escaped

PATIENCE = 300.0
"""`hook deliver` works for so many seconds at most. What is left is for the next time."""


@dataclass(frozen=True, slots=True)
class Create:
    album: str
    url: str
    index: str | None


@dataclass(frozen=True, slots=True)
class Shown(Named):
    format: str = "table"


@dataclass(frozen=True, slots=True)
class Deliver:
    index: str | None


def command() -> Group:
    index = index_option("where webhooks are kept")
    hook = click.Argument(["id"], metavar="ID", help="the webhook's id, as `imagelabels hook list` shows it")
    made = [
        click.Argument(["album"], metavar="ALBUM", help="the album's id"),
        click.Argument(["url"], metavar="URL", help="the receiver's address, which begins with https://"),
        index,
    ]
    listed = [
        click.Argument(
            ["album"], metavar="[ALBUM]", required=False, help="only the webhooks of the album with this id"
        ),
        format_option(),
        index,
    ]
    return Group(
        "hook",
        commands=[
            _command(
                "create", create, Create, made, "make a webhook and print its secret, which is shown this once only"
            ),
            _command("list", list_hooks, ListedOfAlbum, listed, "list the webhooks, without their secrets"),
            _command(
                "show", show, Shown, [hook, format_option(), index], "show what waits for a receiver and what failed"
            ),
            _command(
                "delete", delete, Named, [hook, index], "delete a webhook with everything that waits for its receiver"
            ),
            _command("retry", retry, Named, [hook, index], "send what failed again, and switch the webhook on"),
            _command("rotate", rotate, Named, [hook, index], "print a new secret; the old one signs too for a day"),
            _command("deliver", deliver, Deliver, [index], "send what there is to send, once; a timer may start this"),
        ],
        help="Tell receivers when pictures enter or leave an album. docs/webhooks.md tells how to receive.",
        epilog=examples("imagelabels hook create ALBUM https://example.com/pictures"),
    )


def _command(
    name: str, run: Callable[..., int], arguments: Callable[..., object], params: list[click.Parameter], does: str
) -> Command:
    words = {"create": " ALBUM https://example.com/pictures", "list": "", "deliver": ""}.get(name, " ID")
    line = f"imagelabels hook {name}{words}"
    help_text = f"{does[0].upper()}{does[1:]}."
    return Command(name, run, arguments, params=params, help=help_text, short_help=does, epilog=examples(line))


def create(args: Create) -> int:
    """Print the secret on stdout, and all else on stderr, so that a script can take the secret alone."""
    keeper = _open(args.index)
    try:
        if wrong := _missing_album(args.index, args.album):
            return complain("hook create", wrong)
        hook = keeper.make(args.album, args.url)
    except (ValueError, TooManyHooks) as error:
        return complain("hook create", str(error))
    print(hook.secrets[0])
    say(f"This is the secret of the webhook {hook.id}. It is shown this once only: the receiver needs it to verify.")
    return 0


def list_hooks(args: ListedOfAlbum) -> int:
    hooks = _open(args.index).hooks(args.album)
    if args.album is not None and not hooks and (wrong := _missing_album(args.index, args.album)):
        return complain("hook list", wrong)
    none = "there are no webhooks: `imagelabels hook create` makes one"
    return print_all(hooks, args.format, hook_form, _hook_cells, none)


def show(args: Shown) -> int:
    keeper = _open(args.index)
    hook = keeper.get(args.id)
    if hook is None:
        return _missing("show", args.id)
    deliveries = keeper.deliveries(args.id)
    if args.format == "json":
        print(one_line({**hook_form(hook), "deliveries": [delivery_form(one) for one in deliveries]}))
        return 0
    print_rows([_hook_cells(hook)])
    print_rows([_delivery_cells(one) for one in deliveries])
    return 0


def delete(args: Named) -> int:
    if not _open(args.index).delete(args.id):
        return _missing("delete", args.id)
    print(f"{escaped(args.id)} is deleted")
    return 0


def retry(args: Named) -> int:
    count = _open(args.index).retry(args.id)
    if count is None:
        return _missing("retry", args.id)
    deliveries = "1 delivery" if count == 1 else f"{count:,} deliveries"
    print(f"{escaped(args.id)} is on, and the next run sends {deliveries} again")
    return 0


def rotate(args: Named) -> int:
    hook = _open(args.index).rotate(args.id)
    if hook is None:
        return _missing("rotate", args.id)
    print(hook.secrets[0])
    say("This is the new secret. It is shown this once only. For a day, messages are signed with the old one too.")
    return 0


def deliver(args: Deliver) -> int:
    from imagelabels.usecases.hook_run import AT_ONCE, Turn, run
    from imagelabels.webhooks import opened

    errors = 0
    failing: list[str] = []

    def tell(turn: Turn) -> None:
        nonlocal errors
        fields = opened.turn_fields(turn)
        errors += turn.error is not None
        words = (fields["webhook"], fields["host"], fields["webhook_state"])
        print(*map(escaped, words), f"{fields['delivered']} delivered, {fields['failed']} failed", sep="  ")
        if fields["failed"]:
            failing.append(turn.hook.id)
        if fields["detail"]:
            say(f"{escaped(fields['webhook'])}: {escaped(fields['detail'])}")

    with ThreadPoolExecutor(AT_ONCE, "webhook") as executor:
        run(opened.tools(args.index), time.monotonic() + PATIENCE, executor, tell)
    for hook_id in dict.fromkeys(failing):
        say(f"`imagelabels hook show {escaped(hook_id)}` tells why messages failed, and when they are tried again")
    return 1 if errors else 0


def _hook_cells(hook: Hook) -> tuple[str, ...]:
    return hook.id, hook.album, escaped(hook.url), hook.state, escaped(hook.why)


def _delivery_cells(delivery: Delivery) -> tuple[str, ...]:
    until = f"next try {shown(delivery.due_at)}"
    state = f"failed {shown(delivery.failed_at)}" if delivery.failed_at is not None else until
    tries = "1 try" if delivery.tries == 1 else f"{delivery.tries} tries"
    return delivery.kind, escaped(delivery.uri), tries, state, escaped(delivery.answer)


def _missing(name: str, hook_id: str) -> int:
    return complain(f"hook {name}", f"there is no webhook {hook_id}: `imagelabels hook list` shows them")


def _missing_album(index: str | None, album_id: str) -> str:
    """Say that an album is not there; the text is empty if it is."""
    from imagelabels import wiring_commands

    albums = wiring_commands.albums(index)
    return no_album(albums, album_id) if albums.get(album_id) is None else ""


def _open(url: str | None) -> Keeper:
    from imagelabels import wiring_commands

    return wiring_commands.keeper(url)
