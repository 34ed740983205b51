"""`python -m benchmarks` measures everything and writes results.md; `python -m benchmarks event` measures one thing."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

from benchmarks import (
    backfill,
    budget,
    changes,
    cluster,
    cold_start,
    detector,
    dry_run,
    emulator,
    emulator_start,
    event,
    feed,
    fuzz,
    gallery,
    index,
    listing,
    stores,
)
from benchmarks.backfill_kills import command as backfill_kills
from benchmarks.storm import command as storm
from benchmarks.webhooks import command as webhooks
from imagelabels.views.pipes import piped

BENCHMARKS: dict[str, Callable[[], Iterable[str]]] = {
    "event": event.report,
    "emulator": emulator.report,
    "emulator-start": emulator_start.report,
    "detector": detector.report,
    "index": index.report,
    "feed": feed.report,
    "gallery": gallery.report,
    "listing": listing.report,
    "stores": stores.report,
    "fuzz": fuzz.report,
    "cold_start": cold_start.report,
    "budget": budget.report,
    "dry_run": dry_run.report,
    "backfill": backfill.report,
    "cluster": cluster.report,
}
RESULTS = Path(__file__).with_name("results.md")


def main() -> int:
    if sys.argv[1:2] == ["storm"]:
        return storm.main(sys.argv[2:])  # It has options of its own, and takes too long to be one of BENCHMARKS.
    if sys.argv[1:2] == ["changes"]:
        return changes.main(sys.argv[2:])  # So has this one.
    if sys.argv[1:2] == ["backfill_kills"]:
        return backfill_kills.main(sys.argv[2:])  # So has this one.
    if sys.argv[1:2] == ["webhooks"]:
        return webhooks.main(sys.argv[2:])  # And this one.
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}; without a name, all are run"
    )
    parser.add_argument(
        "--index", type=Path, metavar="FILE", help="keep the index of gallery and feed in a file, and use it again"
    )
    asked = parser.parse_args()
    names = asked.names
    if asked.index is not None:
        _keep(asked.index, names, parser)
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}: choose from {', '.join(BENCHMARKS)}")
    lines = [_where()]
    print(lines[0], flush=True)
    for name in names or BENCHMARKS:
        for line in BENCHMARKS[name]():
            lines.append(line)
            print(line, flush=True)
    if not names:
        text = "".join(f"- {line}\n" for line in lines)
        RESULTS.write_text(f"# Results of `make bench`\n\n{text}", encoding="utf-8")
    return 0


def _keep(index: Path, names: list[str], parser: argparse.ArgumentParser) -> None:
    if not names or set(names) - {"gallery", "feed"}:
        parser.error("--index is for gallery and feed: name one of them, or both")
    BENCHMARKS["gallery"] = partial(gallery.report, kept=index)
    BENCHMARKS["feed"] = partial(feed.report, kept=index)


def _where() -> str:
    """Return the day, the machine and its load before the run, because a busy machine gives wrong figures."""
    day = datetime.now(timezone.utc).date()
    machine = f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    return f"{day}, {machine}, load {os.getloadavg()[0]:.1f} before"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    sys.exit(piped(main))
