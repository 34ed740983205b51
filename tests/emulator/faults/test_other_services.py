"""Faults of IMM, of queues and of the services that invoke functions, as the vendors' SDKs meet them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from emulator.tencent.scf.platform import ServerlessCloudFunction
from tests.emulator.aliyun.imm.running import RunningImm, refused
from tests.emulator.aliyun.smq.running import failing, queue_of
from tests.emulator.aliyun.smq.running import refused as refused_by_smq
from tests.emulator.faults.running import Emulated, emulated
from tests.emulator.invoking import RunningFunctions, deployed

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
SOURCE = "def handler(event, context): return event"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Emulated]:
    fc, scf = (
        deployed(tmp_path, "fc", source=SOURCE),
        deployed(tmp_path, "scf", ServerlessCloudFunction(), source=SOURCE),
    )
    with emulated(tmp_path / "data", fc, scf, failing(tmp_path, "failing")) as started:
        yield started


@pytest.fixture
def functions(running: Emulated) -> Iterator[RunningFunctions]:
    clients = RunningFunctions(running.oss.server, running.oss.keyring)
    yield clients
    clients.close()


def test_imm_refuses_a_paid_call_by_the_key_of_its_picture_and_throttles_in_its_own_words(running: Emulated) -> None:
    stores: Any = None
    imm = RunningImm(running.oss.server, stores, running.oss.keyring, running.oss.stack)
    for key in ("a.jpg", "b.jpg"):
        running.oss.bucket().put_object(key, b"picture")
    running.rules({"do": "error", "service": "imm", "key": "a*", "code": "InternalError"})
    assert refused(imm.labels, "oss://photos/a.jpg")[:2] == (500, "InternalError")
    assert imm.labels("oss://photos/b.jpg").labels == []
    (paid,) = running.control("GET", "calls?since=0&detected=true")[1]["calls"]
    assert (paid["service"], paid["bucket"], paid["key"], paid["detected"]) == ("IMM", "photos", "b.jpg", "labels")
    running.rules({"do": "throttle", "service": "imm", "per_second": 0})
    assert refused(imm.labels, "oss://photos/b.jpg")[:2] == (429, "Throttling.User")


def test_an_invocation_is_refused_by_the_name_of_its_function(running: Emulated, functions: RunningFunctions) -> None:
    running.rules(
        {"do": "throttle", "service": "fc", "key": "fc", "per_second": 0},
        {"do": "error", "service": "scf", "key": "scf", "code": "InternalError"},
    )
    with pytest.raises(AlibabaCloudException) as of_fc:
        functions.fc3("fc", b"{}")
    assert (of_fc.value.status_code, of_fc.value.code) == (429, "ResourceExhausted")
    with pytest.raises(TencentCloudSDKException) as of_scf:
        functions.scf("scf", {})
    assert of_scf.value.code == "InternalError"
    assert [function.runtime.invocations for function in running.functions] == [0, 0, 0]
    running.control("DELETE", "faults")
    assert functions.fc3("fc", b"{}").body == b"{}"
    assert functions.scf("scf", {}).RetMsg == "{}"


def test_a_queue_is_throttled_by_its_name_in_its_own_words(running: Emulated, functions: RunningFunctions) -> None:
    running.rules({"do": "throttle", "service": "smq", "key": "failures", "per_second": 0})
    with queue_of(functions) as queue, refused_by_smq("QpsLimitExceeded"):
        queue.receive_message()
    running.control("DELETE", "faults")
    with queue_of(functions) as queue, refused_by_smq("MessageNotExist"):
        queue.receive_message()
