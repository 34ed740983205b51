"""The provider's door."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from imagelabels.providers import tencent
from imagelabels.providers.tencent.ci.detector import CiDetector
from imagelabels.providers.tencent.cos.objects import CosObjects
from imagelabels.providers.tencent.scf.invoker import ScfInvoker
from imagelabels.providers.tencent.settings import TencentSettings
from tests.providers.tencent.scripted import credentials

SHARED = str(Path(__file__).parents[3] / "shared")


def test_the_door_opens_what_fits_the_ports() -> None:
    settings = TencentSettings.model_validate({"IMAGELABELS_CI_SCENES": "album", "IMAGELABELS_CI_THUMBNAIL": "false"})
    assert isinstance(tencent.open_objects(settings, credentials(), {}), CosObjects)
    detector = tencent.open_detector_ci(settings, credentials(), {}, 0.1)
    assert isinstance(detector, CiDetector)
    assert detector.setting == "ci detect-label scenes=album floor=0.1"
    settings = TencentSettings.model_validate({"TENCENTCLOUD_REGION": "ap-guangzhou"})
    assert isinstance(tencent.open_invoker(settings, credentials()), ScfInvoker)


@pytest.mark.story
def test_the_sdk_is_loaded_when_the_door_is_opened_and_not_before() -> None:
    code = """
import json, sys
from imagelabels.providers import tencent
from imagelabels.providers.tencent import credentials, events, settings
before = "qcloud_cos" in sys.modules
keys = credentials.TencentCredentials(credentials.TencentKeys("id", "secret"))
tencent.open_objects(settings.TencentSettings(), keys, {})
print(json.dumps([before, "qcloud_cos" in sys.modules]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": SHARED}, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [False, True]
