"""`imagelabels deploy`: put the function on an account, or take it away again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import click

from imagelabels.cli.arguments import named_values as _named
from imagelabels.cli.command import Command, Group, Several, examples


@dataclass(frozen=True, slots=True)
class Arguments:
    dry_run: bool
    undo: bool
    param: tuple[str, ...]
    endpoint: str


def command() -> Group:
    group = Group(
        "deploy",
        help="Put the function with everything that it needs on an account, or take it away again.",
        short_help="put the function on an account, or take it away again",
        epilog=examples(
            "imagelabels deploy tencent --dry-run --param Region=ap-guangzhou Bucket=photos-1250000000 ..."
        ),
    )
    group.add_command(_tencent())
    return group


def _tencent() -> Command:
    return Command(
        "tencent",
        run,
        Arguments,
        params=[
            click.Option(["--dry-run"], is_flag=True, help="look at the account and say what would change"),
            click.Option(["--undo"], is_flag=True, help="take away what this command made, and nothing else"),
            Several(["--param"], metavar="NAME=VALUE", help="a value of the plan; docs/deploy.md lists them"),
            click.Option(["--endpoint"], metavar="ADDRESS", default="", help="where the API answers, for trying out"),
        ],
        help="Make the role, the layer, the function and its triggers on Tencent Cloud, with the keys in"
        " TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY. What is there already is left or brought up to date.",
        short_help="put the function on Tencent Cloud",
        epilog=examples(
            "imagelabels deploy tencent --dry-run --param Region=ap-guangzhou Bucket=photos-1250000000 ...",
            "imagelabels deploy tencent --undo --param Region=ap-guangzhou Bucket=photos-1250000000",
        ),
    )


def run(args: Arguments) -> int:
    import os

    from imagelabels.deploy.tencent import plan, values
    from imagelabels.deploy.tencent.run import Run
    from imagelabels.deploy.tencent.sdk import Sender

    steps = plan.read(plan.shipped())
    chosen = values.given(steps, _named(args.param), os.environ, args.undo)
    sender = Sender(str(chosen["Region"]), os.environ, args.endpoint)
    work = Run(steps, chosen, sender.send, partial(print, flush=True))
    if args.undo:
        return 0 if work.undo(args.dry_run) else 1
    return 0 if (work.dry_run() if args.dry_run else work.deploy()) else 1
