"""The functions of a storm, as the emulator deploys them: one for each bucket, and one more that gets events twice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.storm.buckets import APPID, KEY, NAMES, OSS_REGION
from benchmarks.storm.clients import TWICE
from benchmarks.storm.options import Options

ROOT = Path(__file__).resolve().parent.parent.parent
TIMEOUT = 90
"""Seconds, as in the templates of the deployment."""


def buckets() -> list[str]:
    """Return the URIs of all buckets."""
    return [*(f"oss://{name}" for name in NAMES), *(f"cos://{name}-{APPID}" for name in NAMES)]


def detectors(options: Options) -> dict[str, str]:
    """Return each bucket's detector.

    IMM cannot name a version. If a version that came during the call is removed again, its labels are stored for the
    older one, as docs/architecture.md says. So the bucket with versions asks OSS, which can.
    """
    on_oss = {"imm": "imm", "oss": "oss", "ci": "embedded", "embedded": "embedded"}[options.detector]
    on_cos = "embedded" if options.detector == "embedded" else "ci"
    names = {bucket: on_oss if bucket.startswith("oss:") else on_cos for bucket in buckets()}
    return {bucket: "oss" if name == "imm" and "-versions" in bucket else name for bucket, name in names.items()}


def described(options: Options, port: int, index: str, code: Path = ROOT) -> list[dict[str, Any]]:
    """Describe the functions in the form that the emulator's option --deploy reads. Their code is in the folder."""
    asked = detectors(options)
    functions = []
    for bucket in buckets():
        store, _, name = bucket.partition("://")
        function = _function(store, port, index, asked[bucket], code)
        short = name.removesuffix(f"-{APPID}").replace("-", "_")
        function["instances"] = options.instances
        functions.append({"name": f"{store}_{short}", "trigger": {"bucket": name}, **function})
        if short == "storm":
            twice = {"bucket": name, "prefix": TWICE}
            functions.append({"name": f"{store}_{short}_twice", "trigger": twice, **function})
    return functions


def _function(store: str, port: int, index: str, detector: str, code: Path) -> dict[str, Any]:
    address = f"http://127.0.0.1:{port}"
    cloud = {"oss": "aliyun", "cos": "tencent"}[store]
    environment = {"IMAGELABELS_DETECTOR": detector, f"IMAGELABELS_ENDPOINT_{store.upper()}": address}
    if detector == "imm":
        environment |= {"IMAGELABELS_ENDPOINT_IMM": address, "IMAGELABELS_IMM_PROJECT": "imagelabels"}
    environment |= index_settings(index, port)
    # The platform of Alibaba Cloud sets the region and the keys, and refuses variables with their names.
    kept = {name: value for name, value in environment.items() if store == "cos" or name.startswith("IMAGELABELS_")}
    return {
        "cloud": cloud,
        "code": str(code / "functions" / f"{cloud}_label"),
        "paths": [str(code / "shared")],
        "environment": kept,
        "timeout": TIMEOUT,
    }


def index_settings(index: str, port: int) -> Mapping[str, str]:
    """Return the variables that the index needs outside Alibaba Cloud."""
    if index.startswith("sqlite:"):
        return {"IMAGELABELS_INDEX": index}
    return {
        "IMAGELABELS_INDEX": index,
        "IMAGELABELS_ENDPOINT_TABLESTORE": f"http://127.0.0.1:{port}",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY,
        "FC_REGION": OSS_REGION,
    }
