"""`imagelabels token`: let people and programs into the HTTP API, or shut them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import click

from imagelabels.cli.arguments import complain, format_option, index_option, moment, uri_prefix
from imagelabels.cli.command import Command, Group, Several, examples
from imagelabels.cli.sharing import Listed, Named, places, print_all, state
from imagelabels.domain.albums import new_id
from imagelabels.domain.moments import iso, now, shown
from imagelabels.domain.tokens import Scope, Token, hashed, new_secret
from imagelabels.ports.tokens import Tokens
from imagelabels.views.forms import Form
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped


@dataclass(frozen=True, slots=True)
class Create:
    name: str
    write: bool
    prefix: tuple[str, ...]
    expires: int | None
    index: str | None


def command() -> Group:
    return Group(
        "token",
        commands=[_create(), _list(), _revoke()],
        help="Let people and programs into the HTTP API, or shut them out. Only the hash of a token is kept.",
        epilog=examples("imagelabels token create 'photo desk' --index sqlite:///photos.db"),
    )


def _create() -> Command:
    return Command(
        "create",
        create,
        Create,
        params=[
            click.Argument(["name"], metavar="NAME", help="who will use the token"),
            click.Option(["--write"], is_flag=True, help="the bearer may also correct labels and change albums"),
            Several(
                ["--prefix"],
                type=uri_prefix,
                metavar="URI...",
                help="the bearer sees only pictures whose URIs begin so (all)",
            ),
            click.Option(["--expires"], type=moment, metavar="TIME", help="the token lets nobody in from then on"),
            index_option("where the token is kept"),
        ],
        help="Make a token and print it. It is shown this once only.",
        short_help="make a token and print it",
        epilog=examples("imagelabels token create editors --prefix oss://photos/2026/"),
    )


def _list() -> Command:
    return Command(
        "list",
        list_tokens,
        Listed,
        params=[format_option(), index_option("where the tokens are kept")],
        help="List the tokens, without their secrets.",
        short_help="list the tokens",
        epilog=examples("imagelabels token list"),
    )


def _revoke() -> Command:
    return Command(
        "revoke",
        revoke,
        Named,
        params=[
            click.Argument(["id"], metavar="ID", help="the token's id, as `imagelabels token list` shows it"),
            index_option("where the token is kept"),
        ],
        help="Revoke a token for good. It lets nobody in any more.",
        short_help="revoke a token for good",
        epilog=examples("imagelabels token revoke ID"),
    )


def create(args: Create, open_tokens: Callable[[str | None], Tokens] | None = None) -> int:
    """Print the secret on stdout, and all else on stderr, so that a script can take the secret alone."""
    if not args.name.strip() or len(args.name) > 200:
        return complain("token create", "a name has 1 to 200 characters: it tells you later whose token this is")
    if args.expires is not None and args.expires <= now():
        return complain("token create", f"--expires: {shown(args.expires)} has passed, so the token would open nothing")
    secret = new_secret()
    scopes: frozenset[Scope] = frozenset({"read", "write"}) if args.write else frozenset({"read"})
    token = Token(new_id(), args.name, hashed(secret), scopes, args.prefix or ("",), now(), args.expires)
    (open_tokens or _open)(args.index).put(token)
    print(secret)
    say(
        "This token is shown this once only: give it to the page, or send it as `Authorization: Bearer TOKEN`. "
        f"Its id is {token.id}, by which `imagelabels token revoke` revokes it."
    )
    return 0


def list_tokens(args: Listed, open_tokens: Callable[[str | None], Tokens] | None = None) -> int:
    tokens = (open_tokens or _open)(args.index).list()
    none = "there are no tokens: `imagelabels token create` makes one"
    return print_all(tokens, args.format, _json, _cells, none)


def revoke(args: Named, open_tokens: Callable[[str | None], Tokens] | None = None) -> int:
    if not (open_tokens or _open)(args.index).revoke(args.id, now()):
        return complain("token revoke", f"there is no token {args.id}: `imagelabels token list` shows them")
    print(f"{escaped(args.id)} lets nobody in any more")
    return 0


def _cells(token: Token) -> tuple[str, ...]:
    scopes = " ".join(sorted(token.scopes)) if token.album is None else f"feed of {escaped(token.album)}"
    return token.id, escaped(token.name), scopes, places(token), state(token)


def _json(token: Token) -> Form:
    times = {"made_at": token.made_at, "expires_at": token.expires_at, "revoked_at": token.revoked_at}
    return {
        "id": token.id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "prefixes": list(token.prefixes),
        **{name: None if at is None else iso(at) for name, at in times.items()},
        "album": token.album,
    }


def _open(url: str | None) -> Tokens:
    from imagelabels import wiring_commands

    return wiring_commands.tokens(url)
