"""What a function needs for its detector and its index: distributions, and rooms of this package."""

from __future__ import annotations

from collections.abc import Iterable

from imagelabels.deploy.package.target import Order

REQUIRED = {
    "base": ("pydantic", "aws-lambda-powertools", "feedgenerator", "jinja2", "standardwebhooks", "tomli"),
    "aliyun": ("oss2", "requests"),
    "tencent": ("cos-python-sdk-v5",),
    "imm": ("alibabacloud-imm20200930",),
    "tablestore": ("tablestore",),
    "embedded": ("onnxruntime", "numpy", "pillow"),
}
"""The distributions that each part imports itself; pyproject.toml has their bounds. A detector without a line here
needs nothing but its cloud's."""

PINNED = {("tencent", "embedded"): ("onnxruntime==1.16.3", "numpy<2", "pillow<12.3")}
"""The last wheels for the old system of SCF. Numpy 2 came after this onnxruntime, which was compiled for numpy 1."""

IMPORTED_FOR: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            # These have stand-ins in providers/kit/standins.py, or serve only what has one.
            "aiofiles",
            "aiohappyeyeballs",
            "aiohttp",
            "aiosignal",
            "aliyun-python-sdk-core",
            "aliyun-python-sdk-kms",
            "apscheduler",
            "async-timeout",
            "attrs",
            "cffi",
            "cryptography",
            "frozenlist",
            "multidict",
            "propcache",
            "pycparser",
            "pycryptodome",
            "tzlocal",
            "websocket-client",
            "yarl",
            # These are required by metadata alone, or for tools.
            "alibabacloud-tea-util",
            "coloredlogs",
            "future",
            "humanfriendly",
            "mpmath",
            "packaging",
            "sympy",
        ),
        frozenset[str](),
    ),
    "flatbuffers": frozenset({"tablestore"}),
    "numpy": frozenset({"embedded"}),
    "protobuf": frozenset({"tablestore"}),
}
"""Distributions that others require, and the parts whose functions really import them. For any other part they are left
out."""

UNUSED_IN: dict[str, tuple[str, ...]] = {
    "numpy": ("numpy/distutils/", "numpy/f2py/"),
    "onnxruntime": (
        "onnxruntime/datasets/",
        "onnxruntime/quantization/",
        "onnxruntime/tools/",
        "onnxruntime/transformers/",
    ),
    # A codec for Python 3.12 alone, of 14 MB; without it the SDK uses its codec in Python, as it does on 3.10.
    "tablestore": ("tablestore/ots_sdk/",),
}
"""Folders of distributions that nothing imports in any function."""

METADATA = frozenset({"crc32c"})
"""Distributions that read their own metadata when they are imported; that of all others is left out."""


def parts(order: Order) -> list[str]:
    """The keys of REQUIRED that apply."""
    wanted = ("base", order.cloud.name, order.detector, order.index)
    return [part for part in wanted if part in REQUIRED]


def required(order: Order) -> list[str]:
    """The names of the distributions that the order's function imports itself."""
    return [name for part in parts(order) for name in REQUIRED[part]]


def imported(order: Order, names: Iterable[str]) -> list[str]:
    """The names without those that nothing imports in the order's function."""
    applying = frozenset(parts(order))
    return [name for name in names if name not in IMPORTED_FOR or IMPORTED_FOR[name] & applying]


def rooms(order: Order) -> list[str]:
    """The folders of imagelabels/providers/ that the function works with; each has a door of its own."""
    chosen = {order.cloud.name, "kit"}
    if order.index == "tablestore":
        chosen.add("aliyun")
    if order.index == "sqlite":
        chosen.add("sqlite")
    if order.detector == "embedded":
        chosen.add("onnx")
    return sorted(chosen)


def left_out(order: Order) -> list[str]:
    """Modules, with all that is in them, that the doors of the chosen rooms name but this function never opens."""
    unused = ["imagelabels.cli", "imagelabels.deploy", "imagelabels.providers.onnx.build"]
    # These ask the stores with a person's keys, for the API on this machine.
    unused += ["imagelabels.api.stores"]
    # A function is invoked, and invokes none.
    unused += [f"imagelabels.providers.{name}" for name in ("aliyun.fc3", "aliyun.fc2", "tencent.scf")]
    unused += [f"imagelabels.providers.{name}.invocation_event" for name in ("aliyun", "tencent")]
    if order.index != "tablestore":
        unused.append("imagelabels.providers.aliyun.tablestore")
    if order.detector != "imm":
        unused.append("imagelabels.providers.aliyun.imm")
    if order.detector != "oss":
        unused.append("imagelabels.providers.aliyun.oss.detector")
    if order.cloud.name != "aliyun":
        unused.append("imagelabels.providers.aliyun.oss")
    if order.detector != "ci":
        unused.append("imagelabels.providers.tencent.ci")
    return unused
