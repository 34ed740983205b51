"""The main job: upload photos to both clouds, read their labels back from the stores, and search for one of them."""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from demo import going_on, showing
from demo.clouds import REFUSALS, CosBucket, DemoBucket, OssBucket, refusal
from demo.emulated import COS_BUCKET, COS_FUNCTION, OSS_BUCKET, OSS_FUNCTION, DemoEmulator
from demo.files import DemoFiles, Photo
from demo.page import DemoPage
from demo.showing import Fate
from imagelabels import wiring
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.words import ON_NEARLY_EVERY_PHOTO
from imagelabels.ports import Ledger

DETECTOR = "imagelabels detect --stdin --format json --threshold 0 --language zh-Hans"
"""This is the emulator's default. A command that is named is tried at the start, so a missing model is told at once."""
FUNCTIONS = {"oss": OSS_FUNCTION, "cos": COS_FUNCTION}

Fates = dict[str, Fate]
"""The result for each photo, by the URI of its object."""


def run(files: DemoFiles, port: int, data: Path, keep: bool) -> int:
    """Start the clouds, do the job and say how to continue. Return the exit status."""
    with DemoEmulator(port, data, "--detector", DETECTOR) as emulator:
        try:
            if not emulator.ready():
                print("demo: the emulator did not start, for the reason above", file=sys.stderr)
                return 1
            status, fates = show(files, emulator)
            labelled = {uri: fate.tags for uri, fate in fates.items() if fate.tags}
            if not keep:
                showing.lines(going_on.lines(labelled, list(fates), emulator, None))
                return status
            with DemoPage(emulator) as page:
                showing.lines(going_on.lines(labelled, list(fates), emulator, page.address))
                return wait(emulator, data)
        finally:
            # The emulator is being stopped now, and a second signal must not disturb that.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)


def wait(emulator: DemoEmulator, data: Path) -> int:
    """Leave the clouds running until Ctrl-C ends them."""
    sys.stdout.flush()  # Otherwise a pipe would hold the lines back as long as we wait.
    try:
        emulator.process.wait()
    except KeyboardInterrupt:
        kept = f"The clouds stop. Their data stays in {going_on.shown(data)}. This starts them again:"
        showing.lines(["", kept, "", *going_on.restart(emulator)])
        return 0
    print("demo: the emulator ended by itself", file=sys.stderr)
    return 1


def show(files: DemoFiles, emulator: DemoEmulator) -> tuple[int, Fates]:
    """Upload the photos, print the results, and return the exit status and the result for each photo."""
    photos = files.photos
    uploads: list[DemoBucket] = [OssBucket(OSS_BUCKET, emulator.port), CosBucket(COS_BUCKET, emulator.port)]
    for bucket in uploads:
        number = f"{len(photos)} photo{'s' * (len(photos) != 1)}"
        print(f"Uploading {number} to {bucket.uri} with {bucket.client}", flush=True)
    refused = upload(photos, uploads)
    failures = emulator.settle()

    # The tags are read with new clients, so that they cannot come from the memory of a client that uploaded.
    readers: list[DemoBucket] = [OssBucket(OSS_BUCKET, emulator.port), CosBucket(COS_BUCKET, emulator.port)]
    ledger = wiring.index(emulator.index, emulator.settings).ledger()
    fates = {
        uri: Fate(word="refused by the store", notes=(refused[uri],)) if uri in refused else fate(bucket, key, ledger)
        for key in (photo.key for photo in photos)
        for bucket in readers
        for uri in [f"{bucket.uri}/{key}"]
    }
    for bucket in uploads + readers:
        bucket.close()
    showing.photos([photo.key for photo in photos], [bucket.uri for bucket in readers], fates)
    for word in most_common(fates):
        print(f"\n$ imagelabels search {word}\n", flush=True)
        emulator.imagelabels("search", word)
    for failure in failures:
        print(f"failed: {json.dumps(failure, ensure_ascii=False)}", file=sys.stderr)
    print()
    for store, name in FUNCTIONS.items():
        calls = emulator.control(f"functions/{name}")["invocations"]
        showing.verdict(store, [fate for uri, fate in fates.items() if uri.startswith(f"{store}:")], calls, name)
    if files.left_out:
        showing.lines([f"{files.summary()} (named above)"])
    if any(fate.reason for fate in fates.values()):
        showing.lines(["docs/operate.md explains the reasons."])
    return (1 if failures else 0), fates


def upload(photos: Sequence[Photo], buckets: Sequence[DemoBucket]) -> dict[str, str]:
    """Put each photo into each bucket. Return the URIs that were refused, with the store's reason."""
    refused = {}
    for photo in photos:
        content = photo.path.read_bytes()
        for bucket in buckets:
            try:
                bucket.put(photo.key, content)
            except REFUSALS as error:
                refused[f"{bucket.uri}/{photo.key}"] = refusal(error)
    return refused


def fate(bucket: DemoBucket, key: str, ledger: Ledger) -> Fate:
    """Return the tags that the store holds, and what the index says about the object."""
    store, _, name = bucket.uri.partition("://")
    row = ledger.row(ObjectRef(store, name, key))
    if row is None or row.record is None:
        return Fate(bucket.tags(key), word="without a row")
    record = row.record
    return Fate(bucket.tags(key), word=record.state, reason=record.reason or "", notes=record.notes)


def most_common(fates: Fates) -> list[str]:
    """Return the category that most pictures in both clouds have, or nothing if there is none. Categories that nearly
    every photo has do not count."""
    clouds = [
        Counter(value for uri, fate in fates.items() if uri.startswith(store) for value in set(fate.tags.values()))
        for store in ("oss:", "cos:")
    ]
    both = clouds[0] & clouds[1]
    return [word for word, _ in both.most_common() if word not in ON_NEARLY_EVERY_PHOTO][:1]
