"""This benchmark measures our own code per event, with the ports in memory and the log written to a pipe."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.printed import printed

EVENTS, PASSES = 2000, 5
ROOT = Path(__file__).resolve().parent.parent


def measure() -> tuple[list[float], list[float]]:
    """Return the microseconds per event for each pass, as the function works, and for the passes between them, without
    the measure that the log tells. It prints log lines, so its output should go to a pipe."""
    sys.path.insert(0, str(ROOT))
    from imagelabels.domain import taxonomy
    from imagelabels.domain.model import Delivered, Label, ObjectRef
    from imagelabels.domain.policy import Policy
    from imagelabels.ports import traits_of
    from imagelabels.providers.aliyun import events
    from imagelabels.respond import respond
    from imagelabels.usecases.deliver import deliver
    from imagelabels.usecases.reconcile import Labeler
    from imagelabels.usecases.tools import Tools
    from tests.fakes import FakeClock, FakeDetector, FakeLedger, FakeObjects, jpeg

    clock = FakeClock()
    objects, ledger = FakeObjects(clock), FakeLedger()
    detector = FakeDetector(objects)
    labels = tuple(
        Label(label_id, label_id, "en", level, parent, 0.9, 0.5)
        for label_id, level, parent in (("mammal", 1, None), ("dog", 2, "mammal"), ("beagle", 3, "dog"))
    )
    by = Tools(objects, ledger, ledger, ledger, traits_of(detector), Policy(), taxonomy.load(), clock)
    labeler = Labeler(by, detector, ledger)
    sample = json.loads((ROOT / "events" / "aliyun" / "put_object.json").read_bytes())
    results: tuple[list[float], list[float]] = ([], [])
    with ThreadPoolExecutor(1) as executor:
        for number in range(2 * PASSES):
            payloads = []
            for n in range(EVENTS):
                name = f"{number}-{n}"
                ref = ObjectRef("oss", sample["events"][0]["oss"]["bucket"]["name"], f"in/{name}.jpg")
                objects.put(ref, jpeg(name))
                detector.shows[name] = labels
                sample["events"][0]["oss"]["object"]["key"] = ref.key
                payloads.append(json.dumps(sample).encode())
            clock.sleep(5)
            began = time.perf_counter()
            for payload in payloads:
                changes, bad = events.changes(payload)
                deadline = clock.monotonic() + 90
                if number % 2 == 0:
                    delivered = deliver(labeler, changes, deadline, executor)
                else:
                    delivered = [Delivered(change, labeler.reconcile(change, deadline)) for change in changes]
                respond("request", delivered, bad)
            results[number % 2].append((time.perf_counter() - began) / EVENTS * 1e6)
    assert len(detector.asked) == 2 * EVENTS * PASSES
    return results


def report() -> list[str]:
    """Return the lines of the report."""
    command = [
        sys.executable,
        "-c",
        "import benchmarks.event as e, json, sys; print(json.dumps(e.measure()), file=sys.stderr)",
    ]
    environ = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'shared'}"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    passes, plain = json.loads(done.stderr)
    size = next(len(line) for line in done.stdout.splitlines())
    ratio = statistics.median(passes) / statistics.median(plain)
    return [
        f"own code per event: median {statistics.median(passes):.0f} us in {PASSES} passes of {EVENTS} events"
        f" (least {min(passes):.0f}, most {max(passes):.0f}), {size} bytes of log each",
        f"with the milliseconds per step in the log, own code takes {ratio:.2f} times as long as without them"
        f" (median {statistics.median(plain):.0f} us, in alternate passes of the same run)",
    ]


if __name__ == "__main__":
    sys.exit(printed(report))
