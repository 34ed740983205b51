"""Describes the label functions for the emulator, and what commands need to work with the emulated clouds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from imagelabels.clouds import detectors, provider_of
from imagelabels.deploy.package.sources import PACKAGE, function_folder
from imagelabels.deploy.package.target import CLOUDS
from imagelabels.domain.errors import Misconfigured
from imagelabels.usecases.walk import Place

KEY = "emulator"
"""The emulator's access key has this id, and the same secret, unless it is started with another key."""

REGIONS = {"aliyun": "cn-hangzhou", "tencent": "ap-guangzhou"}
"""The emulator's account has everything in these regions."""


DETECTOR = "IMAGELABELS_DETECTOR"

FAILURES = "acs:mns:cn-hangzhou:1000000000000000:/queues/imagelabels-failures/messages"
"""The emulator's account has the queue of failed events under the name that it has in a deployment."""


@dataclass(frozen=True, slots=True)
class EmulatedClouds:
    """The emulator's port on this machine, the functions' index, and the detector of the one on Alibaba Cloud."""

    port: int
    index: str
    detector: str = "imm"
    given: Mapping[str, str] = field(default_factory=dict)
    """Settings of the user's, such as a budget, which the functions get too. Those that the emulated clouds need have
    the clouds' own values."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def functions(self, places: Iterable[Place]) -> list[dict[str, Any]]:
        """Describe a function for each place, in the form that the emulator's option --deploy reads.

        Misconfigured if no function labels what is there, or if a function would be described twice.
        """
        described: dict[str, dict[str, Any]] = {}
        for place in places:
            cloud = CLOUDS.get(provider_of(place.store).name)
            if cloud is None:
                raise Misconfigured(f"no function labels {place.store}://: name a bucket of OSS or COS")
            if cloud.name in described:
                raise Misconfigured(f"two buckets of {cloud.name} are named: name one, or edit the list")
            described[cloud.name] = {
                "cloud": cloud.name,
                "name": cloud.function,
                "code": str(function_folder(cloud.function)),
                "paths": [str(PACKAGE.parent)],
                "environment": self._given(place.store) | self._environment(cloud.name),
                "trigger": {"bucket": place.bucket} | ({"prefix": place.prefix} if place.prefix else {}),
            }
            if cloud.name == "aliyun":
                to_queue = {"onFailure": {"destination": FAILURES}}
                described[cloud.name]["asyncInvokeConfig"] = {"destinationConfig": to_queue}
        return list(described.values())

    def _environment(self, cloud: str) -> dict[str, str]:
        if cloud == "tencent":
            return {"IMAGELABELS_ENDPOINT_COS": self.address} | self.settings
        # On Alibaba Cloud the platform sets the region and the keys.
        ours = {name: value for name, value in self.settings.items() if name.startswith("IMAGELABELS_")}
        imm = {"IMAGELABELS_IMM_PROJECT": "imagelabels", "IMAGELABELS_ENDPOINT_IMM": self.address}
        detector = self._given("oss").get(DETECTOR, self.detector)
        oss = {"IMAGELABELS_ENDPOINT_OSS": self.address, DETECTOR: detector}
        return oss | (imm if detector == "imm" else {}) | ours

    def _given(self, scheme: str) -> dict[str, str]:
        """Return the user's settings, without a detector that does not read the store."""
        reads = detectors()[self.given.get(DETECTOR, self.detector)].reads
        return {name: value for name, value in self.given.items() if name != DETECTOR or reads in (None, scheme)}

    @property
    def settings(self) -> dict[str, str]:
        """Return the environment variables that the index needs outside Alibaba Cloud."""
        if not self.index.startswith("tablestore:"):
            return {"IMAGELABELS_INDEX": self.index}
        return {
            "IMAGELABELS_INDEX": self.index,
            "IMAGELABELS_ENDPOINT_TABLESTORE": self.address,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY,
            "FC_REGION": REGIONS["aliyun"],
        }

    @property
    def user_settings(self) -> dict[str, str]:
        """Return all variables that a user of the command line sets: the index, the keys, and the clouds' addresses."""
        return self.settings | {
            "IMAGELABELS_ENDPOINT_OSS": self.address,
            "IMAGELABELS_ENDPOINT_COS": self.address,
            "IMAGELABELS_ENDPOINT_IMM": self.address,
            "IMAGELABELS_ENDPOINT_FC": self.address,
            "IMAGELABELS_ENDPOINT_SMQ": self.address,
            "IMAGELABELS_ENDPOINT_SCF": self.address,
            "TENCENTCLOUD_REGION": REGIONS["tencent"],
            "TENCENTCLOUD_SECRETID": KEY,
            "TENCENTCLOUD_SECRETKEY": KEY,
        }
