"""What an event comes to when IMM is the detector: what is kept, what is tried again, what was paid for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import Outcome
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.taxonomy import load
from imagelabels.providers import aliyun
from imagelabels.providers.aliyun import account
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.imm.client import Imm
from imagelabels.providers.aliyun.imm.detector import ImmDetector
from imagelabels.providers.aliyun.settings import AliyunSettings
from imagelabels.usecases.calling import TRIES
from tests.emulator.aliyun.imm.running import PROJECT, running_imm
from tests.emulator.running import ROOT
from tests.providers.aliyun.scripted import credentials
from tests.scripted import Answer, Server
from tests.world import J, K, World

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

SHARED = Path(__file__).parents[4] / "shared"
REGION = {"FC_REGION": "cn-hangzhou"}


def error(status: int, code: str) -> Answer:
    return Answer(status, {"Content-Type": "application/json"}, json.dumps({"RequestId": "r", "Code": code}).encode())


@pytest.fixture
def world(server: Server) -> Iterator[World]:
    """Two keys with the same picture."""
    world = World()
    detector = ImmDetector(Imm(server.endpoint, "photos", credentials()), 0.1, load())
    world.detector = detector  # type: ignore[assignment]
    world.user_puts(K, "dog")()
    world.user_puts(J, "dog")()
    yield world
    detector.close()


def test_a_refusal_is_paid_once_and_kept_for_the_content(server: Server, world: World) -> None:
    server.will(error(400, "ImageDamage"))
    assert world.worker().gets(K) == Outcome(State.SKIPPED, Reason.CORRUPT, (), (), 1)
    assert world.worker().gets(J) == Outcome(State.SKIPPED, Reason.CORRUPT, (), (), 0)
    assert len(server.asked) == 1


@pytest.mark.parametrize(("status", "times"), [(429, TRIES), (500, 1), (503, TRIES)])
def test_no_request_is_sent_that_the_budget_has_not_counted(
    server: Server, world: World, status: int, times: int
) -> None:
    server.will(*[error(status, "InternalError" if status == 500 else "Throttling.User")] * times)
    world.worker().gets(K)
    assert world.ledger.spending("imm", world.clock.store).total == len(server.asked) == times


@pytest.mark.parametrize(
    ("status", "code", "reason"), [(404, "ResourceNotFound", "detector_unbound"), (403, "NoPermission", "forbidden")]
)
def test_what_a_person_must_mend_is_paid_once_and_parks_the_others_unasked(
    server: Server, world: World, status: int, code: str, reason: str
) -> None:
    server.will(error(status, code))
    assert world.worker().gets(K) == Outcome(State.PARKED, Reason(reason), (), (), 1)
    assert world.worker().gets(J) == Outcome(State.PARKED, Reason(reason), (), (), 0)
    assert len(server.asked) == 1


def test_throttling_on_every_call_waits_for_the_platform_and_refuses_nothing(server: Server, world: World) -> None:
    server.will(*[error(429, "Throttling.User")] * TRIES, *[error(503, "ServiceUnavailable")] * TRIES)
    assert world.worker().gets(K) == "throttled"
    assert world.worker().gets(K) == "throttled"
    label = {"LabelName": "狗", "LabelConfidence": 0.9, "Language": "zh-Hans"}
    server.will(Answer(body=json.dumps({"Labels": [label], "RequestId": "r"}).encode()))
    assert world.worker().gets(K) == Outcome(State.LABELLED, None, (), ("dog",), 1)
    assert len(server.asked) == 2 * TRIES + 1
    assert world.ledger.spending("imm", world.clock.store).total == len(server.asked)


def test_the_door_opens_what_fits_the_port() -> None:
    settings = AliyunSettings.model_validate(REGION | {"IMAGELABELS_IMM_PROJECT": "photos"})
    assert settings.endpoint_imm == "https://imm.cn-hangzhou.aliyuncs.com"
    detector = aliyun.open_detector_imm(settings, credentials(), 0.1)
    assert isinstance(detector, ImmDetector)
    assert (detector.name, detector.paid, detector.formats) == ("imm", True, frozenset({"jpeg", "png"}))


def _checked(endpoint: str, project: str) -> None:
    named = {"IMAGELABELS_IMM_PROJECT": project, "IMAGELABELS_ENDPOINT_IMM": endpoint}
    keys = AliyunCredentials(AliyunKeys(ROOT.id, ROOT.secret))
    account.check_imm(AliyunSettings.model_validate(REGION | named), keys)


def test_a_mistyped_project_would_be_found_only_by_calls_that_are_billed(tmp_path: Path) -> None:
    with running_imm(tmp_path) as imm:
        _checked(imm.endpoint, PROJECT)
        with pytest.raises(
            Misconfigured, match="IMAGELABELS_IMM_PROJECT: there is no IMM project 'mistyped'"
        ) as caught:
            _checked(imm.endpoint, "mistyped")
    assert caught.value.reason == Reason.DETECTOR_UNBOUND


@pytest.mark.parametrize(
    "answer", [error(403, "NoPermission"), error(503, "ServiceUnavailable"), error(404, "InvalidAccessKeyId.NotFound")]
)
def test_keys_that_may_only_call_the_detector_would_not_be_enough(server: Server, answer: Answer) -> None:
    server.will(answer)
    _checked(server.endpoint, PROJECT)
    assert len(server.asked) == 1


def test_without_a_project_it_does_not_start_and_names_the_setting() -> None:
    with pytest.raises(Misconfigured, match="IMAGELABELS_IMM_PROJECT is not set"):
        aliyun.open_detector_imm(AliyunSettings.model_validate(REGION), credentials(), 0.1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IMM_PROJECT", "a project"),
        ("IMM_CREDENTIAL_CONFIG", "reader"),
        ("IMM_CREDENTIAL_CONFIG", "[]"),
        ("IMM_CREDENTIAL_CONFIG", '{"Role": "reader"}'),
        ("ENDPOINT_IMM", "imm.cn-hangzhou.aliyuncs.com"),
    ],
)
def test_a_wrong_setting_of_imm_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        AliyunSettings.model_validate(REGION | {f"IMAGELABELS_{name}": value})
    assert caught.value.errors()[0]["loc"][0] == f"IMAGELABELS_{name}"


@pytest.mark.story
@pytest.mark.parametrize("detector", ["oss", "imm"])
def test_a_function_loads_the_sdk_of_imm_only_when_it_is_chosen(detector: str, tmp_path: Path) -> None:
    code = """
import json, sys
from types import SimpleNamespace
from imagelabels import wiring
keys = SimpleNamespace(access_key_id="id", access_key_secret="secret", security_token="token")
before = "alibabacloud_imm20200930" in sys.modules
wiring.function("oss", SimpleNamespace(credentials=keys))
print(json.dumps([before, "alibabacloud_imm20200930" in sys.modules]))
"""
    environ = {
        "PYTHONPATH": str(SHARED),
        "FC_REGION": "cn-hangzhou",
        "IMAGELABELS_INDEX": f"sqlite:///{tmp_path}/labels.db",
        "IMAGELABELS_DETECTOR": detector,
        "IMAGELABELS_IMM_PROJECT": "photos",
    }
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == [False, detector == "imm"]
