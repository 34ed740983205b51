"""`imagelabels package`: make the archives that a cloud runs a function from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from imagelabels.cli.arguments import Choice, path_option
from imagelabels.cli.command import Command, examples
from imagelabels.deploy.package.target import CLOUDS, INDEXES
from imagelabels.views.layout import say


@dataclass(frozen=True, slots=True)
class Arguments:
    cloud: str
    runtime: str | None
    detector: str | None
    index: str | None
    recall: str
    faces: str
    policy: Path | None
    python: Path | None
    out: Path


def command() -> Command:
    detectors = list(dict.fromkeys(name for cloud in CLOUDS.values() for name in cloud.detectors))
    runtimes = list(dict.fromkeys(name for cloud in CLOUDS.values() for name in cloud.runtimes))
    out = path_option("--out", "DIR", "the folder for the archives; without it, dist")
    out.default = Path("dist")
    return Command(
        "package",
        run,
        Arguments,
        params=[
            click.Argument(["cloud"], type=Choice(CLOUDS), metavar="CLOUD"),
            _option("--runtime", f"{', '.join(runtimes)}; without it, the first that the cloud has"),
            _option("--detector", f"{', '.join(detectors)}; without it, the cloud's own"),
            _option("--index", f"{' or '.join(INDEXES)}; without it, {INDEXES[0]}"),
            _choice("--recall", ("standard", "more"), "more packs the embedded detector's second network too"),
            _choice("--faces", ("off", "on"), "on packs the embedded detector's network of faces too"),
            path_option("--policy", "FILE", "pack this policy file as policy.toml in the folder of the code"),
            path_option("--python", "FILE", "the interpreter of the runtime's version, which compiles the package"),
            out,
        ],
        help="Make the archives of code and layer that a cloud runs a function from, with a bill of materials beside"
        " each. The same input gives the same bytes on every machine. CLOUD is aliyun or tencent.",
        short_help="make the archives that a cloud runs a function from",
        epilog=examples("imagelabels package aliyun", "imagelabels package tencent --detector embedded --out packages"),
    )


def _option(name: str, help_text: str) -> click.Option:
    return click.Option([name], metavar="NAME", help=help_text)


def _choice(name: str, values: tuple[str, ...], help_text: str) -> click.Option:
    return click.Option([name], type=Choice(values), default=values[0], help=help_text)


def run(args: Arguments) -> int:
    import os

    from imagelabels.deploy.package import report
    from imagelabels.deploy.package.build import build
    from imagelabels.deploy.package.target import order
    from imagelabels.providers.onnx import artifact

    wanted = order(args.cloud, args.runtime, args.detector, args.index)
    if wanted.detector != "embedded" and (args.recall == "more" or args.faces == "on"):
        context = click.get_current_context()
        raise click.UsageError("--recall and --faces are for --detector embedded: add it, or leave them out", context)
    models = artifact.needed(args.recall == "more", args.faces == "on")
    say(f"making the package {wanted.name}; the first time this downloads its wheels")
    built = build(wanted, args.out, os.environ, args.python, args.policy, models)
    print("\n".join(report.lines(built)))
    return 0
