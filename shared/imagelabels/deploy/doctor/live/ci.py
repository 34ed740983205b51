"""This module asks whether Cloud Infinite works on the bucket. It asks about no picture, which would be billed."""

from __future__ import annotations

from imagelabels.deploy.checks import account
from imagelabels.deploy.doctor.live.report import Report
from imagelabels.deploy.doctor.live.target import Site


def look(site: Site, report: Report) -> None:
    """Make one call, unless Cloud Infinite is not asked at all."""
    if site.detector.name != "ci":
        return
    bucket = site.target.bucket
    if report.asked(site.uri, lambda: site.session.buckets().recognised(bucket)) is False:
        cause = f"Cloud Infinite does not list the bucket {bucket} among those with AI content recognition."
        report.add(account.CI_NOT_ENABLED, site.uri, cause)
