"""`python -m emulator up`: an object store, its trigger and a function on this machine."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shlex
import signal
import sys
from argparse import Namespace
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from emulator import control
from emulator.arguments import function, parser, trigger
from emulator.detector import DetectorCommand, DetectorFailed
from emulator.fc import REGION
from emulator.fc.log import FunctionLog
from emulator.fc.queue import Queue
from emulator.fc.runtime import Function, Runtime
from emulator.fc.triggers import TriggerRule
from emulator.keyring import Keyring
from emulator.parts import Change, Key
from emulator.server import Server
from emulator.store import Store

DEFAULT = "emulator"
"""Both halves of the root key, unless the environment says otherwise."""


class Refused(Exception):
    """The emulator cannot start; the message says why and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    args = parser().parse_args(argv)
    try:
        deployed, rule = function(args), trigger(args)
        with _locked(args.data):
            asyncio.run(_until_signal(_serve(args, deployed, rule)))
    except (Refused, DetectorFailed, ValueError) as error:
        print(f"emulator: {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(args: Namespace, deployed: Function | None, rule: TriggerRule | None) -> None:
    """Everything, from the first part that starts to the last that stops; ends only when it is cancelled."""
    root = Key(os.environ.get("EMULATOR_ACCESS_KEY_ID", DEFAULT), os.environ.get("EMULATOR_ACCESS_KEY_SECRET", DEFAULT))
    keyring = Keyring(root)
    async with AsyncExitStack() as stack:
        store = Store(args.data)
        stack.callback(store.close)
        for name in args.bucket:
            store.create_bucket(name)
        detector = DetectorCommand(shlex.split(args.detector) if args.detector else None, args.label_language)
        stack.push_async_callback(detector.stop)
        await detector.check()

        queue: Queue | None = None
        routes: control.Routes = {}
        if deployed is not None:
            if deployed.temporary is not None:
                deployed.temporary.mkdir(exist_ok=True)
            log = FunctionLog(args.data / "function.log", args.verbose)
            stack.callback(log.close)
            runtime = Runtime(deployed, keyring.issue, log, args.credentials_seconds)
            stack.push_async_callback(runtime.stop)
            queue = Queue(args.data / "queue.sqlite", runtime.invoke, runtime.concurrency, args.time_scale)
            stack.callback(queue.close)
            routes = control.routes(runtime, queue)

        def on_change(change: Change) -> None:
            if queue is not None and rule is not None and rule.matches(change):
                queue.enqueue(rule.event(change))

        server = Server(
            keyring=keyring,
            store=store,
            detect=detector,
            on_change=on_change,
            control=routes,
            port=args.port,
            region=REGION,
        )
        try:
            await server.start()
        except OSError as error:
            raise Refused(
                f"cannot listen on port {args.port} ({error.strerror}): choose another with --port"
            ) from error
        stack.push_async_callback(server.stop)
        default = f", secret {DEFAULT}" if root.secret == DEFAULT else ""
        print(f"ready on http://127.0.0.1:{server.port}, key id {root.id}{default}", flush=True)
        await (queue.run() if queue is not None else asyncio.Event().wait())


async def _until_signal(work: Coroutine[None, None, None]) -> None:
    """Run `work` until it fails, or until Ctrl-C or SIGTERM cancels it; later signals do not disturb its tidying up."""
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
    """Hold the data folder, which is made if need be: two emulators on one would spoil it."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        file = (data / "lock").open("a+")
    except OSError as error:
        raise Refused(f"the data folder {data} cannot be used: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise Refused(
                f"the data folder {data} is in use by another emulator (process {file.read().strip() or 'unknown'}):"
                " stop that one, or choose another folder with --data"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


if __name__ == "__main__":
    sys.exit(main())
