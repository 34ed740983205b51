"""The options of `python -m emulator up` that deploy functions, and the functions that they describe."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from emulator import services
from emulator.aliyun.fc.http_trigger import AUTHS
from emulator.aliyun.fc.platform import FunctionCompute
from emulator.aliyun.fc.triggers import WHOLE_OBJECTS, OssTriggerRule
from emulator.core import option_values
from emulator.functions import destinations
from emulator.functions.deployment import Deployed, FunctionFiles
from emulator.functions.function import Function
from emulator.functions.url_trigger import UrlTrigger

FUNCTION = "function"
"""The name of the function that is described by arguments and not in a file."""


def add_options(up: argparse.ArgumentParser) -> None:
    """Add the options for functions in files, and for one function without a file."""
    _add_functions(up)
    _add_function(up)
    _add_trigger(up)


def _add_functions(up: argparse.ArgumentParser) -> None:
    group = up.add_argument_group("functions of both clouds")
    group.add_argument(
        "--deploy",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="start the functions that a JSON file lists; `help functions` shows such a file; repeatable",
    )


def _add_function(up: argparse.ArgumentParser) -> None:
    group = up.add_argument_group("one function of Alibaba Cloud, without a file")
    group.add_argument("--function", type=Path, metavar="DIR", help="its code folder")
    group.add_argument(
        "--handler", default="index.handler", metavar="FILE.FUNC", help="what to call in it (default: index.handler)"
    )
    group.add_argument(
        "--function-path",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        metavar="DIR",
        help="more folders that it imports from, as layers are on the service",
    )
    group.add_argument(
        "--function-env",
        type=option_values.variable,
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="its environment variables; it sees nothing of yours but PATH, HOME and their like",
    )
    group.add_argument(
        "--function-service",
        default="",
        metavar="NAME",
        help="the service of FC 2.0 to which it belongs, so that clients of FC 2.0 can invoke it (default: none)",
    )
    group.add_argument(
        "--function-http",
        choices=AUTHS,
        help="gives it an HTTP trigger, whose URL is shown at the start, for everybody or for signed requests",
    )
    _add_runtime(group)
    _add_limits(group)


def _add_runtime(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--function-runtime",
        choices=FunctionCompute.runtimes,
        default=FunctionCompute.runtimes[0],
        help="what its context is like; --function-python has to be of that version"
        f" (default: {FunctionCompute.runtimes[0]})",
    )
    group.add_argument(
        "--function-python",
        type=option_values.program,
        default=Path(sys.executable),
        metavar="PATH",
        help="the interpreter that runs it, 3.10 or later (default: the one that runs the emulator)",
    )


def _add_limits(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--function-timeout",
        type=option_values.seconds,
        default=60.0,
        metavar="SECONDS",
        help="killed after this (default: 60)",
    )
    group.add_argument(
        "--function-memory",
        type=option_values.memory,
        default=512,
        metavar="MB",
        help="what it may use; it is killed when it uses more (default: 512)",
    )
    group.add_argument(
        "--function-instances",
        type=option_values.instances,
        metavar="NUMBER",
        help="runs so many at once, and refuses clients that invoke it while all are busy (default: runs two at once,"
        " and lets clients wait)",
    )
    group.add_argument(
        "--credentials-seconds",
        type=option_values.seconds,
        default=3600.0,
        metavar="SECONDS",
        help="how long its temporary credentials are good for (default: 3600)",
    )
    group.add_argument(
        "--time-scale",
        type=option_values.factor,
        default=1.0,
        metavar="FACTOR",
        help="stretches the waits before retries of a failed event, 0.01 for quick tests (default: 1)",
    )


def _add_trigger(up: argparse.ArgumentParser) -> None:
    group = up.add_argument_group("its trigger")
    group.add_argument(
        "--trigger-bucket",
        metavar="NAME",
        help="the bucket whose changes call the function (default: that of --bucket)",
    )
    group.add_argument(
        "--trigger-event",
        nargs="+",
        action="extend",
        metavar="NAME",
        help=f"which changes (default: {' '.join(WHOLE_OBJECTS)})",
    )
    group.add_argument("--trigger-prefix", default="", metavar="TEXT", help="only keys that begin so")
    group.add_argument("--trigger-suffix", default="", metavar="TEXT", help="only keys that end so, in this very case")


def deployed(args: argparse.Namespace) -> list[Deployed]:
    """Return all functions that the arguments deploy. ValueError says what is wrong with one of them."""
    function, rule = _function(args), _trigger(args)
    functions = [Deployed(FunctionCompute(), function, rule, _url(args, function))] if function is not None else []
    files = FunctionFiles(services.PLATFORMS, args.data, args.function_python)
    for path in args.deploy:
        functions += files.read(path)
    names = [deployed.function.name for deployed in functions]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        clouds = [deployed.platform.cloud for deployed in functions if deployed.function.name == repeated[0]]
        raise ValueError(
            f"several functions are called {repeated[0]} ({' and '.join(clouds)}):"
            " a name is unique among all functions of both clouds and of all files"
        )
    destinations.check(functions)
    return functions


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
        service=args.function_service,
        instances=args.function_instances,
        runtime=args.function_runtime,
    )


def _url(args: argparse.Namespace, function: Function) -> UrlTrigger | None:
    return FunctionCompute().url(function, {"auth": args.function_http}) if args.function_http else None


def _trigger(args: argparse.Namespace) -> OssTriggerRule | None:
    bucket = args.trigger_bucket or (args.bucket[0] if len(args.bucket) == 1 else None)
    described = args.trigger_bucket or args.trigger_event or args.trigger_prefix or args.trigger_suffix
    if described and args.function is None:
        raise ValueError("a trigger needs a function to call: give its code folder with --function")
    if described and bucket is None:
        raise ValueError("a trigger needs a bucket: name it with --trigger-bucket")
    if args.function is None or bucket is None:
        return None
    return OssTriggerRule.parse(bucket, args.trigger_event or WHOLE_OBJECTS, args.trigger_prefix, args.trigger_suffix)
