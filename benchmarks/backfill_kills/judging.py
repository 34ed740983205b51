"""Says what harm was done, from what the bucket, the index, the report and the calls show."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.backfill_kills.bucket import AT_ONCE, Bucket, Wanted
from benchmarks.backfill_kills.seen import Seen
from benchmarks.storm.evidence import Row, index

WINDOW = 1000
"""A run that goes on may read so many keys again: docs/backfill.md."""

MOST_TAGS = 20_000
"""The tags of so many objects at most are read, chosen at random."""

VOCABULARY = {"oss": "imm", "cos": "ci"}


@dataclass
class Verdict:
    """All that went wrong, and figures for the line of results."""

    harm: list[str] = field(default_factory=list)
    paid_again: Counter[str] = field(default_factory=Counter)
    read_again: list[int] = field(default_factory=list)
    """So many keys behind the checkpoint had been begun, at each kill."""
    states: Counter[str] = field(default_factory=Counter)
    tags: int = 0


def judge(verdict: Verdict, bucket: Bucket, seen: Seen, report: Path, port: int, seed: int) -> None:
    """Add to the verdict what is wrong."""
    verdict.harm += [*_payments(verdict, bucket, seen), *_lines(verdict, bucket, report)]
    verdict.harm += [*_rows(bucket, index(port, Path("no file of SQLite"))[0]), *_tags(verdict, bucket, seed)]
    verdict.harm += [f"a resume reads {keys} keys again" for keys in verdict.read_again if keys > WINDOW]


def _payments(verdict: Verdict, bucket: Bucket, seen: Seen) -> Iterator[str]:
    if (paid := len({one.content for one in seen.paid})) != bucket.contents:
        yield f"{paid} contents were paid for, and {bucket.contents} need a call"
    for first, again in seen.repeats():
        why = seen.why(first)
        verdict.paid_again[why or "for no reason"] += 1
        if why is None:
            yield (
                f"{first.key} was paid for at {first.began:.3f} by {first.group}, and its content again at "
                f"{again.began:.3f} by {again.group}"
            )


def _lines(verdict: Verdict, bucket: Bucket, report: Path) -> Iterator[str]:
    lines = [json.loads(line) for line in report.read_text().splitlines()]
    told = Counter(line["uri"].removeprefix(f"{bucket.uri}/") for line in lines)
    verdict.states = Counter(line["state"] for line in lines)
    for key in sorted(set(told) | set(bucket.wanted)):
        if told[key] != (key in bucket.wanted):
            yield f"{key} has {told[key]} lines in the report"
    for line in lines:
        key = line["uri"].removeprefix(f"{bucket.uri}/")
        state, said = bucket.wanted.get(key, ("gone", ""))
        right = line["labels"] == 1 if state == "labelled" else line["reason"] == said
        if line["state"] != state or not right:
            yield f"{key} must be {state} {said}, and the report says {line}"


def _rows(bucket: Bucket, rows: Mapping[str, Row]) -> Iterator[str]:
    for key, wanted in bucket.wanted.items():
        row = rows.get(f"{bucket.uri}/{key}")
        if row is None or row.record is None:
            yield f"{key} has no row"
        elif row.locked or row.waiting or not _is_right(bucket, row, wanted):
            yield f"{key} must be {wanted}, and its row says {row}"


def _is_right(bucket: Bucket, row: Row, wanted: Wanted) -> bool:
    state, said = wanted
    if state == "labelled":
        return row.state == state and row.labels == {_label(bucket, said)}
    return row.state == state and row.record is not None and row.record.get("reason") == said


def _label(bucket: Bucket, content: str) -> str:
    return f"{VOCABULARY[bucket.cloud]}:pic{content}"


def _tags(verdict: Verdict, bucket: Bucket, seed: int) -> Iterator[str]:
    keys = sorted(bucket.wanted)
    chosen = keys if len(keys) <= MOST_TAGS else random.Random(seed).sample(keys, MOST_TAGS)
    verdict.tags = len(chosen)
    with ThreadPoolExecutor(AT_ONCE) as executor:
        for key, tags in zip(chosen, executor.map(bucket.tags, chosen), strict=True):
            state, said = bucket.wanted[key]
            wanted = {f"label:{_label(bucket, said)}": VOCABULARY[bucket.cloud]} if state == "labelled" else {}
            if tags != wanted:
                yield f"{key} must have the tags {wanted}, and has {tags}"
