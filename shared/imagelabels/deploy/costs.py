"""Says what a deployment costs each month while no picture arrives."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from imagelabels.deploy.price_file import shipped
from imagelabels.domain import costs
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.prices import Estimate

_PACKAGES_GB = {"embedded": Decimal("0.05")}
_SMALL_PACKAGES_GB = Decimal("0.01")
"""The archives of code and layer have about this size (docs/packages.md)."""


def idle(cloud: str, parameters: Mapping[str, object]) -> Estimate:
    """Estimate a month without pictures, from the parameters of the stack (aliyun) or of the plan (tencent).

    A parameter that is not there counts as its default.
    """
    packages = _PACKAGES_GB.get(str(parameters.get("Detector", "")), _SMALL_PACKAGES_GB)
    if cloud == "aliyun":
        return costs.idle_aliyun(shipped(), packages)
    if cloud == "tencent":
        uploaded = packages if parameters.get("PackageBucket") else Decimal(0)
        return costs.idle_tencent(shipped(), uploaded, str(parameters.get("Index", "")).startswith("tablestore:"))
    raise Misconfigured(f"the costs of {cloud} are not known: name aliyun or tencent")
