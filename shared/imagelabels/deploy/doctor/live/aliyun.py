"""This module looks at an account of Alibaba Cloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from imagelabels.deploy.doctor.finding import Finding
from imagelabels.deploy.doctor.live import bucket, index, objects, probe
from imagelabels.deploy.doctor.live.report import Report
from imagelabels.deploy.doctor.live.target import Target, opened
from imagelabels.providers.aliyun import PROVIDER


def findings(target: Target, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is wrong on the account. Misconfigured if the settings in the environment are wrong themselves."""
    site = opened(PROVIDER, target, environ)
    report = Report()
    if bucket.look(site, report):
        objects.look(site, report)
        if target.probe:
            probe.look(site, report)
    yield from report.taken()
    index.look(site, report)
    yield from report.taken()
