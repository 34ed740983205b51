"""`imagelabels invoke`: give pictures to a deployed function."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import click

from imagelabels import clouds
from imagelabels.cli.arguments import Choice, complain, format_option, place
from imagelabels.cli.command import Command, examples
from imagelabels.clouds import FunctionPlatform
from imagelabels.domain.invocations import Invoked, batches
from imagelabels.domain.model import ObjectRef
from imagelabels.ports.invoker import Invoker
from imagelabels.usecases.invoke import invoke
from imagelabels.views.forms import accepted_json, invoked_json, one_line
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped, state_text

Connect = Callable[[str, str | None], tuple[FunctionPlatform, Invoker]]


@dataclass(frozen=True, slots=True)
class Arguments:
    function: str
    uris: tuple[ObjectRef, ...]
    through: str | None
    later: bool
    format: str


def command() -> Command:
    kinds = ", ".join(f"{name} ({kind.says}, written {kind.function})" for name, kind in clouds.platforms().items())
    return Command(
        "invoke",
        run,
        Arguments,
        params=[
            click.Argument(["function"], metavar="FUNCTION", help="the deployed function's name"),
            click.Argument(
                ["uris"],
                nargs=-1,
                required=True,
                type=object_in_a_bucket,
                metavar="URI...",
                help="pictures in buckets of one cloud",
            ),
            click.Option(
                ["--through"],
                type=Choice(clouds.platforms()),
                help=f"what runs the function: {kinds}; without it, the first one of the pictures' cloud",
            ),
            click.Option(
                ["--async", "later"], is_flag=True, help="do not wait for the function; the cloud retries if it fails"
            ),
            format_option(),
        ],
        help="Give pictures to a deployed function, as an event of the store would, and say what became of each. An "
        "event names at most 40 pictures, so more of them take several invocations. No detector is called for a "
        f"picture that is labelled already.\n\n{_needed()}",
        short_help="give pictures to a deployed function",
        epilog="Exit status: 0 nothing is left to do, 1 some pictures failed or must wait, 2 wrong use or no such "
        "function.\n\n"
        + examples(
            f"imagelabels invoke imagelabels {clouds.example('bucket/2026/cat.jpg')}",
            f"imagelabels invoke imagelabels --async {clouds.example('bucket/2026/cat.jpg')}",
        ),
    )


def _needed() -> str:
    stores = [provider.store for provider in clouds.providers() if provider.platforms and provider.store is not None]
    words = [f"for {store.scheme}:// {', '.join(store.needs)}" for store in stores]
    return f"It needs in the environment {'; '.join(words)}."


def object_in_a_bucket(text: str) -> ObjectRef:
    """Read the URI of one object in a bucket. ValueError for a file of this machine, and for a prefix."""
    named = place(text)
    files = clouds.files_store()
    if named.store == files.scheme:
        raise ValueError(
            f"{escaped(text)} is a file of this machine, which no function reads: use `imagelabels detect`"
        )
    if not named.prefix or named.prefix.endswith("/"):
        raise ValueError(
            f"{escaped(text)} names all objects below it: name each picture, since a prefix is not taken yet"
        )
    return ObjectRef(named.store, named.bucket, named.prefix)


def connected(scheme: str, through: str | None) -> tuple[FunctionPlatform, Invoker]:
    """Connect by the settings in the environment; Misconfigured names the one that is missing or wrong."""
    from imagelabels import wiring_platforms

    return wiring_platforms.invoker(scheme, through)


def run(args: Arguments, connect: Connect = connected) -> int:
    """0 nothing is left to do; 1 some pictures failed or must wait. Misconfigured if the function cannot be invoked."""
    refs = list(dict.fromkeys(args.uris))  # A function that gets an object twice would wait for itself.
    schemes = list(dict.fromkeys(ref.store for ref in refs))
    if len(schemes) > 1:
        named = " and ".join(f"{scheme}://" for scheme in schemes)
        return complain("invoke", f"a function works on one cloud, but the URIs are of {named}")
    platform, invoker = connect(schemes[0], args.through)
    events = list(batches(refs, platform.event))  # A wrong URI is found before anything is invoked.
    status = 0
    for invoked in invoke(invoker, args.function, events, args.later):
        status = status if invoked.is_fine else 1
        _print(invoked, args)
    return status


def _print(invoked: Invoked, args: Arguments) -> None:
    if args.format == "json":
        print(one_line(accepted_json(invoked) if args.later else invoked_json(invoked)), flush=True)
        return
    say(f"{escaped(invoked.uri)}: {_became(invoked)}", sys.stdout)


def _became(invoked: Invoked) -> str:
    if invoked.accepted:
        return f"accepted: request {escaped(invoked.request_id or 'unknown')}"
    if invoked.outcome is None:
        return f"failed: {escaped(str(invoked.error))}"
    outcome = invoked.outcome
    text = state_text(escaped(outcome.state), outcome.reason, outcome.notes)
    if outcome.label_ids:
        text += f"{'; ' if ': ' in text else ': '}{escaped(', '.join(outcome.label_ids))}"
    return f"{text} ({escaped(outcome.message)})" if outcome.message else text
