"""The platforms that packages are made for, and the orders that `imagelabels package` takes."""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.clouds import alternatives
from imagelabels.domain.errors import Misconfigured

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where a cloud's functions find their code and their layer, and how large both may be."""

    name: str
    function: str
    """The folder of functions/ that labels pictures. Its entry point is index.py in the archive of the code."""
    album_function: str
    """The folder of functions/ that answers over HTTP. Its entry point is album.py in the same archive."""
    webhooks_function: str
    """The folder of functions/ that works for webhooks. Its entry point is webhooks.py in the same archive."""
    runtimes: dict[str, tuple[int, int]]
    """The GLIBC version of the system that each runtime stands on."""
    detectors: tuple[str, ...]
    """The first is the one that a package is made for unless another is named."""
    code_folder: str
    """Where the platform unpacks the archive of the code."""
    layer_prefix: str
    """The folder inside the layer's archive that the platform puts on Python's path; it ends in a slash or is empty."""
    archive_limit: int
    """Bytes that an archive of code or layer may have."""
    unpacked_limit: int
    """Bytes that code and layer may unpack to together."""

    @property
    def layer_folder(self) -> str:
        """Where the distributions are on the platform: every layer is unpacked in /opt."""
        return f"/opt/{self.layer_prefix}".rstrip("/")


INDEXES = ("tablestore", "sqlite")

CLOUDS = {
    cloud.name: cloud
    for cloud in (
        Cloud(
            "aliyun",
            "aliyun_label",
            "aliyun_album",
            "aliyun_webhooks",
            # Debian 10 and Debian 11: https://help.aliyun.com/zh/functioncompute/fc/python
            {"python3.10": (2, 28), "python3.12": (2, 31)},
            ("imm", "oss", "embedded"),
            "/code",
            # https://www.alibabacloud.com/help/en/functioncompute/fc/create-a-custom-layer
            "python/",
            # The main regions take 500 MB, the others 100 MB.
            100 * MEGABYTE,
            # Unproven largest-unpacked: Function Compute takes a package that is unpacked up to 512 MB,
            #   the smallest disk of an instance.
            # Why: no page names a limit of what is unpacked.
            # Ask: UpdateFunction with a zip file of 600 MB of zeros: status and code.
            512 * MEGABYTE,
        ),
        Cloud(
            "tencent",
            "tencent_label",
            "tencent_album",
            "tencent_webhooks",
            # CentOS 7: https://cloud.tencent.com/document/product/583/55594
            {"python3.10": (2, 17)},
            ("ci", "embedded"),
            "/var/user",
            # PYTHONPATH is /var/user:/opt: https://cloud.tencent.com/document/product/583/84282
            "",
            # https://cloud.tencent.com/document/product/583/11637: 500 MB unpacked, layers included. What is sent from
            # COS, as an archive above 50 MB must be, has no other limit that a page names.
            500 * MEGABYTE,
            500 * MEGABYTE,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Order:
    """One package that is asked for: its cloud and runtime, and what its function works with."""

    cloud: Cloud
    runtime: str
    detector: str
    index: str

    @property
    def python(self) -> tuple[int, int]:
        """Major and minor version of the target's interpreter."""
        major, minor = self.runtime.removeprefix("python").split(".")
        return int(major), int(minor)

    @property
    def glibc(self) -> tuple[int, int]:
        """The newest GLIBC that a library in the package may need."""
        return self.cloud.runtimes[self.runtime]

    @property
    def name(self) -> str:
        """Names the order's lock."""
        return f"{self.cloud.name}-{self.runtime}-{self.detector}-{self.index}"

    @property
    def platforms(self) -> list[str]:
        """The platform tags of wheels that run there, the newest first.

        Old wheels have names in place of numbers: https://peps.python.org/pep-0600/#legacy-manylinux-tags
        """
        names = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
        tags: list[str] = []
        for minor in range(self.glibc[1], 4, -1):
            tags.append(f"manylinux_2_{minor}_x86_64")
            if minor in names:
                tags.append(f"{names[minor]}_x86_64")
        return [*tags, "linux_x86_64"]


def order(cloud: str, runtime: str | None = None, detector: str | None = None, index: str | None = None) -> Order:
    """The order in these words; Misconfigured names what the cloud has where it lacks what is asked for."""
    if cloud not in CLOUDS:
        raise Misconfigured(f"{cloud!r} is no cloud that packages are made for: use {alternatives(list(CLOUDS))}")
    chosen = CLOUDS[cloud]
    return Order(
        chosen,
        _choice(runtime, list(chosen.runtimes), f"{cloud} has no runtime"),
        _choice(detector, chosen.detectors, f"a function on {cloud} has no detector"),
        _choice(index, INDEXES, f"a function on {cloud} has no index"),
    )


def orders() -> list[Order]:
    """Every package that can be made."""
    return [
        Order(cloud, runtime, detector, index)
        for cloud in CLOUDS.values()
        for runtime in cloud.runtimes
        for detector in cloud.detectors
        for index in INDEXES
    ]


def _choice(value: str | None, known: tuple[str, ...] | list[str], wrong: str) -> str:
    if value is None:
        return known[0]
    if value not in known:
        raise Misconfigured(f"{wrong} {value!r}: use {alternatives(known)}")
    return value
