"""These tests hold for the events of every cloud: only bucket and key are needed, and reading has bounded cost."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from imagelabels import logs
from imagelabels.domain import notifications
from imagelabels.domain.errors import BadEvent
from imagelabels.domain.model import ObjectChange
from imagelabels.providers.aliyun import events as aliyun
from imagelabels.providers.tencent import events as tencent
from imagelabels.respond import respond

Read = Callable[[Any], tuple[list[ObjectChange], list[BadEvent]]]
Steps = tuple[str | int, ...]

EVENTS = Path(__file__).parents[2] / "events"


def _tencent(event: Any) -> tuple[list[ObjectChange], list[BadEvent]]:
    return tencent.changes(event)[:2]


CLOUDS: dict[str, tuple[Read, str, str, frozenset[str]]] = {
    "aliyun": (aliyun.changes, "events", "put_object", frozenset({"oss.bucket.name", "oss.object.key"})),
    "tencent": (
        _tencent,
        "Records",
        "put",
        frozenset({"cos.cosBucket.name", "cos.cosBucket.appid", "cos.cosObject.key"}),
    ),
}
OTHERS: tuple[object, ...] = (None, "", "x" * 10_000, -1, 10**3000, 2.5, True, [], {}, [[{}]], {"a": {"b": None}})


def record(cloud: str) -> Any:
    _, name, sample, _ = CLOUDS[cloud]
    return json.loads((EVENTS / cloud / f"{sample}.json").read_text("utf-8"))[name][0]


def read(cloud: str, *records: object) -> tuple[list[ObjectChange], list[BadEvent]]:
    changes, name, _, _ = CLOUDS[cloud]
    return changes({name: list(records)})


def fields(value: object, path: Steps = ()) -> Iterator[Steps]:
    """Yield the path of everything below a value, including lists and objects."""
    steps = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield (*path, step)
        yield from fields(inner, (*path, step))


def replaced(value: Any, path: Steps, new: object) -> Any:
    copied = deepcopy(value)
    _parent(copied, path)[path[-1]] = new
    return copied


def without(value: Any, path: Steps) -> Any:
    copied = deepcopy(value)
    del _parent(copied, path)[path[-1]]
    return copied


def _parent(value: Any, path: Steps) -> Any:
    for step in path[:-1]:
        value = value[step]
    return value


def hints(cloud: str) -> list[Steps]:
    """Return the fields that are not needed, because neither they nor anything below them names the object."""
    needed = CLOUDS[cloud][3]
    return [
        path for path in fields(record(cloud)) if not any(name.startswith(".".join(map(str, path))) for name in needed)
    ]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_no_field_but_those_that_name_the_object_can_make_a_record_unreadable(cloud: str) -> None:
    (expected,), _ = read(cloud, record(cloud))
    assert len(hints(cloud)) > 10
    for path in hints(cloud):
        for changed in (without(record(cloud), path), *(replaced(record(cloud), path, other) for other in OTHERS)):
            good, bad = read(cloud, changed)
            assert ([change.ref for change in good], bad) == ([expected.ref], []), path


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_missing_field_that_names_the_object_is_reported_by_its_path(cloud: str) -> None:
    for needed in CLOUDS[cloud][3]:
        path = tuple(needed.split("."))
        for changed in (without(record(cloud), path), replaced(record(cloud), path, None)):
            good, (bad,) = read(cloud, changed)
            assert good == []
            assert bad.field == f"{CLOUDS[cloud][1]}[0].{needed}"


@pytest.mark.parametrize("cloud", CLOUDS)
def test_events_that_our_own_reads_cause_are_ignored(cloud: str) -> None:
    path = ("eventName",) if cloud == "aliyun" else ("event", "eventName")
    for name in ("ObjectDownloaded:GetObject", "ObjectTagging:Put", "x:y", "oss:ObjectAccessed:*", "cos:A:B"):
        assert read(cloud, replaced(record(cloud), path, name)) == ([], [])


@pytest.mark.parametrize("cloud", CLOUDS)
def test_an_event_of_too_many_records_is_one_clear_refusal_and_costs_no_more_memory(cloud: str) -> None:
    changes, name, _, _ = CLOUDS[cloud]
    whole = [record(cloud)] * notifications.MAX_RECORDS
    good, bad = changes({name: whole})
    assert (len(good), bad) == (len(whole), [])
    many: dict[str, list[dict[str, str]]] = {name: [{}] * 1_000_000}
    tracemalloc.start()
    good, bad = changes(many)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000
    assert good == []
    assert [str(error) for error in bad] == [
        f"{name}: 1000000 records, but at most 5000 are read: none of them was handled"
    ]
    assert str(changes(b" " * 4_000_001)[1][0]) == "event: longer than 4000000 bytes, which is the limit"


@pytest.mark.story
@pytest.mark.parametrize("cloud", CLOUDS)
def test_nesting_of_any_depth_anywhere_takes_no_other_record_down(cloud: str) -> None:
    changes, name, _, _ = CLOUDS[cloud]
    good = record(cloud)
    for path in [*fields(good), ("another",)]:
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            for depth in (100, 900, 986, 989, 1000, 5000, 100_000):
                text = json.dumps({name: [good, replaced(good, path, "@@")]})
                text = text.replace('"@@"', opening * depth + "1" + closing * depth)
                if depth < 5000:  # some versions of the interpreter cannot free a deeper value
                    nested: Any = 1
                    for _ in range(depth):
                        nested = [nested] if opening == "[" else {"a": nested}
                    assert len(changes({name: [good, replaced(good, path, nested)]})[0]) in (1, 2)
                events, bad = changes(text.encode())
                assert events or [str(error) for error in bad] == ["event: nested too deeply to be read"], path


@pytest.mark.parametrize("cloud", CLOUDS)
def test_no_text_of_an_event_makes_a_message_long_or_other_than_ascii(cloud: str) -> None:
    changes, name, _, _ = CLOUDS[cloud]
    long = "\u2028照\x1b\ud800" * 1_000_000
    events: list[Any] = [{long: 1}, {name: long}, {name: {long: long}}, {name: [long]}, {name: [{long: long}]}, [long]]
    events += [{name: [replaced(record(cloud), path, long)]} for path in fields(record(cloud))]
    for event in events:
        for bad in changes(event)[1]:
            assert len(str(bad)) < 800
            assert str(bad).isascii()


@pytest.mark.story
@pytest.mark.parametrize("cloud", CLOUDS)
def test_ten_thousand_mutated_events_are_read_or_refused_and_every_line_is_json(
    cloud: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = CLOUDS[cloud][0]
    rng = random.Random(f"events of {cloud}")
    samples = [path.read_text("utf-8") for path in sorted((EVENTS / cloud).glob("*.json"))]
    lines: list[str] = []
    handler = logs._logger._logger.handlers[0]
    monkeypatch.setattr(handler, "emit", lambda log: lines.append(handler.format(log)))
    for _ in range(10_000):
        event: Any = mutated(rng, rng.choice(samples))
        good, bad = changes(event)
        assert all(isinstance(change.event_id, str) and len(change.event_id) <= 100 for change in good)
        respond("r", [], bad)
    assert len(lines) > 2000
    for line in lines:
        assert json.loads(line)["reason"] == "bad_event"
        assert line.isascii()
        assert len(line) < 2000


def mutated(rng: random.Random, text: str) -> Any:
    """Return damaged JSON, or an event with changed fields, as bytes or as the platform would have parsed it."""
    if rng.random() < 0.3:
        octets = bytearray(text.encode())
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(octets))
            octets[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 3))
        return bytes(octets)
    event: Any = json.loads(text)
    for _ in range(rng.randint(1, 3)):
        paths = list(fields(event))
        if not paths:
            break
        path = rng.choice(paths)
        other = rng.choice([*OTHERS, "\ud800", "a\u2028b", "ObjectCreated:*", "%2B+%E7", float("nan"), 1e400])
        event = without(event, path) if rng.random() < 0.3 else replaced(event, path, other)
    return json.dumps(event).encode() if rng.random() < 0.5 else event
