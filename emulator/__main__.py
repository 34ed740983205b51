"""`python -m emulator up`: object stores, Tablestore, triggers and functions on this machine."""

from __future__ import annotations

import emulator.core.needed  # noqa: F401

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

from emulator.aliyun.fc import REGION
from emulator.aliyun.imm.service import Service as ImmService
from emulator.aliyun.tablestore.context import Switches
from emulator.aliyun.tablestore.service import Service as TablestoreService
from emulator.aliyun.tablestore.store import Store as TablestoreStore
from emulator.arguments import deployed, parser
from emulator.core import control
from emulator.core.detector import DetectorCommand, DetectorFailed
from emulator.core.keyring import Keyring
from emulator.core.parts import Change, Key, OnChange
from emulator.core.server import Server
from emulator.functions import running
from emulator.functions.deployment import Deployed
from emulator.objectstore.store import Store
from emulator.tencent.cos.service import Service as CosService

DEFAULT = "emulator"
"""Both halves of the root key, unless the environment says otherwise."""


class Refused(Exception):
    """The emulator cannot start; the message says why and what to do."""


def main(argv: Sequence[str] | None = None) -> int:
    args = parser().parse_args(argv)
    try:
        functions = deployed(args)
        with _locked(args.data):
            asyncio.run(_until_signal(_serve(args, functions)))
    except (Refused, DetectorFailed, ValueError) as error:
        print(f"emulator: {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(args: Namespace, functions: Sequence[Deployed]) -> None:
    """Everything, from the first part that starts to the last that stops; ends only when it is cancelled."""
    root = Key(os.environ.get("EMULATOR_ACCESS_KEY_ID", DEFAULT), os.environ.get("EMULATOR_ACCESS_KEY_SECRET", DEFAULT))
    keyring = Keyring(root)
    async with AsyncExitStack() as stack:
        oss, cos, rows = _opened(args.data)
        for store, names, storage_class in ((oss, args.bucket, "Standard"), (cos, args.cos_bucket, "STANDARD")):
            stack.callback(store.close)
            for name in names:
                store.create_bucket(name, storage_class)
        stack.callback(rows.close)
        switches = Switches(not args.missing_rows_fail, not args.no_conditional_increments)
        detector = DetectorCommand(args.detector, args.label_language)
        stack.push_async_callback(detector.stop)
        await detector.check()
        started = [
            running.start(one, args.data, keyring, stack, args.credentials_seconds, args.time_scale, args.verbose)
            for one in functions
        ]

        def changes(cloud: str) -> OnChange:
            called = [one for one in started if one.deployed.cloud == cloud]

            def on_change(change: Change) -> None:
                for one in called:
                    one.changed(change)

            return on_change

        server = Server(
            keyring=keyring,
            store=oss,
            detect=detector,
            on_change=changes("aliyun"),
            control=control.routes(started),
            port=args.port,
            region=REGION,
            cos=CosService(cos, keyring, detector, changes("tencent"), tag_signature=args.tag_signature),
            tablestore=TablestoreService(rows, keyring, lag_seconds=args.index_lag, switches=switches, region=REGION),
            tag_signature=args.tag_signature,
            imm=ImmService(oss, keyring, detector, args.imm_project, args.imm_rate),
        )
        try:
            await server.start()
        except OSError as error:
            raise Refused(
                f"cannot listen on port {args.port} ({error.strerror}): choose another with --port"
            ) from error
        stack.push_async_callback(server.stop)
        default = f", secret {DEFAULT}" if root.secret == DEFAULT else ""
        base = f"http://127.0.0.1:{server.port}"
        print(f"ready on {base}, key id {root.id}{default}", flush=True)
        for one in started:
            name = one.deployed.function.name
            print(f"function {name}: state at {base}/_emulator/functions/{name}, log in {one.log}", flush=True)
        await asyncio.gather(asyncio.Event().wait(), *(one.queue.run() for one in started))


def _opened(data: Path) -> tuple[Store, Store, TablestoreStore]:
    """What the data folder holds: OSS, COS and Tablestore."""
    try:
        return Store(data), Store(data / "cos"), TablestoreStore(data / "tablestore")
    except (OSError, sqlite3.Error) as error:
        raise Refused(
            f"the data folder {data} holds what the emulator cannot use ({error}): choose another with --data"
        ) from error


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
