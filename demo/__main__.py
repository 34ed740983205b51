"""Upload photos to emulated OSS and COS, see them labelled, search them in Tablestore: `python -m demo [FOLDER]`."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import textwrap
from collections import Counter
from pathlib import Path

from demo.clouds import Bucket, CosBucket, OssBucket
from demo.emulated import COS_BUCKET, COS_FUNCTION, HERE, OSS_BUCKET, OSS_FUNCTION, Emulator

SUFFIXES = {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff"}

Tags = dict[str, dict[str, str]]
"""An object's tags, by its URI."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="demo", description=__doc__)
    parser.add_argument("photos", nargs="?", type=Path, default=HERE / "photos", help="a folder of photos")
    parser.add_argument("--port", type=int, default=9000, help="where the emulator listens (default 9000)")
    parser.add_argument("--data", type=Path, default=HERE / ".demo", help="emptied first (default .demo)")
    args = parser.parse_args()
    photos = sorted(path for path in args.photos.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not photos:
        print(f"no photos in {args.photos}: name a folder that holds some, as make demo PHOTOS=folder", file=sys.stderr)
        return 2
    data = args.data.resolve()
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    with Emulator(args.port, data) as emulator:
        if not emulator.ready():
            print("the emulator did not start; its words are above", file=sys.stderr)
            return 1
        return show({path.relative_to(args.photos).as_posix(): path for path in photos}, emulator)


def show(photos: dict[str, Path], emulator: Emulator) -> int:
    uploads: list[Bucket] = [OssBucket(OSS_BUCKET, emulator.port), CosBucket(COS_BUCKET, emulator.port)]
    for bucket in uploads:
        print(f"Uploading {len(photos)} photos to {bucket.uri} with {bucket.client}", flush=True)
    for key, path in photos.items():
        for bucket in uploads:
            bucket.put(key, path.read_bytes())
    failures = emulator.settle()

    # Clients of their own: nothing that an upload left in one can be taken for the store's word.
    readers: list[Bucket] = [OssBucket(OSS_BUCKET, emulator.port), CosBucket(COS_BUCKET, emulator.port)]
    tags = {f"{bucket.uri}/{key}": bucket.tags(key) for bucket in readers for key in photos}
    for bucket in uploads + readers:
        bucket.close()
    print("\nTags on the objects, read back from either store:\n")
    for key in photos:
        for bucket in readers:
            uri = f"{bucket.uri}/{key}"
            held = " ".join(f"{name}={value}" for name, value in sorted(tags[uri].items())) or "(no labels)"
            print(f"{bucket.uri[:3]}  {key}")
            print(textwrap.fill(held, 80, initial_indent=" " * 7, subsequent_indent=" " * 7, break_on_hyphens=False))

    for word in most_common(tags):
        print(f"\n$ imagelabels search {word}\n", flush=True)
        emulator.imagelabels("search", word)
    return verdict(tags, failures, emulator)


def most_common(tags: Tags) -> list[str]:
    """The category that most pictures of both clouds have, if there is one."""
    clouds = [Counter(value for uri, held in tags.items() for value in set(held.values()) if uri.startswith(store))
              for store in ("oss:", "cos:")]  # fmt: skip
    both = clouds[0] & clouds[1]
    return [word for word, _ in both.most_common(1)]


def verdict(tags: Tags, failures: list[dict[str, object]], emulator: Emulator) -> int:
    for failure in failures:
        print(f"failed: {json.dumps(failure, ensure_ascii=False)}", file=sys.stderr)
    print()
    for store, name in (("oss", OSS_FUNCTION), ("cos", COS_FUNCTION)):
        held = [found for uri, found in tags.items() if uri.startswith(f"{store}:")]
        calls = emulator.control(f"functions/{name}")["invocations"]
        print(f"{store}: {sum(map(bool, held))} of {len(held)} photos got labels, by {calls} invocations of {name}")
    print(
        "\nReal: the functions, the vendors' clients, the model that sees the labels. Emulated, on this machine:"
        "\nOSS, COS, IMM, Cloud Infinite, Tablestore (which holds the index), Function Compute, SCF."
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
