"""This module looks at one thing on an account after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.doctor.live import bucket, function, index, objects, probe
from imagelabels.deploy.doctor.live.report import Report
from imagelabels.deploy.doctor.live.target import Site


def findings(site: Site, look_at_detector: Callable[[Site, Report], None]) -> Iterator[Finding]:
    """Yield findings as soon as they are known. `look_at_detector` asks the cloud about the detector of a bucket."""
    report = Report()
    if bucket.look(site, report):
        objects.look(site, report)
        yield from report.taken()
        if site.target.probe:
            probe.look(site, report)
            yield from report.taken()
        look_at_detector(site, report)
    yield from report.taken()
    index.look(site, report)
    yield from report.taken()
    if site.target.function:
        function.look(site, report)
        yield from report.taken()
