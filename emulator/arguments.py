"""The arguments of `python -m emulator up`, and what they deploy."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from pathlib import Path

from emulator.fc.runtime import Function
from emulator.fc.triggers import TriggerRule

TRIGGER_EVENTS = (
    "oss:ObjectCreated:PutObject",
    "oss:ObjectCreated:PostObject",
    "oss:ObjectCreated:CopyObject",
    "oss:ObjectCreated:CompleteMultipartUpload",
    "oss:ObjectRemoved:DeleteObject",
    "oss:ObjectRemoved:DeleteObjects",
)
"""What a trigger takes unless told otherwise: whole objects that come or go."""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m emulator",
        description="Alibaba Cloud's object store and function runtime on this machine, for unmodified clients.",
    )
    up = top.add_subparsers(required=True, metavar="up").add_parser(
        "up",
        help="start everything; Ctrl-C stops it",
        epilog="The access key is emulator, its secret emulator; EMULATOR_ACCESS_KEY_ID and EMULATOR_ACCESS_KEY_SECRET"
        " in the environment change them. Progress: GET /_emulator/health, queue, failures, function.",
    )
    up.add_argument("--port", type=int, default=9000, help="port on 127.0.0.1; 0 takes a free one (default: 9000)")
    up.add_argument("--data", type=Path, required=True, metavar="DIR", help="where everything is kept, across restarts")
    up.add_argument(
        "--bucket",
        type=_bucket,
        action="append",
        default=[],
        metavar="NAME",
        help="create this bucket if there is none; repeatable",
    )
    up.add_argument("--verbose", action="store_true", help="show the function's output here, not only in its log file")

    deployed = up.add_argument_group("the function, if there is to be one")
    deployed.add_argument("--function", type=Path, metavar="DIR", help="its code folder")
    deployed.add_argument(
        "--handler", default="index.handler", metavar="FILE.FUNC", help="what to call in it (default: index.handler)"
    )
    deployed.add_argument(
        "--function-path",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        metavar="DIR",
        help="more folders that it imports from, as layers are on the service",
    )
    deployed.add_argument(
        "--function-env",
        type=_variable,
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="its environment variables; it sees nothing of yours but PATH, HOME and their like",
    )
    deployed.add_argument(
        "--function-timeout", type=_seconds, default=60.0, metavar="SECONDS", help="killed after this (default: 60)"
    )
    deployed.add_argument(
        "--function-memory", type=int, default=512, metavar="MB", help="reported to it, not enforced (default: 512)"
    )
    deployed.add_argument(
        "--function-python",
        type=_program,
        default=Path(sys.executable),
        metavar="PATH",
        help="the interpreter that runs it, 3.10 or later (default: the one that runs the emulator)",
    )
    deployed.add_argument(
        "--credentials-seconds",
        type=_seconds,
        default=3600.0,
        metavar="SECONDS",
        help="how long its temporary credentials are good for (default: 3600)",
    )
    deployed.add_argument(
        "--time-scale",
        type=float,
        default=1.0,
        metavar="FACTOR",
        help="stretches the waits before retries of a failed event, 0.01 for quick tests (default: 1)",
    )

    rule = up.add_argument_group("its trigger")
    rule.add_argument(
        "--trigger-bucket",
        metavar="NAME",
        help="the bucket whose changes call the function (default: that of --bucket)",
    )
    rule.add_argument(
        "--trigger-event",
        nargs="+",
        action="extend",
        metavar="NAME",
        help=f"which changes (default: {' '.join(TRIGGER_EVENTS)})",
    )
    rule.add_argument("--trigger-prefix", default="", metavar="TEXT", help="only keys that begin so")
    rule.add_argument("--trigger-suffix", default="", metavar="TEXT", help="only keys that end so, in this very case")

    labels = up.add_argument_group("the store's image/labels")
    labels.add_argument(
        "--detector",
        metavar="COMMAND",
        help="a program that reads one path a line and answers one JSON line each"
        " (default: imagelabels detect --stdin --format json --threshold 0 --language LANGUAGE)",
    )
    labels.add_argument(
        "--label-language",
        choices=("zh-Hans", "en"),
        default="zh-Hans",
        help="what the default detector names labels in (default: zh-Hans, as the service is expected to)",
    )
    return top


def function(args: argparse.Namespace) -> Function | None:
    """The function, if one is asked for; ValueError says what is wrong with it."""
    if args.function is None:
        return None
    return Function(
        code=args.function.resolve(),
        handler=args.handler,
        search_paths=tuple(path.resolve() for path in args.function_path),
        environment=dict(args.function_env),
        timeout=args.function_timeout,
        memory=args.function_memory,
        interpreter=args.function_python,
        temporary=args.data.resolve() / "tmp",
    )


def trigger(args: argparse.Namespace) -> TriggerRule | None:
    """The rule, if there is a function and a bucket for it; ValueError says what is wrong with it."""
    bucket = args.trigger_bucket or (args.bucket[0] if len(args.bucket) == 1 else None)
    asked = args.trigger_bucket or args.trigger_event or args.trigger_prefix or args.trigger_suffix
    if asked and args.function is None:
        raise ValueError("a trigger needs a function to call: give its code folder with --function")
    if asked and bucket is None:
        raise ValueError("a trigger needs a bucket: name it with --trigger-bucket")
    if args.function is None or bucket is None:
        return None
    return TriggerRule.parse(bucket, args.trigger_event or TRIGGER_EVENTS, args.trigger_prefix, args.trigger_suffix)


def _bucket(text: str) -> str:
    # https://www.alibabacloud.com/help/en/oss/user-guide/bucket-naming-conventions
    if not re.fullmatch("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no bucket name: 3 to 63 of a-z, 0-9 and -, no - at either end")
    return text


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError("a variable is given as NAME=VALUE")  # not quoted: the value may be a secret
    return name, value


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return seconds


def _program(text: str) -> Path:
    found = shutil.which(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"there is no program {text}")
    return Path(found).absolute()  # not resolved: a virtual environment's interpreter is a link
