"""The entry point on Alibaba Cloud: what it loads before the first event, and what it needs to be deployed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INDEX = ROOT / "functions" / "aliyun_label" / "index.py"

HEAVY = {"oss2", "numpy", "onnxruntime", "PIL", "boto3", "rich", "aiohttp", "tablestore", "qcloud_cos"}
HEAVY |= {"alibabacloud_imm20200930", "alibabacloud_tea_openapi", "darabonba"}


def loaded_by_importing_the_entry_point() -> set[str]:
    program = "import sys, json, index; print(json.dumps(sorted(sys.modules)))"
    environ = {"PYTHONPATH": str(ROOT / "shared")}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=INDEX.parent, env=environ, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.story
def test_a_cold_start_loads_no_sdk_and_no_model_before_it_knows_that_it_needs_them() -> None:
    loaded = loaded_by_importing_the_entry_point()
    assert "imagelabels.providers.aliyun.events" in loaded
    assert HEAVY & loaded == set()
    assert not any(name.startswith(("imagelabels.providers.tencent", "imagelabels.wiring_")) for name in loaded)
    assert not any(name.startswith(("emulator", "imagelabels.cli", "imagelabels.pictures.picture.")) for name in loaded)


def test_the_entry_point_stays_thin() -> None:
    assert len(INDEX.read_text().splitlines()) <= 30
