"""Keeps webhooks, their deliveries and what their receivers know in Tablestore."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import tablestore as ots

from imagelabels.domain.webhooks import Delivery, Hook
from imagelabels.ports.webhooks import Told
from imagelabels.providers.aliyun.tablestore.client import ANY, NEW, Columns, Instance, Key, below
from imagelabels.providers.aliyun.tablestore.many_rows import write_many
from imagelabels.providers.aliyun.tablestore.tables import DELIVERIES, KNOWN, WEBHOOKS, readable, sendable
from imagelabels.providers.aliyun.tablestore.versioned_rows import Form, VersionedRows
from imagelabels.records import rows
from imagelabels.records.readable import each_readable
from imagelabels.records.rows import storable
from imagelabels.records.webhooks import CURE, delivery_json, hook_json, read_delivery, read_hook, undamaged_known


class TablestoreHooks:
    """This is a port Hooks."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._rows = VersionedRows(instance, WEBHOOKS, Form("webhook", CURE, hook_json, read_hook))

    def get(self, hook_id: str) -> Hook | None:
        return self._rows.get(hook_id)

    def list(self, after: str = "", limit: int = 100) -> tuple[Hook, ...]:
        return self._rows.list(after, limit)

    def put(self, hook: Hook, expected_version: int | None = None) -> None:
        self._rows.put(hook, expected_version)

    def delete(self, hook_id: str) -> None:
        self._instance.delete(WEBHOOKS, (storable(hook_id),))


class TablestoreOutbox:
    """This is a port Outbox."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def add(self, deliveries: Sequence[Delivery]) -> None:
        items = [ots.PutRowItem(self._row(one), ots.Condition(NEW)) for one in deliveries]
        write_many(self._instance, DELIVERIES, items)

    def list(self, hook_id: str, limit: int) -> tuple[Delivery, ...]:
        if not hook_id:
            return ()
        stored = self._instance.range(DELIVERIES, (storable(hook_id),))
        return tuple(islice(each_readable(_delivery, ((key, columns) for key, columns, _ in stored)), limit))

    def write(self, delivery: Delivery) -> None:
        write_many(self._instance, DELIVERIES, [ots.PutRowItem(self._row(delivery), ots.Condition(ANY))])

    def remove(self, deliveries: Sequence[Delivery]) -> None:
        keys = [self._instance.key(DELIVERIES, _key(one)) for one in deliveries]
        write_many(self._instance, DELIVERIES, [ots.DeleteRowItem(ots.Row(key), ots.Condition(ANY)) for key in keys])

    def _row(self, delivery: Delivery) -> Any:
        columns = {"uri": sendable(delivery.uri), "fields": delivery_json(delivery)}
        return ots.Row(self._instance.key(DELIVERIES, _key(delivery)), list(columns.items()))


class TablestoreKnown:
    """This is a port Known."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def numbers(self, hook_id: str, pictures: Sequence[str]) -> Mapping[str, int]:
        keys = [(hook_id, storable(picture)) for picture in pictures]
        stored = self._instance.get_many(KNOWN, keys, ["number"]) if keys else []
        with undamaged_known(hook_id):
            return {
                picture: int(columns["number"])
                for picture, columns in zip(pictures, stored, strict=True)
                if columns is not None
            }

    def note(self, hook_id: str, told: Iterable[Told]) -> None:
        items = []
        for one in told:
            columns: Columns = {"uri": sendable(one.uri), "number": one.number}
            row = self._instance.changed(KNOWN, (hook_id, one.picture), columns)
            items.append(ots.UpdateRowItem(row, ots.Condition(ANY, below("number", one.number))))
        write_many(self._instance, KNOWN, items)

    def list(self, hook_id: str, after: str = "", limit: int = 100) -> tuple[Told, ...]:
        if not hook_id:
            return ()
        begins = (storable(hook_id),)
        behind = (*begins, storable(after)) if after else ()
        stored = (row for row in self._instance.range(KNOWN, begins, start_at=behind) if row[0] > behind)
        with undamaged_known(hook_id):
            return tuple(
                Told(key[1], readable(columns["uri"]), int(columns["number"]))
                for key, columns, _ in islice(stored, limit)
            )

    def forget(self, hook_id: str, pictures: Sequence[str]) -> None:
        keys = [self._instance.key(KNOWN, (hook_id, picture)) for picture in pictures]
        write_many(self._instance, KNOWN, [ots.DeleteRowItem(ots.Row(key), ots.Condition(ANY)) for key in keys])


def _key(delivery: Delivery) -> tuple[str, ...]:
    """Return the key of a delivery's row. Numbers have as many digits as sort them like texts."""
    return delivery.hook, delivery.picture, f"{delivery.number:012}"


def _delivery(key: Key, columns: Columns) -> Delivery:
    hook_id, picture, number = key
    with rows.undamaged(f"a delivery of the webhook {hook_id!r}", CURE):
        uri, stored = readable(columns["uri"]), str(columns["fields"])
    return read_delivery(hook_id, picture, int(number), uri, stored)
