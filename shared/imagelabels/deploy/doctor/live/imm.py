"""This module looks for the IMM project that the detector asks. It asks about no picture, which would be billed."""

from __future__ import annotations

from imagelabels.deploy.checks import account
from imagelabels.deploy.checks.function import IMM_PROJECT
from imagelabels.deploy.doctor.live.report import Report
from imagelabels.deploy.doctor.live.target import Site
from imagelabels.providers.aliyun.account import open_projects


def look(site: Site, report: Report) -> None:
    """Make at most one call."""
    if site.detector.name not in ("imm", "oss"):
        return
    projects = open_projects(site.session.settings, site.session.credentials)
    if site.detector.name == "oss":
        bucket = site.target.bucket
        if report.asked(site.uri, lambda: projects.bound_to(bucket)) == "":
            report.add(account.IMM_BINDING_MISSING, site.uri, f"The bucket {bucket} is bound to no IMM project.")
        return
    project = site.session.settings.imm_project
    if not project:
        report.add(IMM_PROJECT, "IMAGELABELS_IMM_PROJECT", "IMAGELABELS_IMM_PROJECT is not set.")
    elif report.asked(f"IMM project {project}", lambda: projects.exists(project)) is False:
        cause = f"There is no IMM project {project} in the region {site.region}."
        report.add(account.IMM_PROJECT_MISSING, f"IMM project {project}", cause)
