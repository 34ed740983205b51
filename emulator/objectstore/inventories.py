"""Writes the inventories of buckets: on request, and when the clock passes the time of one."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from fastcrc import crc64

from emulator.objectstore import inventory_notes, xml
from emulator.objectstore.context import StoreContext
from emulator.objectstore.inventory_notes import Note
from emulator.objectstore.inventory_rules import OF_STORED, DataFile, InventoryPlan, Line, Made, row
from emulator.objectstore.lifecycle_rules import DAY
from emulator.objectstore.stored import Stored

log = logging.getLogger(__name__)

SETTING = "inventory"
PAGE = 1000
"""So many versions are looked at before other requests have their turn."""
MOST_ROWS = 100_000
"""A data file has so many rows, unless a request wants fewer."""
JSON_TYPE, GZIP_TYPE, TEXT_TYPE = "application/json", "application/x-gzip", "text/plain"


@dataclass(frozen=True, slots=True)
class Written:
    """An inventory that was written."""

    destination: str
    manifest: str
    """The key of the manifest."""
    files: Sequence[str]
    """The keys of the data files."""
    rows: int


async def write_now(
    context: StoreContext, bucket: str, number: str, rows: int = MOST_ROWS, incremental: bool = False
) -> Written:
    """Write the inventory that a configuration of the bucket describes. ValueError says why it cannot be written."""
    kept = context.store.settings.get(bucket, SETTING, number)
    if kept is None:
        raise ValueError(f"the bucket {bucket!r} has no configuration {number!r} of an inventory")
    plan = context.dialect.inventories.read(xml.parse(kept.encode(), "InventoryConfiguration"))
    if incremental and not plan.incremental_seconds:
        raise ValueError(f"the configuration {number!r} asks for no incremental inventory")
    return await write(context, bucket, plan, incremental, rows)


# Unproven schedule-of-inventories: A daily inventory is made at midnight, a weekly one at midnight behind Sunday, and a
#   monthly one at midnight before the first of the month. After a longer time only one is made. The
#   names of folders have the time in UTC.
# Why: the pages say how often an inventory is made, and not at which time of the day. Only that of OSS says that the
#   folders' names are in GMT.
# Ask: configure a daily inventory, and look at the names of its folders after three days.
async def write_due(context: StoreContext) -> Mapping[str, int]:
    """Write all inventories that have fallen due, and return how many those were."""
    done = 0
    for bucket in context.store.buckets():
        for _, kept in context.store.settings.page(bucket.name, SETTING, 0, 1000):
            try:
                plan = context.dialect.inventories.read(xml.parse(kept.encode(), "InventoryConfiguration"))
                done += await _write_due(context, bucket.name, plan) if plan.enabled else 0
            except ValueError as error:
                log.warning("an inventory of the bucket %s is not made: %s; configure it again", bucket.name, error)
    return {"written": done}


async def _write_due(context: StoreContext, bucket: str, plan: InventoryPlan) -> int:
    now, done = context.clock(), 0
    last = inventory_notes.find(context, bucket, plan.number, incremental=False).at
    to_local = -context.dialect.lifecycle.midnight % DAY
    if _period(plan.frequency, now + to_local) != _period(plan.frequency, last + to_local):
        await write(context, bucket, plan, incremental=False)
        done += 1
    seconds, last = plan.incremental_seconds, inventory_notes.find(context, bucket, plan.number, incremental=True).at
    if seconds and now // seconds != last // seconds:
        await write(context, bucket, plan, incremental=True)
        done += 1
    return done


def _period(frequency: str, moment: float) -> float:
    """Return the number of the day, of the week or of the month, by local time. The epoch began on a Thursday."""
    if frequency == "Monthly":
        date = datetime.fromtimestamp(moment, timezone.utc)
        return 12 * date.year + date.month
    days = {"Daily": 1, "Weekly": 7}.get(frequency)
    return (moment - 4 * DAY) // (days * DAY) if days else 0


async def write(
    context: StoreContext, bucket: str, plan: InventoryPlan, incremental: bool, rows: int = MOST_ROWS
) -> Written:
    """Write an inventory. An incremental one has what was written since the last one."""
    now, how = context.clock(), context.dialect.inventories
    source = context.store.bucket(bucket)
    if source is None or context.store.bucket(plan.destination) is None:
        raise ValueError(f"there is no bucket {bucket if source is None else plan.destination!r}")
    last = inventory_notes.find(context, bucket, plan.number, incremental)
    if incremental:
        plan = replace(plan, match=replace(plan.match, begin=max(plan.match.begin, last.begin)))
    columns = how.columns(plan, bool(source.versioning), incremental)
    pile = _Pile(context, plan.destination, how.data_folder(plan, bucket, incremental), columns, rows)
    told = set(last.told if last.begin == int(now) else ())
    async for line in _lines(context, bucket, plan, columns, incremental):
        change = inventory_notes.change(line.listed)
        if (incremental and change in last.told) or (bucket == plan.destination and pile.has(line.listed.key)):
            continue
        told.update({change} if line.listed.modified >= int(now) else ())
        await pile.add(line)
    await pile.close()
    made = Made(bucket, plan.destination, now, columns, pile.files, pile.count, pile.size)
    key = await _write_manifest(context, how.manifest_folder(plan, bucket, now, incremental), made)
    inventory_notes.keep(context, bucket, plan.number, incremental, Note(now, frozenset(told if incremental else ())))
    return Written(plan.destination, key, [file.key for file in pile.files], pile.count)


class _Pile:
    """Writes lines into data files of so many rows."""

    def __init__(self, context: StoreContext, bucket: str, folder: str, columns: Sequence[str], rows: int) -> None:
        self._context, self._bucket, self._folder, self._columns, self._rows = context, bucket, folder, columns, rows
        self._lines: list[str] = []
        self.files: list[DataFile] = []
        self.count = self.size = 0

    def has(self, key: str) -> bool:
        """Tell whether the key is that of a data file of this inventory, which is no part of the inventory."""
        return any(file.key == key for file in self.files)

    async def add(self, line: Line) -> None:
        self._lines.append(row(self._context.dialect.inventories.cells, self._columns, line))
        self.count, self.size = self.count + 1, self.size + line.listed.size
        if len(self._lines) == self._rows:
            await self.close()

    async def close(self) -> None:
        """Write the lines that are left, if there are any."""
        if self._lines:
            text, self._lines = "".join(self._lines), []
            data = await asyncio.to_thread(lambda: gzip.compress(text.encode(), mtime=0))
            key = f"{self._folder}{self._context.dialect.inventories.new_name()}.csv.gz"
            await _keep(self._context, self._bucket, key, data, GZIP_TYPE)
            self.files.append(DataFile(key, len(data), hashlib.md5(data, usedforsecurity=False).hexdigest()))


async def _lines(
    context: StoreContext, bucket: str, plan: InventoryPlan, columns: Sequence[str], incremental: bool
) -> AsyncIterator[Line]:
    """Yield what the inventory lists, in the order of the keys, and for each key the newest version first."""
    looks = bool(plan.match.tags) or any(name in OF_STORED or name.startswith("x-cos-meta-") for name in columns)
    stem = plan.match.prefix.encode()
    start, below, before = b"", None, None  # type: tuple[bytes, int | None, str | None]
    while page := context.store.scan_versions(bucket, stem, start, below, PAGE):
        for listed in page:
            latest, before = listed.key != before, listed.key
            if not plan.all_versions and not incremental and (not latest or listed.marker):
                continue
            stored = context.store.version(bucket, listed.key, listed.version) if looks else None
            if plan.match.covers(listed, stored.tags if stored else {}):
                yield Line(bucket, listed, latest, stored, _encrypted(context, stored))
        start, below = page[-1].key.encode(), page[-1].sequence
        await asyncio.sleep(0)


def _encrypted(context: StoreContext, stored: Stored | None) -> bool:
    return stored is not None and context.dialect.encryption.algorithm in stored.headers


async def _write_manifest(context: StoreContext, folder: str, made: Made) -> str:
    manifest = json.dumps(context.dialect.inventories.manifest(made), indent=1, ensure_ascii=False).encode()
    checksum = hashlib.md5(manifest, usedforsecurity=False).hexdigest().encode()
    await _keep(context, made.destination, f"{folder}manifest.checksum", checksum, TEXT_TYPE)
    await _keep(context, made.destination, f"{folder}manifest.json", manifest, JSON_TYPE)
    return f"{folder}manifest.json"


async def _keep(context: StoreContext, bucket: str, key: str, data: bytes, content_type: str) -> None:
    """Store a file of an inventory. Its event is that of a plain upload."""
    dialect, file, destination = context.dialect, context.store.new_file(), context.store.bucket(bucket)
    try:
        await asyncio.to_thread(file.write_bytes, data)
        if destination is None:
            raise ValueError(f"there is no bucket {bucket!r}")
        etag = dialect.etag(hashlib.md5(data, usedforsecurity=False).digest())
        checksum, now, headers = str(crc64.xz(data)), int(context.clock()), {"content-type": content_type}
        new = Stored(bucket, key, file, len(data), etag, checksum, now, destination.storage_class, headers)
        new, old = context.store.put(new)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    context.changed(None, dialect.events.put, new, old)
