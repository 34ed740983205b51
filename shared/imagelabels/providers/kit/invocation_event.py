"""Writes the event that a command sends to a function: the records of a trigger's event, for objects that are named."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

from imagelabels.domain.errors import BadEvent, Misconfigured
from imagelabels.domain.model import ObjectRef

Record = dict[str, object]


def request_id() -> str:
    """Return the id of the request that an event says it comes from. The history of an object shows it, and tells by
    its beginning that a command made the event and not the store."""
    return f"invoke-{uuid4().hex}"


def written(
    name: str,
    refs: Sequence[ObjectRef],
    record: Callable[[ObjectRef], Record],
    wrong: Callable[[Mapping[str, object]], Sequence[BadEvent]],
) -> bytes:
    """Return the event with one record for each object in its field `name`.

    `wrong` reads an event as the function does, and returns what it cannot read. Misconfigured names the object that no
    event can name, since a function would refuse its record.
    """
    records = []
    for ref in refs:
        records.append(record(ref))
        for bad in wrong({name: records[-1:]}):
            raise Misconfigured(f"{ref.uri!r} cannot be given to a function: {bad}")
    return json.dumps({name: records}, ensure_ascii=False, separators=(",", ":")).encode()
