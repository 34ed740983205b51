"""A worker process for the tests: takes a lock again and again, or takes it and is killed."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.sqlite.database import Database
from imagelabels.providers.sqlite.ledger import SqliteLedger

REF = ObjectRef("oss", "album", "contested.jpg")


def hammer(path: Path, witness: Path, times: int) -> None:
    """Hold the lock `times` times; while holding, a file that only the holder may make is there."""
    ledger = SqliteLedger(Database(path))
    name = f"worker-{os.getpid()}"
    for number in range(times):
        token = f"{name}-{number}"
        while not ledger.lock(REF, token, time.time() + 60, time.time(), "e"):
            time.sleep(0.001)
        os.close(os.open(witness, os.O_CREAT | os.O_EXCL))
        witness.unlink()
        assert ledger.take("oss", "oss://photos", time.time()) is None
        ledger.release(REF, token, waiting="busy")


def die(path: Path, until: float) -> None:
    """Take the lock and a claim, begin a transaction, and be killed in the middle of it."""
    database = Database(path)
    ledger = SqliteLedger(database)
    assert ledger.lock(REF, "dead", until, until - 30, "e")
    ledger.claim("content", "dead", until, until - 30)
    with database.writing() as connection:
        connection.execute("DELETE FROM images")
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    try:
        if sys.argv[1] == "hammer":
            hammer(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
        else:
            die(Path(sys.argv[2]), float(sys.argv[3]))
    except Unavailable as error:
        sys.exit(f"gave up: {error.reason}: {error}")
