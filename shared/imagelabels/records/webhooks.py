"""This module writes webhooks and their deliveries as JSON text and reads them; every index shares the form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any, get_args

from imagelabels.domain.webhooks import Delivery, Hook, Stage, host_of
from imagelabels.records.readable import checked
from imagelabels.records.rows import undamaged

CURE = "delete the webhook by `imagelabels hook delete ID`, and make it anew"
_HOOK_COLUMNS = frozenset({"id", "version"})
_DELIVERY_COLUMNS = frozenset({"hook", "picture", "number", "uri"})


def hook_json(hook: Hook) -> str:
    """Return the stored form of a webhook. It holds the secrets."""
    return _dump(hook, _HOOK_COLUMNS)


def read_hook(hook_id: str, version: int, stored: str) -> Hook:
    """Return the webhook; Damaged names one that cannot be read."""
    with undamaged(f"the webhook {hook_id!r}", CURE):
        fields = _known(Hook, json.loads(stored), _HOOK_COLUMNS)
        fields |= {name: tuple(map(str, fields[name])) for name in ("secrets", "prefixes")}
        hook = checked(Hook(id=hook_id, version=version, **fields))
        if hook.stage not in get_args(Stage) or not hook.secrets:
            raise ValueError("no such stage, or no secret")
        host_of(hook.url)
        return hook


def delivery_json(delivery: Delivery) -> str:
    """Return the stored form of a delivery, without what has columns of its own."""
    return _dump(delivery, _DELIVERY_COLUMNS)


def read_delivery(hook_id: str, picture: str, number: int, uri: str, stored: str) -> Delivery:
    """Return the delivery; Damaged names the webhook of one that cannot be read."""
    with undamaged(f"a delivery of the webhook {hook_id!r}", CURE):
        fields = _known(Delivery, json.loads(stored), _DELIVERY_COLUMNS)
        return checked(Delivery(hook=hook_id, picture=picture, number=number, uri=uri, **fields))


def undamaged_known(hook_id: str) -> AbstractContextManager[None]:
    """Raise Damaged if the block cannot read what a receiver knows."""
    return undamaged(f"what the receiver of the webhook {hook_id!r} knows", CURE)


def _dump(value: Hook | Delivery, columns: frozenset[str]) -> str:
    fields = {name: field for name, field in asdict(value).items() if name not in columns}
    return json.dumps(fields, separators=(",", ":"))


def _known(kind: Any, fields: Mapping[str, Any], columns: frozenset[str]) -> dict[str, Any]:
    """Leave out what a newer version wrote and this one does not know."""
    names = kind.__dataclass_fields__.keys() - columns
    return {name: value for name, value in fields.items() if name in names}
