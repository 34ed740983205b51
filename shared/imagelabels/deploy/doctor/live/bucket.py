"""This module looks at how a bucket is set up."""

from __future__ import annotations

from imagelabels.deploy.checks import account
from imagelabels.deploy.doctor.live.report import Report
from imagelabels.deploy.doctor.live.target import Site
from imagelabels.domain.errors import NoBucket
from imagelabels.ports.buckets import Buckets
from imagelabels.views.printing import escaped


def look(site: Site, report: Report) -> bool:
    """Return whether there is such a bucket here, so that a look at its objects makes sense."""
    buckets: Buckets = site.session.buckets()
    bucket = site.target.bucket
    try:
        region = report.asked(site.uri, lambda: buckets.region(bucket))
    except NoBucket:
        cause = f"There is no bucket {escaped(bucket)} in the region {site.region}."
        report.add(account.BUCKET_UNKNOWN, site.uri, cause)
        return False
    if region is None:
        return True  # who may not ask for the region may still read objects
    if region != site.region:
        cause = f"The bucket is in the region {escaped(region)}, and the region that is set is {site.region}."
        report.add(account.BUCKET_REGION, site.uri, cause)
    if status := report.asked(site.uri, lambda: buckets.versioning(bucket)):
        cause = f"The bucket keeps versions of its objects: their state is {escaped(status)}."
        report.add(account.BUCKET_VERSIONED, site.uri, cause)
    if lock := report.asked(site.uri, lambda: buckets.retention(bucket)):
        report.add(account.BUCKET_LOCKED, site.uri, f"The bucket has {escaped(lock)}.")
    _look_at_routes(site, report.asked(site.uri, lambda: buckets.routing_tags(bucket)) or (), report)
    return True


def _look_at_routes(site: Site, keys: tuple[str, ...], report: Report) -> None:
    prefixes = tuple({policy.tag_prefix for policy in site.policies if policy.tag_limit})
    for key in keys:
        if key.startswith(prefixes):
            cause = f"MetaQuery sorts the bucket's objects by the tag {escaped(key)}, which is under our prefix."
            report.add(account.TAGS_ROUTE_DATASETS, site.uri, cause)
