"""This module looks at how a bucket is set up."""

from __future__ import annotations

from imagelabels.deploy.doctor.live.report import Report
from imagelabels.deploy.doctor.live.target import Site
from imagelabels.domain.errors import NoBucket
from imagelabels.ports import Buckets
from imagelabels.views.printing import escaped


def look(site: Site, report: Report) -> bool:
    """Return whether there is such a bucket here, so that a look at its objects makes sense."""
    buckets: Buckets = site.session.buckets()
    try:
        region = report.asked(site.uri, lambda: buckets.region(site.target.bucket))
    except NoBucket:
        report.error(
            "bucket-unknown",
            site.uri,
            f"There is no bucket {site.target.bucket} in the region {site.region}.",
            "No object is labelled.",
            "Correct the bucket's name or the region, or create the bucket.",
        )
        return False
    if region is not None and region != site.region:
        report.error(
            "bucket-region",
            site.uri,
            f"The bucket is in the region {escaped(region)}, and the region that is set is {site.region}.",
            "A function reaches only buckets of its own region, and requests are signed for the region that is set.",
            "Set the bucket's region, and deploy the function there.",
        )
    if region is not None:
        _setup(site, buckets, report)
    return region is not None


def _setup(site: Site, buckets: Buckets, report: Report) -> None:
    bucket = site.target.bucket
    if status := report.asked(site.uri, lambda: buckets.versioning(bucket)):
        report.warning(
            "versioned-bucket",
            site.uri,
            f"The bucket keeps versions of its objects (its state is {escaped(status)}).",
            "Each version has tags of its own: older versions keep the tags that they had, those are billed too, and "
            "the detector imm cannot name the version that it looks at.",
            "Nothing must be done. Give the role the permissions for versions too, and prefer another detector than "
            "imm where objects are overwritten often.",
        )
    if lock := report.asked(site.uri, lambda: buckets.retention(bucket)):
        report.error(
            "retention",
            site.uri,
            f"The bucket has {escaped(lock)}.",
            "Until an object's time is over, the store refuses changes to it, and that may include tags.",
            "Set IMAGELABELS_TAG_LIMIT=0 and use the index alone, or label the objects before they are locked.",
        )
    keys = report.asked(site.uri, lambda: buckets.routing_tags(bucket)) or ()
    prefixes = {policy.tag_prefix for policy in site.policies if policy.tag_limit}
    for key in keys:
        if any(key.startswith(prefix) for prefix in prefixes):
            report.warning(
                "tags-route-datasets",
                site.uri,
                f"The bucket's MetaQuery sorts objects into data sets by the tag {escaped(key)}, which is under our "
                "prefix.",
                "Each label that we write or remove moves objects between data sets.",
                "Set IMAGELABELS_TAG_PREFIX to another prefix. A RouteRule cannot be changed once it is open.",
            )
