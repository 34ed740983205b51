"""The provider's door to Tablestore."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from imagelabels.providers import aliyun
from imagelabels.providers.aliyun.settings import AliyunSettings
from imagelabels.providers.aliyun.tablestore.label_index import TablestoreLabelIndex
from imagelabels.providers.aliyun.tablestore.ledger import TablestoreLedger
from tests.providers.aliyun.scripted import credentials

SETTINGS = AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou"})
SHARED = str(Path(__file__).parents[4] / "shared")


def test_the_door_opens_what_fits_the_ports_at_the_instances_own_address() -> None:
    ledger = aliyun.open_ledger(SETTINGS, credentials(), "photos-inst")
    assert isinstance(ledger, TablestoreLedger)
    assert isinstance(aliyun.open_label_index(SETTINGS, credentials(), "photos-inst"), TablestoreLabelIndex)
    assert ledger._instance.sdk.host == "https://photos-inst.cn-hangzhou.vpc.tablestore.aliyuncs.com"


def test_an_endpoint_that_is_set_is_the_one_that_is_asked() -> None:
    public = "https://photos-inst.cn-hangzhou.ots.aliyuncs.com"
    settings = AliyunSettings.model_validate(
        {"FC_REGION": "cn-hangzhou", "IMAGELABELS_ENDPOINT_TABLESTORE": f"{public}/"}
    )
    ledger = aliyun.open_ledger(settings, credentials(), "photos-inst")
    assert isinstance(ledger, TablestoreLedger)
    assert ledger._instance.sdk.host == public


@pytest.mark.parametrize("wrong", ["photos-inst", "https://host/path", "ftp://host"])
def test_an_endpoint_that_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="IMAGELABELS_ENDPOINT_TABLESTORE"):
        AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou", "IMAGELABELS_ENDPOINT_TABLESTORE": wrong})


def run(code: str) -> subprocess.CompletedProcess[str]:
    head = """
import json, sys
from imagelabels.providers import aliyun
from imagelabels.providers.aliyun import credentials, settings
keys = credentials.AliyunCredentials(credentials.AliyunKeys("id", "secret"))
cloud = settings.AliyunSettings.model_validate({"FC_REGION": "cn-hangzhou"})
"""
    environ = {"PYTHONPATH": SHARED}
    return subprocess.run([sys.executable, "-c", head + code], env=environ, capture_output=True, text=True, check=True)


@pytest.mark.story
def test_the_sdk_is_loaded_by_an_index_in_tablestore_alone_and_says_nothing_in_the_log() -> None:
    done = run(
        """
aliyun.open_objects(cloud, keys)
before = "tablestore" in sys.modules
aliyun.open_ledger(cloud, keys, "photos-inst")
print(json.dumps([before, "tablestore" in sys.modules]))
"""
    )
    assert json.loads(done.stdout) == [False, True]
    assert done.stderr == ""
