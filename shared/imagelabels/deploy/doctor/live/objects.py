"""This module samples a bucket's objects: may they be read, how right is the clock, and what do their tags leave us?"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import TypeVar

from imagelabels.deploy.checks import account
from imagelabels.deploy.doctor.live import tags
from imagelabels.deploy.doctor.live.report import Report
from imagelabels.deploy.doctor.live.target import Site
from imagelabels.domain.errors import Gone, Rejected
from imagelabels.domain.model import ObjectRef, Tags, versioned
from imagelabels.views.printing import escaped

T = TypeVar("T")

LISTED = 1000
"""One page of a list has so many keys. The sample is taken from it, so that a large bucket costs one call."""

SLOW, REFUSED = 60.0, 900.0
"""A clock that is so many seconds off is worth a warning; the stores refuse requests from the second on."""

FIRST_BYTES = 16
PATIENCE = 20.0
"""A write of tags is signed for so many seconds."""


def look(site: Site, report: Report) -> None:
    """Make one list, one HEAD, one ranged GET and one write of tags that cannot succeed, and read the tags of each
    sampled object. A bucket without objects is asked for one that is not there, since any answer tells the time."""
    refs = report.asked(site.uri, lambda: sample(site))
    if refs is None:
        return
    # Nothing is written to an object that does not exist. Who may not write tags is told so all the same.
    missing = site.unused()
    first = _read(site, report, refs[0] if refs else missing)
    report.needed(f"{site.uri}/*", or_none(partial(write_tags, site, missing)))
    labelled = [ref for ref in (first, *refs[1:]) if refs and site.policy.at(ref.uri).label]
    seen: dict[ObjectRef, Tags] = {}
    for ref in labelled:
        before = len(report.findings)
        tagged = report.needed(f"{site.uri}/*", or_none(partial(site.objects.tags, ref)))
        if tagged is not None:
            seen[ref] = tagged
        if len(report.findings) > before:
            break  # the others would be refused too
    tags.judge(site, seen, report)


def sample(site: Site) -> list[ObjectRef]:
    """Choose objects evenly from the first page of the list."""
    listed = site.objects.list(site.target.bucket, site.target.prefix)
    refs = [entry.ref for entry in islice(listed, LISTED)]
    step = max(1, -(-len(refs) // max(1, site.target.samples)))
    return refs[::step]


def _read(site: Site, report: Report, ref: ObjectRef) -> ObjectRef:
    """Read an object's head and first bytes. Return its name with its version, which needs permissions of its own."""
    where = escaped(ref.uri)
    seen = report.needed(where, or_none(lambda: site.objects.head(ref)))
    if seen is None:
        return ref
    skew = time.time() - seen.date
    if abs(skew) > SLOW:
        direction = "ahead of" if skew > 0 else "behind"
        check = account.CLOCK_REFUSED if abs(skew) >= REFUSED else account.CLOCK_SKEW
        report.add(check, site.uri, f"This machine's clock is {abs(skew):.0f} s {direction} the store's.")
    head = seen.head
    if head is None:
        return ref
    if head.size and not head.archived:
        report.needed(where, or_none(lambda: site.objects.read(ref, head, 0, FIRST_BYTES)))
    return versioned(ref, head)


def write_tags(site: Site, ref: ObjectRef) -> Tags:
    """Write such tags as the function writes, and return them."""
    tags = {f"{site.policy.at(ref.uri).tag_prefix}dog": "mammal"}
    until = time.time() + PATIENCE
    site.objects.put_tags(ref, tags, until, until)
    return tags


def or_none(call: Callable[[], T]) -> Callable[[], T | None]:
    """Return a call that gives None for an object that went away meanwhile, or that has no name for the store's SDK."""

    def tolerant() -> T | None:
        try:
            return call()
        except (Gone, Rejected):
            return None

    return tolerant
