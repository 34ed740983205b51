"""`imagelabels doctor`: find what would go wrong with a deployment."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagelabels.cli.arguments import Choice, format_option, named_values, path_option, rows
from imagelabels.cli.command import Command, Several, examples
from imagelabels.views.layout import columns, say
from imagelabels.views.printing import escaped

if TYPE_CHECKING:
    from imagelabels.deploy.checks.finding import Finding
    from imagelabels.deploy.doctor.offline import Offline

CLOUDS = ("aliyun", "tencent")
KEYS = {"aliyun": "ALIBABA_CLOUD_ACCESS_KEY_ID", "tencent": "TENCENTCLOUD_SECRETID"}
"""The account can be looked at if this variable is set."""
REGIONS = {"aliyun": "FC_REGION", "tencent": "TENCENTCLOUD_REGION"}
PARAMETERS = {"aliyun": "BucketName", "tencent": "Bucket"}
"""This parameter names the bucket in the file that we ship."""


LARGEST = 1_000_000
"""No template and no plan has so many bytes. A longer file, which may have no end, is not read."""


@dataclass(frozen=True, slots=True)
class Arguments:
    cloud: str
    template: Path | None
    plan: Path | None
    param: tuple[str, ...]
    offline: bool
    samples: int
    probe: bool
    format: str


def command() -> Command:
    return Command(
        "doctor",
        run,
        Arguments,
        params=[
            click.Option(["--cloud"], type=Choice(CLOUDS), required=True, metavar="CLOUD", help="aliyun or tencent"),
            path_option("--template", "FILE", "aliyun: look at this template instead of the one that we ship"),
            path_option("--plan", "FILE", "tencent: look at this plan instead of the one that we ship"),
            Several(
                ["--param"],
                metavar="NAME=VALUE",
                help="a parameter of the template or plan, or Region; more may follow",
            ),
            click.Option(["--offline"], is_flag=True, help="look at the file alone and make no call"),
            click.Option(
                ["--samples"], type=rows(1000), default=100, metavar="N", help="look at so many objects of the bucket"
            ),
            click.Option(
                ["--probe"],
                is_flag=True,
                help="make an empty object in the bucket, tag it and remove it again",
            ),
            format_option(),
        ],
        help="Look at a template or plan, and at the account that it was deployed to, for what would go wrong. Each"
        " finding has a cause, a consequence and a cure. The account is looked at if its keys are in the environment"
        " and the bucket is known."
        "\n\nExit status: 0 if no error was found, warnings or not; 1 if an error was found; 2 if the command could not"
        " be understood or a file could not be read.",
        short_help="find what would go wrong with a deployment",
        epilog=examples(
            "imagelabels doctor --cloud aliyun --template template.yml --offline",
            "imagelabels doctor --cloud tencent --param Region=ap-guangzhou ...",
        ),
    )


def run(args: Arguments) -> int:
    import os

    from imagelabels.deploy.checks.finding import Severity
    from imagelabels.deploy.doctor import printed

    offline = _offline(args, os.environ)
    findings = [*offline.findings, *_live(args, offline, os.environ)]
    if args.format == "json":
        print(printed.json_text(findings))
    else:
        print("\n".join(printed.lines(findings, columns(sys.stdout))))
    return 1 if any(finding.severity is Severity.ERROR for finding in findings) else 0


def _offline(args: Arguments, environ: Mapping[str, str]) -> Offline:
    from imagelabels.deploy.doctor import offline
    from imagelabels.deploy.template import document
    from imagelabels.deploy.tencent import plan

    if args.cloud == "aliyun" and args.plan is not None:
        raise click.UsageError("--plan is for tencent: use --template for aliyun", click.get_current_context())
    if args.cloud == "tencent" and args.template is not None:
        raise click.UsageError("--template is for aliyun: use --plan for tencent", click.get_current_context())
    if args.offline and args.probe:
        raise click.UsageError("--probe looks at the account: leave --offline out", click.get_current_context())
    words = named_values(args.param)
    if args.cloud == "aliyun":
        text = document.shipped() if args.template is None else _text(args.template)
        report = offline.aliyun(text, words, environ.get(REGIONS["aliyun"], ""))
    else:
        report = offline.tencent(plan.shipped() if args.plan is None else _text(args.plan), words)
    for resource in report.unchecked:
        say(f"no check knows the type of {escaped(resource)}: it was left alone")
    return report


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            message = f"{escaped(str(path))} has more than {LARGEST} bytes, so it is no template and no plan"
            raise click.UsageError(message, click.get_current_context())
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise click.UsageError(f"{escaped(str(path))} is not a text in UTF-8", click.get_current_context()) from None
    except OSError as error:
        message = f"{escaped(str(path))} cannot be read: {error.strerror}"
        raise click.UsageError(message, click.get_current_context()) from None


def _live(args: Arguments, offline: Offline, environ: Mapping[str, str]) -> list[Finding]:
    """Look at the account, unless something that this needs is missing. Either way, say which half ran."""
    if missing := _missing(args, offline, environ):
        say(f"only the file was looked at, and no account, because {missing}")
        return []
    from imagelabels.deploy.doctor.live import aliyun, tencent
    from imagelabels.deploy.doctor.live.target import Target

    findings = (aliyun if args.cloud == "aliyun" else tencent).findings
    target = Target(offline.bucket, offline.prefix, offline.function, args.samples, args.probe)
    say(f"the file was looked at, and the account with the bucket {escaped(offline.bucket)} too")
    return list(findings(target, {**offline.environment, **environ}))


def _missing(args: Arguments, offline: Offline, environ: Mapping[str, str]) -> str:
    """Say what keeps the account from being looked at."""
    if args.offline:
        return "--offline was given"
    if not environ.get(KEYS[args.cloud]):
        return f"no keys are in the environment ({KEYS[args.cloud]} is not set)"
    if not offline.is_sound:
        return "the file has errors"
    if not offline.bucket:
        return f"no bucket is named: give it with --param {PARAMETERS[args.cloud]}=..."
    if not offline.environment.get(REGIONS[args.cloud]) and not environ.get(REGIONS[args.cloud]):
        return "no region is named: give it with --param Region=..."
    return ""
