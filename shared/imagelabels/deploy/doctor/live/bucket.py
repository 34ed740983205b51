"""This module looks at how a bucket is set up."""

from __future__ import annotations

from imagelabels.deploy.checks import account
from imagelabels.deploy.doctor.live.report import FORBIDDEN, Report, sentence
from imagelabels.deploy.doctor.live.target import Site
from imagelabels.domain.errors import Gone, LabelingError, Misconfigured
from imagelabels.ports.buckets import Buckets
from imagelabels.views.printing import escaped

_ELSEWHERE = "redirected:"
"""The adapter says so if OSS wants to be asked at the address of another region."""


def look(site: Site, report: Report) -> bool:
    """Return whether there is such a bucket here, so that a look at its objects makes sense."""
    buckets: Buckets = site.session.buckets()
    bucket = site.target.bucket
    try:
        region = buckets.region(bucket)
    except Gone:
        cause = f"There is no bucket {escaped(bucket)} in the region {site.region}."
        report.add(account.BUCKET_UNKNOWN, site.uri, cause)
        return False
    except LabelingError as error:
        return _refused(site, error, report)
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


def _refused(site: Site, error: LabelingError, report: Report) -> bool:
    """Add why the bucket's region is not known. Who may not ask for it may still read objects."""
    if isinstance(error, Misconfigured) and FORBIDDEN not in str(error):
        check = account.BUCKET_REGION if _ELSEWHERE in str(error) else account.CALL_REFUSED
        report.add(check, site.uri, sentence(error))
        return False
    report.unanswered(site.uri, error)
    return isinstance(error, Misconfigured)


def _look_at_routes(site: Site, keys: tuple[str, ...], report: Report) -> None:
    prefixes = tuple({policy.tag_prefix for policy in site.policies if policy.tag_limit})
    for key in keys:
        if key.startswith(prefixes):
            cause = f"MetaQuery sorts the bucket's objects by the tag {escaped(key)}, which is under our prefix."
            report.add(account.TAGS_ROUTE_DATASETS, site.uri, cause)
