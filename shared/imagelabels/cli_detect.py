"""`imagelabels detect`: what is in picture files, said by the embedded detector."""

from __future__ import annotations

import argparse
import os
import stat
import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from imagelabels import wiring
from imagelabels.cli_answers import (
    Answer,
    Refused,
    answered,
    print_json,
    print_lines,
    print_reasons,
    print_table,
)
from imagelabels.domain import taxonomy
from imagelabels.domain.errors import Rejected, Unavailable
from imagelabels.domain.explain import explain
from imagelabels.domain.model import Answer as Seen
from imagelabels.domain.model import ObjectHead, ObjectRef, Picture
from imagelabels.domain.picture import MAX_BYTES
from imagelabels.domain.plan import plan
from imagelabels.domain.policy import Policy, Rules
from imagelabels.ports import LabelDetector
from imagelabels.printing import escaped

WORKERS = 2
WINDOW = 16
"""Pictures under way at most, so that a million paths are not a million answers in memory."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser(
        "detect",
        help="say what is in pictures",
        description="Say what is in pictures, on this machine. Folders are walked; hidden files in them are left out.",
        epilog="In a pipe: a line per label with path, label, confidence, centric score, level, parent, tabs between. "
        "Exit status: 0 all labelled, 1 some refused, 2 wrong use.",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders")
    parser.add_argument("--threshold", type=_share, metavar="0..1", help="least confidence (0.7)")
    parser.add_argument("--language", choices=("en", "zh-Hans"), help="of the labels' names (en)")
    parser.add_argument("--format", choices=("table", "json"), help="(a table for people, plain lines in a pipe)")
    parser.add_argument("--stdin", action="store_true", help="read one path a line, answer each with one line of JSON")
    parser.add_argument(
        "--model",
        type=Path,
        metavar="PATH",
        help="the model file (default: IMAGELABELS_MODEL, else where the build puts it)",
    )
    parser.add_argument(
        "--policy",
        type=Path,
        metavar="FILE",
        help="rules in TOML that choose the labels (docs/policy.md); threshold, language and tags that they do not say "
        "are those of the settings",
    )
    parser.add_argument(
        "--prefix",
        metavar="URI",
        help="with --policy or --explain: take the rule for objects below oss://bucket/2026/, not below file:///...",
    )
    parser.add_argument(
        "--explain",
        action="store_true",
        help="say of every label of the answer why it stays or goes, by --policy, else IMAGELABELS_POLICY, else the "
        "settings",
    )
    parser.set_defaults(run=run, usage=parser.error)


def run(args: argparse.Namespace) -> int:
    """0 all labelled, 1 some refused, 2 no file at all; Misconfigured if the model is not to be had."""
    if bool(args.paths) == args.stdin:
        args.usage("name files or folders, or --stdin, and not both")
    if args.prefix is not None and not (args.policy or args.explain):
        args.usage("--prefix chooses a rule of a policy: name one with --policy")
    if args.stdin and args.format == "table":
        args.usage("--stdin answers in JSON")
    warnings.filterwarnings("ignore", module=r"PIL\.")  # remarks on odd metadata; what cannot be read is an error
    rules: Policy | Rules
    if args.policy or args.explain:
        detector = wiring.embedded_detector(args.model, None)
        rules = wiring.rules_here(args.policy, detector.default_threshold, args.threshold, args.language)
    else:
        rules = Policy(0.7 if args.threshold is None else args.threshold, args.language or "en")
        detector = wiring.embedded_detector(args.model, rules.threshold)

    def answer(path: str) -> Answer:
        return _answer(detector, path, rules.at(_uri(path, args.prefix)), args.explain)

    if args.stdin:
        return print_json(map(answer, _lines()))
    files = list(_files(args.paths))
    if not files:
        folders = ", ".join(escaped(path) for path in args.paths)
        print(f"imagelabels detect: there is no file in {folders}", file=sys.stderr)
        return 2
    answers = _in_order(answer, files)
    if args.format == "json":
        return print_json(answers)
    if args.format == "table" or sys.stdout.isatty():
        return (print_reasons if args.explain else print_table)(answers, len(files))
    return print_lines(answers)


def _uri(path: str, prefix: str | None) -> str:
    """What rules' prefixes are compared with."""
    return f"file://{os.path.abspath(path)}" if prefix is None else prefix + os.path.basename(path)


def _answer(detector: LabelDetector, path: str, policy: Policy, explained: bool) -> Answer:
    try:
        if not policy.label:
            raise Rejected("excluded", f"{policy.source('label')} says label = false")
        content = _content(path)
        # A file in memory does not change while it is looked at: its head has nothing to say but the size.
        head = ObjectHead(etag="", size=len(content), crc64=None, last_modified=0)
        picture = Picture(ObjectRef("file", "", path), head, lambda start, length: content[start : start + length])
        seen, known = detector.detect(picture), taxonomy.load()
        made = plan(head, None, {}, Seen(detection=seen), policy, known, detector.setting)
        return answered(path, seen, made.chosen.labels, known, explain(made, policy, known) if explained else None)
    except (Rejected, Unavailable) as error:
        return Refused(path, error.reason, str(error))


def _content(path: str) -> bytes:
    """The file's bytes. Only a plain file is opened: a pipe would keep us waiting."""
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            os.scandir(path).close()
            raise Rejected("not_image", "this is a folder: name the files in it")
        if not stat.S_ISREG(found.st_mode):
            raise Rejected("not_image", "this is no plain file")
        if found.st_size > MAX_BYTES:
            raise Rejected("too_large", f"{found.st_size} bytes: the limit is {MAX_BYTES}")
        content = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise Unavailable("store_error", f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not content:
        raise Rejected("empty", "the file is empty")
    return content


def _files(paths: Iterable[str]) -> Iterator[str]:
    """Each path as it was named; for a folder the plain files in it, in order of name, without hidden ones.

    A folder that cannot be listed is given as it is, so that its refusal is seen.
    """
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        unlisted: list[OSError] = []
        for folder, folders, names in os.walk(path, onerror=unlisted.append):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(name for name in names if not name.startswith(".")):
                if os.path.isfile(file := os.path.join(folder, name)):
                    yield file
        yield from (str(error.filename) for error in unlisted)


def _lines() -> Iterator[str]:
    """One path a line, in whatever bytes the file system has them."""
    while line := sys.stdin.buffer.readline():
        yield os.fsdecode(line.removesuffix(b"\n"))


def _in_order(answer: Callable[[str], Answer], files: Iterable[str]) -> Iterator[Answer]:
    """The answers in the files' order, several at work at a time."""
    under_way: deque[Future[Answer]] = deque()
    workers = ThreadPoolExecutor(WORKERS, "picture")
    try:
        for file in files:
            under_way.append(workers.submit(answer, file))
            if len(under_way) == WINDOW:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        workers.shutdown(cancel_futures=True)


def _share(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    # Not the other way round: no comparison with "nan" is true.
    if 0 <= number <= 1:
        return number
    raise argparse.ArgumentTypeError(f"{escaped(text)} is not a number from 0 to 1")
