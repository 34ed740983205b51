"""This program gathers everyday photos and graphics with known content: `python -m benchmarks.everyday CLONES FOLDER`.

CLONES holds a git clone of each repository in everyday_sources.csv, as CLONES/owner+name or CLONES/owner+name/repo.
Pictures of repositories that are not there are left out. FOLDER gets the pictures and a truth.csv for
`python -m benchmarks.quality FOLDER`. everyday.csv names the pictures and what they show. Pictures marked `score` were
used for no fit. With `--fit` the program gathers the others, on which the tables in levels.json were fitted.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from benchmarks import truth
from imagelabels.views.pipes import piped
from imagelabels.views.printing import number_of

HERE = Path(__file__).parent


def commits() -> dict[str, str]:
    """Return the commit of each repository."""
    with (HERE / "everyday_sources.csv").open(encoding="utf-8", newline="") as file:
        return {row["repository"]: row["commit"] for row in csv.DictReader(file)}


def pictures(use: str) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield repository, path, beginning of the SHA-256 and true ids of each picture for this use (score or fit)."""
    with (HERE / "everyday.csv").open(encoding="utf-8", newline="") as file:
        for mine, repository, path, digest, *ids in csv.reader(file):
            if mine == use:
                yield repository, path, digest, ids


def content(clones: Path, repository: str, commit: str, path: str) -> bytes | None:
    """Return a file of a clone, or None if it is not there."""
    clone = clones / repository.replace("/", "+")
    folder = clone / "repo" if (clone / "repo").is_dir() else clone
    shown = subprocess.run(["git", "-C", str(folder), "cat-file", "blob", f"{commit}:{path}"], capture_output=True)
    return shown.stdout if shown.returncode == 0 else None


def gather(clones: Path, folder: Path, use: str) -> tuple[int, int]:
    """Write the pictures and their truth file; return how many there are, and how many are missing or changed."""
    folder.mkdir(parents=True, exist_ok=True)
    known, missing = commits(), 0
    lines = []
    for repository, path, digest, ids in pictures(use):
        data = content(clones, repository, known[repository], path)
        if data is None or not hashlib.sha256(data).hexdigest().startswith(digest):
            missing += 1
            continue
        name = f"{digest}{PurePosixPath(path).suffix.lower()}"
        (folder / name).write_bytes(data)
        lines.append([name, *ids])
    with (folder / truth.NAME).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
    return len(lines), missing


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.everyday", description=__doc__)
    parser.add_argument("clones", type=Path, metavar="CLONES", help="the folder with the clones")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the folder for the pictures")
    parser.add_argument("--fit", action="store_true", help="gather the pictures that the tables were fitted on")
    options = parser.parse_args(arguments)
    gathered, missing = gather(options.clones, options.folder, "fit" if options.fit else "score")
    print(f"{number_of(gathered, 'picture')} gathered, {missing} not found in the clones")
    return 0


if __name__ == "__main__":
    sys.exit(piped(lambda: main(sys.argv[1:])))
