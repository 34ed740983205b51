"""This benchmark compares the emulator, asked through oss2, with moto's S3 server, asked through boto3.

Both sides take turns in one run. Each rate includes what its client costs, so the report also tells the processors'
time per request, for the servers and for the clients. A busy machine changes these times less than the rates. "Both"
compares the time of server and client together, which is the ratio of the rates of one client on an idle machine. The
last figure of a line is what that ratio would be if the emulator's server took no time at all.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from benchmarks import store_clients
from benchmarks.emulator import DETECTOR, ROOT
from benchmarks.printed import printed

ROUNDS = 5
REPETITIONS = {
    "put 100 kB": 60,
    "get 100 kB": 60,
    "head": 80,
    "put tagging": 60,
    "get tagging": 80,
    "list 1000": 3,
    "copy": 60,
    "delete": 60,
    "multipart, 3 parts": 12,
    "put row": 80,
    "get row": 80,
}
"""So often all clients of one side do an operation in a round, in equal shares that are rounded up."""
MANY = 8
TICK = 1 / os.sysconf("SC_CLK_TCK")


class Turn(NamedTuple):
    """What one side did in one round: requests per second, and milliseconds of processors' time for each request."""

    rate: float
    server: float
    client: float


class Side:
    """A server, and clients that wait for orders in processes of their own, so that none waits for another's lock."""

    def __init__(self, kind: str, address: str, process: int, clients: int, stack: ExitStack) -> None:
        self._process = process
        self._clients = [stack.enter_context(_client(kind, address, number)) for number in range(clients)]

    def turn(self, name: str) -> Turn:
        share = -(-REPETITIONS[name] // len(self._clients))
        self._ordered((name, share, True))
        began, before = time.perf_counter(), processor_seconds(self._process)
        spent = self._ordered((name, share, False))
        elapsed, server = time.perf_counter() - began, processor_seconds(self._process) - before
        requests = share * len(self._clients)
        return Turn(requests / elapsed, server / requests * 1000, sum(spent) / requests * 1000)

    def _ordered(self, order: tuple[str, int, bool]) -> list[float]:
        for client in self._clients:
            client.send(order)
        return [client.recv() for client in self._clients]


def report() -> Iterator[str]:
    """Yield each line of the report as soon as it is known."""
    with tempfile.TemporaryDirectory() as data, ExitStack() as stack:
        detector = shlex.join([sys.executable, "-c", DETECTOR])
        up = ["emulator", "up", "--port", "0", "--data", data, "--bucket", store_clients.BUCKET, "--detector", detector]
        servers = {
            "emulator": stack.enter_context(_server(up)),
            "moto": stack.enter_context(_server(["benchmarks.moto"])),
        }
        yield ", ".join(f"start of {name}: {server.started:.2f} s" for name, server in servers.items())
        kinds = {"oss": servers["emulator"], "s3": servers["moto"], "tablestore": servers["emulator"]}
        for kind, server in kinds.items():
            store_clients.fill(kind, server.address)
        for clients in (1, MANY):
            with ExitStack() as ours:
                oss, s3, rows = (
                    Side(kind, server.address, server.process, clients, ours) for kind, server in kinds.items()
                )
                for name in REPETITIONS:
                    yield f"{clients} client{'s' * (clients > 1)}, {name}: " + (
                        _alone(rows, name) if name.endswith("row") else _compared(oss, s3, name)
                    )


def _compared(ours: Side, theirs: Side, name: str) -> str:
    rounds = [(ours.turn(name), theirs.turn(name)) for _ in range(ROUNDS + 1)][1:]  # the first round is a warm-up
    ratios = sorted(mine.rate / other.rate for mine, other in rounds)
    emulator, moto = (_median([turns[side] for turns in rounds]) for side in (0, 1))
    whole, least = moto.server + moto.client, emulator.client
    return (
        f"{statistics.median(ratios):.1f} times moto ({ratios[0]:.1f} to {ratios[-1]:.1f}); "
        f"requests/s {emulator.rate:.0f} and {moto.rate:.0f}; CPU ms per request: "
        f"servers {emulator.server:.2f} and {moto.server:.2f} ({moto.server / max(emulator.server, TICK):.1f} times), "
        f"clients {emulator.client:.2f} and {moto.client:.2f}, "
        f"both {whole / (emulator.server + least):.1f} times, {whole / least:.1f} with a server that costs nothing"
    )


def _alone(side: Side, name: str) -> str:
    turn = _median([side.turn(name) for _ in range(ROUNDS + 1)][1:])
    return f"requests/s {turn.rate:.0f}; CPU ms per request: server {turn.server:.2f}, client {turn.client:.2f}"


def _median(turns: Sequence[Turn]) -> Turn:
    """Return medians of the rates, and means of the CPU times, which are counted in whole ticks of the clock."""
    rates, servers, clients = zip(*turns, strict=True)
    return Turn(statistics.median(rates), statistics.fmean(servers), statistics.fmean(clients))


class Started(NamedTuple):
    address: str
    process: int
    started: float
    """It took so many seconds until the server told its port."""


@contextmanager
def _server(module: Sequence[str]) -> Iterator[Started]:
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", *module], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            assert process.stdout is not None
            ready = re.match(r"(?:ready on http://127\.0\.0\.1:)?(\d+)", process.stdout.readline())
            if ready is None:
                raise RuntimeError(f"{module[0]} did not start")
            yield Started(f"http://127.0.0.1:{ready[1]}", process.pid, time.perf_counter() - began)
        finally:
            process.terminate()


@contextmanager
def _client(kind: str, address: str, number: int) -> Iterator[Connection]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=store_clients.work, args=(kind, address, number, there), daemon=True)
    process.start()
    there.close()  # so that a client that fails ends the wait for its answer
    here.recv()
    try:
        yield here
    finally:
        here.close()  # which ends its wait for orders
        process.join()


def processor_seconds(process: int) -> float:
    """Return the processor's time that a process has used: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK


if __name__ == "__main__":
    sys.exit(printed(report))
