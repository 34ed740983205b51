"""This module offers the form of a finding to the checks of a live account."""

from imagelabels.deploy.checks.finding import Finding, Severity

__all__ = ["Finding", "Severity"]
