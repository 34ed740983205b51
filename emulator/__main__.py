"""`python -m emulator up`: object stores, Tablestore, triggers and functions on this machine."""

from __future__ import annotations

import emulator.interrupted
import emulator.needed

# isort: split

import asyncio
import fcntl
import os
import signal
import sqlite3
import sys
from argparse import Namespace
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from emulator import services, topics
from emulator.arguments import parser
from emulator.core import clock
from emulator.core.detector import DetectorCommand, DetectorFailed
from emulator.core.keyring import Keyring
from emulator.core.parts import Change, Key, OnChange
from emulator.core.request_log import RequestLog
from emulator.core.server import Server
from emulator.core.service import Service
from emulator.core.startup import ServiceDoor, Surroundings
from emulator.faults import control as fault_control
from emulator.faults.apply import Spoiling
from emulator.faults.board import FaultBoard
from emulator.function_arguments import deployed
from emulator.functions import control, running
from emulator.functions.deployment import Deployed
from emulator.functions.running import Running, RunningFunction
from emulator.objectstore import inventory_control

emulator.interrupted.imported()

DEFAULT = "emulator"
"""Both halves of the root key, unless the environment says otherwise."""

PIPE_CLOSED = 141
"""128 + SIGPIPE is the exit status for a program whose output nobody reads any more."""

BUCKET_OPTIONS = {"aliyun": "--bucket", "tencent": "--cos-bucket"}
"""The options that create buckets of a cloud."""


class CannotStart(Exception):
    """The emulator cannot start. The message says why, and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit status."""
    try:
        try:
            return _run(argv)
        finally:  # argparse ends the program behind a help text
            print(end="", flush=True)  # unlike sys.stdout.flush(), this works without a standard output
    except BrokenPipeError:  # Nobody reads what is printed, such as the port on which the emulator listens.
        # Python flushes once more at its end: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED


def _run(argv: Sequence[str] | None) -> int:
    args = (top := parser()).parse_args(argv)
    if args.command == "help":
        print(topics.text(args.topic) if args.topic else topics.overview(top.prog), end="")
        return 0
    try:
        functions = deployed(args)
        faults = FaultBoard(services.OPERATIONS, fault_control.from_file(args.faults, services.OPERATIONS, args.seed))
        with _locked(args.data):
            asyncio.run(_until_signal(_serve(args, functions, faults)))
    except (CannotStart, DetectorFailed, ValueError) as error:
        print(f"emulator: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:  # Ctrl-C came before or after the time in which the emulator serves.
        return emulator.interrupted.STATUS
    return 0


async def _serve(args: Namespace, functions: Sequence[Deployed], faults: FaultBoard) -> None:
    """Start everything, serve until cancelled, and stop everything in the opposite order."""
    keyring = Keyring(_root(), _other_account())
    async with AsyncExitStack() as stack:
        detector = DetectorCommand(args.detector, args.label_language)

        def on_change(cloud: str) -> OnChange:
            def call_functions(change: Change) -> None:
                for function in called:
                    if function.deployed.platform.cloud == cloud:
                        function.changed(change)

            return call_functions

        with _opening(args.data):
            own_clock = clock.Clock(args.data / "clock")
        surroundings = Surroundings(args, args.data, keyring, detector, on_change, stack, faults.lag, clock=own_clock)
        called = running.functions(surroundings)
        opened = started(surroundings)
        stack.push_async_callback(detector.stop)
        if args.detector is not None:
            # The default one is started when a picture is to be labelled: most users of the stores never need it, and
            # it takes longer to start, and more memory, than everything else.
            await detector.check()
        how = Running(args.credentials_seconds, args.time_scale, args.verbose, faults)
        for description in functions:
            with _opening(args.data):
                called.append(running.start(description, args.data, keyring, stack, how, called))
        requests = RequestLog(args.log_requests, lambda line: print(line, file=sys.stderr, flush=True))
        paths = {
            **control.routes(called),
            **clock.routes(own_clock),
            **fault_control.routes(faults),
            **inventory_control.routes(inventory_control.writers(surroundings)),
        }
        spoiling = Spoiling(keyring)
        spoiled = faults.of_requests(spoiling)
        server = await _listening(Server(opened, control=paths, port=args.port, requests=requests, faults=spoiled))
        stack.push_async_callback(server.stop)
        stack.callback(spoiling.end)
        for function in called:
            # The server's end waits for its answers, and a client may wait for a function that takes an hour.
            stack.push_async_callback(function.runtime.stop)
        _tell_ready(server, _root(), called, own_clock.ahead)
        for line in warnings(functions, surroundings):
            print(line, flush=True)
        await asyncio.gather(own_clock.run(), *(function.queue.run() for function in called))


def _root() -> Key:
    return Key(os.environ.get("EMULATOR_ACCESS_KEY_ID", DEFAULT), os.environ.get("EMULATOR_ACCESS_KEY_SECRET", DEFAULT))


def _other_account() -> Key | None:
    """Return the key of another account, which may do what the policies of buckets allow it, if the user has one."""
    key_id = os.environ.get("EMULATOR_OTHER_KEY_ID")
    return Key(key_id, os.environ.get("EMULATOR_OTHER_KEY_SECRET", "")) if key_id else None


def started(surroundings: Surroundings, doors: Sequence[ServiceDoor] = services.SERVICES) -> list[Service]:
    """Start the services. They open what they keep in the data folder."""
    with _opening(surroundings.data):
        return [door.start(surroundings) for door in doors]


@contextmanager
def _opening(data: Path) -> Iterator[None]:
    """Open something in the data folder. CannotStart if it is not what the emulator would have written."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise CannotStart(
            f"the data folder {data} holds what the emulator cannot use ({error}): choose another with --data"
        ) from error


async def _listening(server: Server) -> Server:
    try:
        await server.start()
    except OSError as error:
        raise CannotStart(
            f"cannot listen on port {server.port} ({error.strerror}): choose another with --port"
        ) from error
    return server


def warnings(functions: Sequence[Deployed], surroundings: Surroundings) -> list[str]:
    """Return a line for each trigger whose bucket does not exist yet, so that a misspelt name is seen at once."""
    lines = []
    for deployment in functions:
        cloud, rule = deployment.platform.cloud, deployment.rule
        if rule is not None and services.STORES[cloud](surroundings).bucket(rule.bucket) is None:
            lines.append(
                f"function {deployment.function.name}: the bucket {rule.bucket} of its trigger does not exist yet;"
                f" {BUCKET_OPTIONS[cloud]} {rule.bucket} or any client makes it"
            )
    return lines


def _tell_ready(server: Server, root: Key, functions: Sequence[RunningFunction], ahead: float) -> None:
    secret = f", secret {DEFAULT}" if root.secret == DEFAULT else ""
    base = f"http://127.0.0.1:{server.port}"
    print(f"ready on {base}, key id {root.id}{secret}", flush=True)
    if ahead:
        print(f"the clock of OSS and COS is {ahead:.0f} seconds ahead, as {base}/_emulator/clock tells", flush=True)
    for function in functions:
        name = function.deployed.function.name
        if (url := function.deployed.url) is not None:
            label = url.host.partition(".")[0]
            print(
                f"function {name}: called at http://{label}.localhost:{server.port}/, {base}/_functions/{name}/",
                flush=True,
            )
        print(f"function {name}: state at {base}/_emulator/functions/{name}, log in {function.log}", flush=True)


async def _until_signal(work: Coroutine[None, None, None]) -> None:
    """Run `work` until it fails, or until Ctrl-C or SIGTERM cancels it. Later signals do not disturb its end."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    working.cancel()
    stopping.cancel()
    await asyncio.wait({working, stopping})
    if not working.cancelled():
        working.result()


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    """Hold the data folder, which is created if need be. Two emulators on one folder would spoil it."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        file = (data / "lock").open("a+")
    except OSError as error:
        raise CannotStart(f"the data folder {data} cannot be used: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise CannotStart(
                f"the data folder {data} is in use by another emulator (process {file.read().strip() or 'unknown'}):"
                " stop that one, or choose another folder with --data"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


if __name__ == "__main__":
    sys.exit(main())
