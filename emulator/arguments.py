"""The arguments of `python -m emulator up`, and what they deploy."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from emulator import option_values as option
from emulator.aliyun.fc.triggers import TriggerRule
from emulator.aliyun.imm import service as imm
from emulator.functions.deployment import OSS_EVENTS, Deployed, read
from emulator.functions.function import Function
from emulator.objectstore.context import TAG_SIGNATURES

FUNCTION = "function"
"""What the function is called that is given by arguments."""


COMMAND = "imagelabels-emulator"
"""What the emulator is called where a wheel was installed; pyproject.toml names it so."""


class Parser(argparse.ArgumentParser):
    """Says an error in two lines; the list of all options would push it off the screen."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"emulator: {message}\n`{self.prog} --help` lists what can be given\n")


def parser() -> argparse.ArgumentParser:
    top = Parser(
        prog=COMMAND if Path(sys.argv[0]).name == COMMAND else "python -m emulator",
        description="The object stores, Tablestore and function runtimes of Alibaba Cloud and Tencent Cloud on this"
        " machine, for unmodified clients.",
    )
    up = top.add_subparsers(required=True, metavar="up").add_parser(
        "up",
        help="start everything; Ctrl-C stops it",
        epilog="The access key is emulator, its secret emulator; EMULATOR_ACCESS_KEY_ID and EMULATOR_ACCESS_KEY_SECRET"
        " in the environment change them. Progress: GET /_emulator/health, calls, functions; below"
        " functions/NAME of each (NAME is function without --deploy): queue, failures.",
    )
    up.add_argument(
        "--port", type=option.port, default=9000, help="port on 127.0.0.1; 0 takes a free one (default: 9000)"
    )
    up.add_argument(
        "--data", type=option.folder, required=True, metavar="DIR", help="where everything is kept, across restarts"
    )
    up.add_argument(
        "--bucket",
        type=option.bucket,
        action="append",
        default=[],
        metavar="NAME",
        help="create this bucket of OSS if there is none; repeatable",
    )
    up.add_argument(
        "--cos-bucket",
        type=option.cos_bucket,
        action="append",
        default=[],
        metavar="NAME-APPID",
        help="create this bucket of COS if there is none; repeatable",
    )
    up.add_argument(
        "--deploy",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help='functions of either cloud: JSON like [{"cloud": "tencent", "name": "label", "code": "functions/label",'
        ' "handler": "index.main_handler", "paths": ["shared"], "environment": {}, "timeout": 60, "memory": 512,'
        ' "trigger": {"bucket": "photos-1250000000", "events": ["cos:ObjectCreated:*"], "prefix": "", "suffix": ""}}];'
        " folders are relative to the file; repeatable",
    )
    up.add_argument("--verbose", action="store_true", help="show the function's output here, not only in its log file")

    deployed = up.add_argument_group("one function of Alibaba Cloud, without a file")
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
        type=option.variable,
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="its environment variables; it sees nothing of yours but PATH, HOME and their like",
    )
    deployed.add_argument(
        "--function-timeout",
        type=option.seconds,
        default=60.0,
        metavar="SECONDS",
        help="killed after this (default: 60)",
    )
    deployed.add_argument(
        "--function-memory",
        type=option.memory,
        default=512,
        metavar="MB",
        help="reported to it, not enforced (default: 512)",
    )
    deployed.add_argument(
        "--function-python",
        type=option.program,
        default=Path(sys.executable),
        metavar="PATH",
        help="the interpreter that runs it, 3.10 or later (default: the one that runs the emulator)",
    )
    deployed.add_argument(
        "--credentials-seconds",
        type=option.seconds,
        default=3600.0,
        metavar="SECONDS",
        help="how long its temporary credentials are good for (default: 3600)",
    )
    deployed.add_argument(
        "--time-scale",
        type=option.factor,
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
        help=f"which changes (default: {' '.join(OSS_EVENTS)})",
    )
    rule.add_argument("--trigger-prefix", default="", metavar="TEXT", help="only keys that begin so")
    rule.add_argument("--trigger-suffix", default="", metavar="TEXT", help="only keys that end so, in this very case")

    stores = up.add_argument_group("OSS and COS")
    stores.add_argument(
        "--tag-signature",
        choices=TAG_SIGNATURES,
        default="head",
        help="when the signature of a write of tags is checked: when its head has come, so that a body may come after"
        " the signature's end, or once more at the end, when it takes effect (default: head)",
    )

    tables = up.add_argument_group("Tablestore")
    tables.add_argument(
        "--index-lag",
        type=option.lag,
        default=0.0,
        metavar="SECONDS",
        help="how long after a write search indexes see it (default: 0; up to 3 on the service)",
    )
    tables.add_argument(
        "--missing-rows-fail",
        action="store_true",
        help="no column condition holds for a row that does not exist (default: it is met as a row without columns)",
    )
    tables.add_argument(
        "--no-conditional-increments",
        action="store_true",
        help="refuse increments that have a column condition (default: both may be in one UpdateRow)",
    )

    labels = up.add_argument_group("the stores' labels of pictures")
    labels.add_argument(
        "--detector",
        type=option.command,
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
    labels.add_argument(
        "--imm-project", default=imm.PROJECT, metavar="NAME", help=f"the one project of IMM (default: {imm.PROJECT})"
    )
    labels.add_argument(
        "--imm-rate",
        type=option.rate,
        default=imm.RATE,
        metavar="NUMBER",
        help=f"requests per second that it takes (default: {imm.RATE:g})",
    )
    return top


def deployed(args: argparse.Namespace) -> list[Deployed]:
    """All functions that are asked for; ValueError says what is wrong with one."""
    function, rule = _function(args), _trigger(args)
    found = [Deployed("aliyun", function, rule)] if function is not None else []
    for path in args.deploy:
        found += read(path, args.data, args.function_python)
    names = [one.function.name for one in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"several functions are called {', '.join(sorted(twice))}")
    return found


def _function(args: argparse.Namespace) -> Function | None:
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
        temporary=args.data.resolve() / "tmp" / FUNCTION,
        name=FUNCTION,
    )


def _trigger(args: argparse.Namespace) -> TriggerRule | None:
    bucket = args.trigger_bucket or (args.bucket[0] if len(args.bucket) == 1 else None)
    asked = args.trigger_bucket or args.trigger_event or args.trigger_prefix or args.trigger_suffix
    if asked and args.function is None:
        raise ValueError("a trigger needs a function to call: give its code folder with --function")
    if asked and bucket is None:
        raise ValueError("a trigger needs a bucket: name it with --trigger-bucket")
    if args.function is None or bucket is None:
        return None
    return TriggerRule.parse(bucket, args.trigger_event or OSS_EVENTS, args.trigger_prefix, args.trigger_suffix)
