"""Runs a vendor's own tests, unchanged, against the emulator, and compares them with the list of what is expected."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from tests.vendor import expectations, running
from tests.vendor.expectations import Difference
from tests.vendor.running import Limits
from tests.vendor.suites import SUITES, Suite

LISTS = Path(__file__).with_name("lists")


def main() -> int:
    args = _parser().parse_args()
    signal.signal(signal.SIGTERM, _stop)
    missing = list(_missing(args.sources))
    names = [args.suite] if args.suite else list(SUITES)
    for name in names:
        if SUITES[name].folder in missing:
            print(_how_to_fetch(args.sources, SUITES[name]), file=sys.stderr)
            return 2
    return max([_suite(name, args) for name in names])


def _stop(number: int, frame: FrameType | None) -> None:
    """End as at Ctrl-C, so that the emulator and the tests end too."""
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.vendor", description=__doc__)
    parser.add_argument("suite", nargs="?", choices=[*SUITES, ""], default="", help="one suite (default: all)")
    parser.add_argument("--sources", type=Path, required=True, metavar="DIR", help="where the suites' sources are")
    parser.add_argument("--port", type=int, default=0, help="port of the emulator (default: a free one)")
    parser.add_argument("--seconds", type=float, default=60.0, help="end a test after so many (default: 60)")
    parser.add_argument("--file-seconds", type=float, default=1800.0, help="end a file after so many (default: 1800)")
    parser.add_argument(
        "--only", action="append", default=[], metavar="TEXT", help="run the files that have this in their name"
    )
    parser.add_argument(
        "--results", type=Path, metavar="DIR", help="keep the results here (default: results in --sources)"
    )
    parser.add_argument("--resume", action="store_true", help="run only the files that have no results yet")
    parser.add_argument("--seed", default="0", help="begin the tests' chance with this (default: 0)")
    parser.add_argument("--write", action="store_true", help="write the list; new failures are 'not built yet'")
    return parser


def _missing(sources: Path) -> Iterator[str]:
    for suite in SUITES.values():
        if not (sources / suite.folder).is_dir():
            yield suite.folder


def _how_to_fetch(sources: Path, suite: Suite) -> str:
    return (
        f"vendor: {sources / suite.folder} is not there.\n"
        f"Fetch https://{suite.repository} (version {suite.version}) into it, and name its parent folder with SOURCES."
    )


def _suite(name: str, args: argparse.Namespace) -> int:
    suite, path = SUITES[name], LISTS / f"{name}.txt"
    expected = expectations.read(path.read_text(encoding="utf-8") if path.exists() else "")
    outcome = expectations.outcomes(_lines(name, suite, args))
    outcome = expectations.counted(outcome, expected)
    expected, rest = expectations.parted(expected, args.only)
    difference = expectations.compare(expected, outcome)
    passed = sorted(test for test, word in outcome.items() if word == "passed")
    print(f"{name} ({suite.version}): {len(passed)} of {len(outcome)} pass, {len(expected.passing)} are expected to")
    if args.write:
        others = {test: expected.others.get(test, "not built yet") for test in outcome.keys() - set(passed)}
        text = expectations.written([*passed, *rest.passing], {**others, **rest.others})
        path.write_text(text, encoding="utf-8")
    return _show(difference)


def _lines(name: str, suite: Suite, args: argparse.Namespace) -> Sequence[str]:
    """Run the files of the suite, and return the lines of all of their results, those of an earlier run among them."""
    sources = args.sources.resolve()
    folder = (args.results or sources / "results").resolve() / name
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        file: running.results_of(suite, sources, file, folder) for file in running.files_of(suite, sources, args.only)
    }
    waiting = [file for file, results in files.items() if not (args.resume and results.exists())]
    limits = Limits(args.seconds, args.file_seconds)
    if waiting:
        with running.emulator(args.port) as port:
            for file in waiting:
                run = running.Run(sources / suite.folder, port, args.seed, limits)
                running.run_file(suite, run, file, files[file])
    there = (results for results in files.values() if results.exists())
    return [line for results in there for line in results.read_text(encoding="utf-8").splitlines()]


def _show(difference: Difference) -> int:
    for test, word in difference.stopped.items():
        print(f"stopped passing: {test} ({word})")
    for test in difference.new:
        print(f"new pass, add it to the list: {test}")
    for test in difference.unlisted:
        print(f"not in the list, and does not pass: {test}")
    return 1 if difference.stopped else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("vendor: stopped; --resume goes on with the files that have no results yet", file=sys.stderr)
        sys.exit(130)
