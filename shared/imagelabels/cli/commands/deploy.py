"""`imagelabels deploy`: put the function on an account, or take it away again."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from imagelabels.cli.arguments import named_values as _named
from imagelabels.cli.arguments import path_option
from imagelabels.cli.command import Command, Group, Several, examples
from imagelabels.views.layout import say


@dataclass(frozen=True, slots=True)
class Arguments:
    dry_run: bool
    undo: bool
    no_proof: bool
    param: tuple[str, ...]
    endpoint: str


@dataclass(frozen=True, slots=True)
class AliyunArguments:
    dry_run: bool
    undo: bool
    packages: Path | None
    no_proof: bool
    param: tuple[str, ...]
    endpoint: str


def command() -> Group:
    group = Group(
        "deploy",
        help="Put the function with everything that it needs on an account, or take it away again.",
        short_help="put the function on an account, or take it away again",
        epilog=examples(
            "imagelabels deploy aliyun --dry-run --param Region=cn-hangzhou ...",
            "imagelabels deploy tencent --dry-run --param Region=ap-guangzhou ...",
        ),
    )
    group.add_command(_aliyun())
    group.add_command(_tencent())
    return group


def _aliyun() -> Command:
    return Command(
        "aliyun",
        run_aliyun,
        AliyunArguments,
        params=[
            _flag("--dry-run", "look at the account and say what would change"),
            _flag("--undo", "delete the stack, and free the bucket from its IMM project"),
            path_option("--packages", "DIR", "take the archives in this folder instead of making them"),
            _flag("--no-proof", "do not label a picture at the end"),
            Several(["--param"], metavar="NAME=VALUE", help="a parameter of template.yml, or Region or StackName"),
            click.Option(["--endpoint"], metavar="ADDRESS", default="", help="where ROS answers, for trying out"),
        ],
        help="Make the packages, upload them, make or change the stack of template.yml, bind the bucket if the detector"
        " needs it, and label one picture as a proof, with the keys in ALIBABA_CLOUD_ACCESS_KEY_ID and"
        " ALIBABA_CLOUD_ACCESS_KEY_SECRET. A parameter that you do not name keeps the value that the stack has.",
        short_help="put the function on Alibaba Cloud",
        epilog=examples(
            "imagelabels deploy aliyun --dry-run --param Region=cn-hangzhou ...",
            "imagelabels deploy aliyun --param Region=cn-hangzhou Detector=oss",
            "imagelabels deploy aliyun --undo --param Region=cn-hangzhou",
        ),
    )


def _tencent() -> Command:
    return Command(
        "tencent",
        run,
        Arguments,
        params=[
            _flag("--dry-run", "look at the account and say what would change"),
            _flag("--undo", "take away what this command made, and nothing else"),
            _flag("--no-proof", "do not label a picture at the end"),
            Several(["--param"], metavar="NAME=VALUE", help="a value of the plan; docs/deploy.md lists them"),
            click.Option(["--endpoint"], metavar="ADDRESS", default="", help="where the API answers, for trying out"),
        ],
        help="Make the role, the layer, the function and its triggers on Tencent Cloud, with the keys in"
        " TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY. What is there already is left or brought up to date.",
        short_help="put the function on Tencent Cloud",
        epilog=examples(
            "imagelabels deploy tencent --dry-run --param Region=ap-guangzhou ...",
            "imagelabels deploy tencent --undo --param Region=ap-guangzhou ...",
        ),
    )


def _flag(name: str, help_text: str) -> click.Option:
    return click.Option([name], is_flag=True, help=help_text)


def run_aliyun(args: AliyunArguments) -> int:
    import os

    from imagelabels.deploy.aliyun import account, parameters
    from imagelabels.deploy.aliyun.dry_run import DryRun
    from imagelabels.deploy.aliyun.run import DeployRequest, Run
    from imagelabels.deploy.template import document

    template = document.shipped()
    known = parameters.Parameters(template)
    request = DeployRequest(known.checked(_named(args.param)), args.packages, not args.no_proof)
    opened = account.opened(request.given["Region"], os.environ, _line, args.endpoint)
    try:
        work = Run(request, known, template, opened, _line)
        if args.undo:
            return 0 if work.undo(args.dry_run) else 1
        done = DryRun(work).say_all() if args.dry_run else work.deploy()
        if done:
            _tell_costs("aliyun", work.values)
        return 0 if done else 1
    finally:
        opened.close()


def run(args: Arguments) -> int:
    import os

    from imagelabels.deploy.tencent import plan, proof, values
    from imagelabels.deploy.tencent.run import Run
    from imagelabels.deploy.tencent.sdk import Sender

    steps = plan.read(plan.shipped())
    chosen = values.given(steps, _named(args.param), os.environ, args.undo)
    sender = Sender(str(chosen["Region"]), os.environ, args.endpoint)
    work = Run(steps, chosen, sender.send, _line, secrets=sender.secrets)
    if args.undo:
        return 0 if work.undo(args.dry_run) else 1
    if args.dry_run:
        done = work.dry_run() if args.no_proof else proof.dry_run(work, chosen, os.environ, _line)
    else:
        done = work.deploy() if args.no_proof else proof.deploy(work, chosen, os.environ, _line)
    if done:
        _tell_costs("tencent", chosen)
    return 0 if done else 1


def _tell_costs(cloud: str, values: Mapping[str, object]) -> None:
    """Say what the deployment costs while no picture arrives."""
    from imagelabels.deploy.costs import idle
    from imagelabels.views.estimates import monthly_lines

    total, *parts = monthly_lines(idle(cloud, values))
    _line(f"costs: without a picture, {total}")
    for part in parts:
        _line(f"    {part.strip()}")


def _line(text: str) -> None:
    """Print a line of the report. On a terminal it is broken between words, and keeps its indentation."""
    words = text.lstrip(" ")
    say(words, sys.stdout, " " * (len(text) - len(words)))
