"""`imagelabels attach`: bind a bucket of OSS to an IMM project, which the detector oss needs."""

from __future__ import annotations

from dataclasses import dataclass

import click

from imagelabels.cli.arguments import place
from imagelabels.cli.command import Command, examples
from imagelabels.usecases.walk import Place
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped


@dataclass(frozen=True, slots=True)
class Arguments:
    bucket: Place
    project: str
    detach: bool


def command() -> Command:
    return Command(
        "attach",
        run,
        Arguments,
        params=[
            click.Argument(["bucket"], type=place, metavar="BUCKET", help="the bucket, as oss://my-photos"),
            click.Argument(["project"], metavar="PROJECT", help="the IMM project, in the bucket's region"),
            click.Option(["--detach"], is_flag=True, help="free the bucket from this project instead"),
        ],
        help="Bind a bucket of OSS to an IMM project in the region that FC_REGION names, so that the detector oss may"
        " label its pictures. `imagelabels deploy aliyun` does this too. A bucket has one project at most.",
        short_help="bind a bucket of OSS to an IMM project",
        epilog=examples("imagelabels attach oss://my-photos imagelabels"),
    )


def run(args: Arguments) -> int:
    import os

    from imagelabels.deploy.aliyun import account
    from imagelabels.deploy.progress import CallFailed

    uri = f"{args.bucket.store}://{args.bucket.bucket}"
    if args.bucket.store != "oss" or args.bucket.prefix:
        raise click.UsageError(
            f"{escaped(uri)} is no bucket of OSS alone, as oss://my-photos", click.get_current_context()
        )
    bindings, bucket = account.bindings(os.environ), args.bucket.bucket
    try:
        done = (bindings.detach if args.detach else bindings.attach)(bucket, args.project)
    except CallFailed as error:
        say(f"imagelabels attach: {escaped(str(error))}")
        return 1
    finally:
        bindings.close()
    words = ("is freed from", "is not bound to") if args.detach else ("is bound to", "was bound already to")
    print(f"{escaped(bucket)} {words[not done]} the IMM project {escaped(args.project)}")
    return 0
