"""Carries out the lifecycle rules of buckets: objects and versions expire or become colder, and uploads are aborted."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence

from emulator.objectstore import lifecycle_rules, retention, xml
from emulator.objectstore.context import StoreContext
from emulator.objectstore.lifecycle_rules import Rule
from emulator.objectstore.stored import ListedVersion, Stored
from emulator.objectstore.upload_store import NoSuchUpload

log = logging.getLogger(__name__)

PAGE = 1000
"""So many versions are looked at before other requests have their turn."""


async def age(context: StoreContext) -> Mapping[str, int]:
    """Carry out all that is due in all buckets, and return how much of each kind that was.

    A delete marker that hid its last versions until now is removed when this is called again.
    """
    done: Counter[str] = Counter(removed=0, moved=0, aborted=0)
    for bucket in context.store.buckets():
        rules = _rules(context, bucket.name)
        if rules:
            await _age_versions(context, bucket.name, rules, done)
            await _age_uploads(context, bucket.name, rules, done)
    return done


def _rules(context: StoreContext, bucket: str) -> Sequence[Rule]:
    """Return the enabled rules. An earlier version of the emulator may have kept some that it did not check."""
    kept = context.store.settings.get(bucket, "lifecycle")
    try:
        return context.dialect.lifecycle.read(xml.parse(kept.encode(), "LifecycleConfiguration")) if kept else ()
    except ValueError as error:
        log.warning("the lifecycle of the bucket %s is not carried out: %s; write it again", bucket, error)
        return ()


async def _age_versions(context: StoreContext, bucket: str, rules: Sequence[Rule], done: Counter[str]) -> None:
    start, below, newer = b"", None, None  # type: tuple[bytes, int | None, ListedVersion | None]
    while page := context.store.scan_versions(bucket, b"", start, below, PAGE):
        for listed in page:
            if newer is not None and newer.key != listed.key:
                newer = None
            done.update(_age_version(context, bucket, rules, listed, newer))
            newer = listed
        start, below = page[-1].key.encode(), page[-1].sequence
        await asyncio.sleep(0)


# Unproven rules-and-retention: A rule of the lifecycle does not remove a version that is held or retained.
# Why: no page was found that says so. A delete marker may hide such a version.
# Ask: let a rule remove the older versions of a key of which one is held, and list the versions afterwards.
def _age_version(
    context: StoreContext, bucket: str, rules: Sequence[Rule], listed: ListedVersion, newer: ListedVersion | None
) -> list[str]:
    """Do what the rules say of one version, and return the name of what was done, if it was anything.

    `newer` is the version that took its place; the current one has none. A request may have removed the newer one
    since it was listed.
    """
    how, now = context.dialect.lifecycle, context.clock()
    stored = context.store.version(bucket, listed.key, listed.version)
    newest = stored if newer is None else context.store.version(bucket, listed.key)
    if stored is None or newest is None:
        return []
    current, since = newest.version == stored.version, float((newer or stored).modified)
    if current and stored.marker:
        return _remove_marker(context, rules, stored)
    stays = not current and retention.must_stay(context, None, stored.headers)
    if not stays and lifecycle_rules.expires(rules, stored, since, now, how, current):
        _remove(context, stored, current)
        return ["removed"]
    storage_class = "" if stored.marker else lifecycle_rules.next_class(rules, stored, since, now, how, current)
    if not storage_class:
        return []
    context.store.set_storage_class(stored, storage_class)
    return ["moved"]


def _remove(context: StoreContext, stored: Stored, current: bool) -> None:
    """Remove a version for good, or put a delete marker above the current one where the bucket keeps versions."""
    events = context.dialect.events
    version = "" if current else stored.version
    removal = context.store.delete(stored.bucket, stored.key, version, context.clock())
    context.changed(None, events.expired, None, removal.old or stored)


def _remove_marker(context: StoreContext, rules: Sequence[Rule], marker: Stored) -> list[str]:
    """Remove a delete marker if it is all that is left of its key, and a rule wants that."""
    key = marker.key.encode()
    left = context.store.scan_versions(marker.bucket, key, key, None, 2)
    alone = [version.key for version in left].count(marker.key) == 1
    if not alone or not any(rule.removes_markers and rule.covers(marker) for rule in rules):
        return []
    context.store.delete(marker.bucket, marker.key, marker.version)
    return ["removed"]


# Unproven event-of-aged-upload: An upload that a rule of the lifecycle aborts makes no event.
# Why: no page says that an event tells of it.
# Ask: let a rule abort an upload in a bucket of OSS with a trigger for ObjectRemoved:AbortMultipartUpload, and log the
#   events.
async def _age_uploads(context: StoreContext, bucket: str, rules: Sequence[Rule], done: Counter[str]) -> None:
    """Abort uploads. Their tags do not count."""
    midnight, key, behind = context.dialect.lifecycle.midnight, b"", ""
    while page := context.store.uploads.scan(bucket, key, behind, PAGE):
        now = context.clock()
        for upload in page:
            for rule in rules:
                due = rule.abort is not None and rule.abort.is_due(upload.initiated, now, midnight)
                if due and upload.key.startswith(rule.match.prefix):
                    try:
                        context.store.uploads.abort(bucket, upload.key, upload.id)
                        done["aborted"] += 1
                    except NoSuchUpload:  # it was completed by a request, or aborted by a rule before
                        pass
        key, behind = page[-1].key.encode(), page[-1].id
        await asyncio.sleep(0)
