"""The provider's door."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from imagelabels.providers import aliyun
from imagelabels.providers.aliyun.fc2.invoker import Fc2Invoker
from imagelabels.providers.aliyun.fc3.invoker import Fc3Invoker
from imagelabels.providers.aliyun.oss.detector import OssDetector
from imagelabels.providers.aliyun.oss.objects import OssObjects
from imagelabels.providers.aliyun.settings import AliyunSettings
from tests.providers.aliyun.scripted import credentials

SETTINGS = AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou"})
SHARED = str(Path(__file__).parents[3] / "shared")


def test_the_door_opens_what_fits_the_ports() -> None:
    assert isinstance(aliyun.open_objects(SETTINGS, credentials()), OssObjects)
    detector = aliyun.open_detector_oss(SETTINGS, credentials(), 0.1)
    assert isinstance(detector, OssDetector)
    assert detector.setting == "oss image/labels floor=0.1"
    account = AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou", "IMAGELABELS_FC_ACCOUNT_ID": "1"})
    assert isinstance(aliyun.open_invoker_fc(account, credentials()), Fc3Invoker)
    assert isinstance(aliyun.open_invoker_fc2(account, credentials()), Fc2Invoker)


@pytest.mark.story
def test_the_sdk_is_loaded_when_the_door_is_opened_and_not_before() -> None:
    code = """
import json, sys
from imagelabels.providers import aliyun
from imagelabels.providers.aliyun import credentials, events, settings
before = "oss2" in sys.modules
keys = credentials.AliyunCredentials(credentials.AliyunKeys("id", "secret"))
aliyun.open_objects(settings.AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou"}), keys)
print(json.dumps([before, "oss2" in sys.modules]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": SHARED}, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [False, True]
