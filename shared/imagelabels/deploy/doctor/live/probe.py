"""This module tries to tag an object of its own, if it was asked to write, and removes the object again."""

from __future__ import annotations

from functools import partial

from imagelabels.deploy.checks import account
from imagelabels.deploy.doctor.live.objects import write_tags
from imagelabels.deploy.doctor.live.report import Report
from imagelabels.deploy.doctor.live.target import Site
from imagelabels.domain.errors import Gone, LabelingError, Rejected
from imagelabels.domain.model import ObjectRef, versioned
from imagelabels.ports.buckets import Buckets
from imagelabels.views.printing import escaped


def look(site: Site, report: Report) -> None:
    """Make an object, write and read its tags, and remove it.

    The object is empty. So a function that its events reach notes that there is nothing to label, asks no detector,
    and drops the row again when the object is gone.
    """
    buckets: Buckets = site.session.buckets()
    ref = site.unused()
    try:
        _try(site, buckets, ref, report)
    finally:
        _remove(site, buckets, ref, report)


def _try(site: Site, buckets: Buckets, ref: ObjectRef, report: Report) -> None:
    if not report.done(site.uri, partial(buckets.put, ref, b"")):
        return
    try:
        tags = write_tags(site, ref)
        kept = site.objects.tags(ref)
    except Rejected as error:
        report.add(account.TAGS_NOT_KEPT, site.uri, f"The store refused a tag of ours: {error}.")
    except (LabelingError, Gone) as error:
        report.failed(site.uri, error)
    else:
        if kept != tags:
            report.add(
                account.TAGS_NOT_KEPT,
                site.uri,
                f"An object had other tags than those that were written: {escaped(str(kept))}.",
            )


def _remove(site: Site, buckets: Buckets, ref: ObjectRef, report: Report) -> None:
    """Remove the object, whatever became of its making. In a bucket with versions, its version is removed."""
    try:
        head = site.objects.head(ref).head
        if head is not None:
            buckets.delete(versioned(ref, head))
    except (LabelingError, Gone) as error:
        cause = f"An empty object that the doctor made may still be there: {error}."
        report.add(account.PROBE_LEFT, escaped(ref.uri), cause)
