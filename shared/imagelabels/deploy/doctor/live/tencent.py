"""This module looks at an account of Tencent Cloud."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.doctor.live import ci, looks
from imagelabels.deploy.doctor.live.target import Target, opened
from imagelabels.providers.tencent import PROVIDER


def findings(target: Target, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is wrong on the account. Misconfigured if the settings in the environment are wrong themselves."""
    return looks.findings(opened(PROVIDER, target, environ), ci.look)
