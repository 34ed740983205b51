"""Upload photos with oss2 to an emulated OSS bucket, see them labelled, search them: `python -m demo [FOLDER]`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import oss2

HERE = Path(__file__).resolve().parent.parent
BUCKET, REGION = "demo-photos", "cn-hangzhou"
SUFFIXES = {".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff"}


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
        return show(photos, args.photos, emulator)


class Emulator:
    """`python -m emulator up` in a process of its own, with our function deployed to it."""

    def __init__(self, port: int, data: Path, *arguments: str) -> None:
        self.data = data
        self.address = f"http://127.0.0.1:{port}"
        self.index = f"sqlite:///{data / 'labels.db'}"
        settings = {"INDEX": self.index, "ENDPOINT_OSS": self.address, "DETECTOR": "oss"}
        command = [sys.executable, "-m", "emulator", "up", "--port", str(port), "--data", str(data / "emulator")]
        command += ["--bucket", BUCKET, "--trigger-bucket", BUCKET]
        command += ["--function", "functions/aliyun_label", "--handler", "index.handler", "--function-path", "shared"]
        command += [f"--function-env=IMAGELABELS_{name}={value}" for name, value in settings.items()]
        command += arguments
        self.process = subprocess.Popen(command, cwd=HERE, stdout=subprocess.DEVNULL)

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def ready(self) -> bool:
        while self.process.poll() is None:
            try:
                self.control("health")
                return True
            except OSError:
                time.sleep(0.1)
        return False

    def control(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.address}/_emulator/{path}") as answer:
            return json.load(answer)

    def bucket(self) -> Any:
        auth = oss2.AuthV4("emulator", "emulator")
        return oss2.Bucket(auth, self.address, BUCKET, region=REGION)


def show(photos: list[Path], folder: Path, emulator: Emulator) -> int:
    bucket = emulator.bucket()
    keys = [path.relative_to(folder).as_posix() for path in photos]
    print(f"Uploading {len(photos)} photos to oss://{BUCKET} with oss2 ...", flush=True)
    for key, path in zip(keys, photos, strict=True):
        bucket.put_object_from_file(key, str(path))
    while emulator.control("queue")["pending"]:
        time.sleep(0.2)

    print("\nTags on the objects, read back with oss2:\n")
    reader = emulator.bucket()
    tags = {key: dict(reader.get_object_tagging(key).tag_set.tagging_rule) for key in keys}
    width = min(28, max(map(len, keys)))
    for key in keys:
        print(f"  {key:<{width}}  " + (" ".join(f"{k}={v}" for k, v in sorted(tags[key].items())) or "(no labels)"))

    common = sorted({value for held in tags.values() for value in held.values()})
    for word in common[:2]:
        print(f"\n$ imagelabels search {word}\n", flush=True)
        search(emulator, word)
    return verdict(keys, tags, emulator)


def search(emulator: Emulator, *words: str) -> None:
    environ = os.environ | {"IMAGELABELS_INDEX": emulator.index}
    subprocess.run([sys.executable, "-m", "imagelabels.cli", "search", *words], cwd=HERE, env=environ, check=True)


def verdict(keys: list[str], tags: dict[str, dict[str, str]], emulator: Emulator) -> int:
    failures = emulator.control("failures")["failures"]
    for failure in failures:
        print(f"failed: {failure}", file=sys.stderr)
    labelled = sum(1 for key in keys if tags[key])
    function = emulator.control("function")
    print(
        f"\n{labelled} of {len(keys)} photos got labels, by {function.get('invocations')} invocations of the function."
    )
    print(f"The index is {emulator.index}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
