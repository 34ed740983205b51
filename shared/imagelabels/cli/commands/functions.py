"""`imagelabels functions`: describe the label functions for the emulator."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

import click

from imagelabels import clouds, settings
from imagelabels.cli.arguments import place
from imagelabels.cli.command import Command, examples
from imagelabels.usecases.walk import Place
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped

FILES = {"IMAGELABELS_MODEL", "IMAGELABELS_POLICY"}
"""These settings name files."""


@dataclass(frozen=True, slots=True)
class Arguments:
    places: tuple[Place, ...]
    port: int


def command() -> Command:
    return Command(
        "functions",
        run,
        Arguments,
        params=[
            click.Argument(
                ["places"],
                nargs=-1,
                required=True,
                type=place,
                metavar="URI...",
                help=f"a bucket of each cloud, as {clouds.example('photos')}",
            ),
            click.Option(["--port"], type=click.IntRange(1, 65535), default=9000, help="the emulator's port (9000)"),
        ],
        help="Print which functions the emulator runs to label the pictures that are uploaded to these buckets, and, on"
        " standard error, what to do next. Save the list in a file for the emulator's option --deploy.",
        short_help="describe the label functions for the emulator",
        epilog=examples(
            "imagelabels functions oss://photos > functions.json",
            "imagelabels-emulator up --data data --bucket photos --deploy functions.json",
        ),
    )


def run(args: Arguments) -> int:
    from imagelabels.deploy.emulated import DETECTOR, EmulatedClouds

    given = _given(os.environ)
    emulated = EmulatedClouds(args.port, "tablestore://emulated", given=given)
    print(json.dumps(emulated.functions(args.places), indent=1, ensure_ascii=False))
    option = {"oss": "--bucket", "cos": "--cos-bucket"}
    words = ["imagelabels-emulator", "up", "--data", "data"]
    words += ["--port", str(args.port)] if args.port != 9000 else []
    words += [word for named in args.places for word in (option[named.store], named.bucket)]
    say(f"Save this list as functions.json, and start `{escaped(shlex.join(words))} --deploy functions.json`.")
    say("Set these variables in another terminal. Then `imagelabels index create` makes the index, once:")
    # A detector of one cloud would keep the commands from working on the other one.
    commands = {name: value for name, value in given.items() if name != DETECTOR} | emulated.user_settings
    for name, value in sorted(commands.items()):
        say(f"  export {name}={shlex.quote(escaped(value))}")
    return 0


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings in the environment, but those that say where something is. Misconfigured if one is wrong."""
    settings.load(environ)
    elsewhere = (f"{settings.PREFIX}ENDPOINT_", f"{settings.PREFIX}INDEX")
    given = {
        name: value
        for name, value in environ.items()
        if name.startswith(settings.PREFIX) and not name.startswith(elsewhere) and value
    }
    # A function runs in another folder.
    files = {name: os.path.abspath(given[name]) for name in FILES & given.keys()}
    return given | files
