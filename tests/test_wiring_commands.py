"""What commands on stored objects are built from: a detector that is known, and never opened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from imagelabels import clouds, wiring, wiring_commands, wiring_platforms
from imagelabels.api.stores import Stores
from imagelabels.deploy.price_file import shipped
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectChange, ObjectRef
from imagelabels.ports import LabelDetector, traits_of
from imagelabels.providers import sqlite
from imagelabels.usecases.correct import Said, correct
from imagelabels.usecases.relabel import relabel
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.undo import undo
from imagelabels.usecases.why import why
from imagelabels.wiring_commands import Billing
from tests.emulator.aliyun.imm.running import running_imm
from tests.emulator.running import ROOT
from tests.fakes import FakeObjects, jpeg
from tests.toy import cloud, index
from tests.toy.cloud.room import room
from tests.toy.index.shelf import shelf

TEDDY = ObjectRef("toy", "attic", "2026/teddy.jpg")
BEAR = "toy:Teddybär"
KEYS = SimpleNamespace(access_key_id="id", access_key_secret="secret", security_token="token")


def cannot_be_opened(*_: object) -> LabelDetector:
    raise Misconfigured("the detector's project is not set")


@pytest.fixture
def attic(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeObjects]:
    """A room of the toy cloud with one labelled picture, after which its detector cannot be opened any more."""
    for cached in (wiring._built, room, shelf):
        cached.cache_clear()
    monkeypatch.setenv("TOY_KEY", "key")
    monkeypatch.setenv("IMAGELABELS_TOY_ROOM", "attic")
    monkeypatch.setenv("IMAGELABELS_INDEX", "shelf://attic")
    objects = room("attic")
    objects.put(TEDDY, jpeg("Teddybär"), {"trip": "x"})
    with clouds.registered([cloud.PROVIDER], [index.INDEX]):
        change = ObjectChange(TEDDY, "created", "event")
        (delivered,) = wiring.function("toy", "key").deliver([change], time.monotonic() + 60)
        assert delivered.outcome is not None
    wiring._built.cache_clear()
    broken = tuple(replace(detector, open=cannot_be_opened) for detector in cloud.PROVIDER.detectors)
    with clouds.registered([replace(cloud.PROVIDER, detectors=broken)], [index.INDEX]):
        with pytest.raises(Misconfigured, match="project is not set"):
            wiring.function("toy", "key")
        yield objects
    wiring._built.cache_clear()


def tools() -> Tools:
    by, _ = wiring_commands.workplace("toy")
    return by


def soon() -> float:
    return time.monotonic() + 60


def test_undo_works_where_the_detector_cannot_be_opened(attic: FakeObjects) -> None:
    assert undo(tools(), TEDDY, soon()).row
    assert attic.there[TEDDY.uri].tags == {"trip": "x"}
    assert TEDDY.uri not in shelf("attic").there


def test_why_works_where_the_detector_cannot_be_opened(attic: FakeObjects) -> None:
    reasons = why(tools(), TEDDY)
    assert [label.id for label in reasons.labels] == [BEAR]
    assert reasons.theirs == {"trip": "x"}


def test_correct_works_where_the_detector_cannot_be_opened(attic: FakeObjects) -> None:
    record = correct(tools(), TEDDY, Said([BEAR], ["my bear"]), soon())
    assert [label.id for label in record.labels] == ["user:my bear"]
    assert attic.there[TEDDY.uri].tags == {"trip": "x", "label:user:my bear": "user"}


def test_relabel_works_where_the_detector_cannot_be_opened(attic: FakeObjects, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGELABELS_THRESHOLD", "0.99")
    assert relabel(tools(), TEDDY, soon()).labels_go == {BEAR}
    assert attic.there[TEDDY.uri].tags == {"trip": "x"}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """The environment of a command on objects in OSS or COS."""
    monkeypatch.setenv("FC_REGION", "cn-hangzhou")
    for name in ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        monkeypatch.setenv(name, "key")
    monkeypatch.setenv("TENCENTCLOUD_REGION", "ap-guangzhou")
    monkeypatch.setenv("TENCENTCLOUD_SECRETID", "id")
    monkeypatch.setenv("TENCENTCLOUD_SECRETKEY", "secret")
    monkeypatch.setenv("IMAGELABELS_INDEX", f"sqlite:///{tmp_path}/labels.db")
    return monkeypatch


@pytest.mark.parametrize("detector", ["oss", "imm", "ci", "embedded"])
@pytest.mark.parametrize("changes", [{}, {"RECALL": "more", "FACES": "on", "DETECT_FLOOR": "0.25"}])
def test_the_registry_describes_each_detector_as_it_is_when_it_is_open(
    settings: pytest.MonkeyPatch, detector: str, changes: dict[str, str]
) -> None:
    """Else a command would not find the answers that the function kept."""
    settings.setenv("IMAGELABELS_DETECTOR", detector)
    for name, value in changes.items():
        settings.setenv(f"IMAGELABELS_{name}", value)
    scheme = "cos" if detector == "ci" else "oss"
    by, _ = wiring_commands.workplace(scheme)
    settings.setenv("IMAGELABELS_IMM_PROJECT", "imagelabels")
    wiring._built.cache_clear()
    function = wiring.function(scheme, {} if scheme == "cos" else SimpleNamespace(credentials=KEYS))
    wiring._built.cache_clear()
    assert by.detector == traits_of(function.labeler.detector) == function.labeler.tools.detector


def test_commands_on_objects_in_oss_need_no_project_of_imm(settings: pytest.MonkeyPatch) -> None:
    settings.setenv("IMAGELABELS_DETECTOR", "imm")
    by, _ = wiring_commands.workplace("oss")
    assert by.detector.setting == "imm DetectImageLabels floor=0.1"


@pytest.mark.parametrize("scheme", ["file", "oss"])
def test_commands_need_no_model_of_the_embedded_detector(
    settings: pytest.MonkeyPatch, tmp_path: Path, scheme: str
) -> None:
    settings.setenv("IMAGELABELS_DETECTOR", "embedded")
    settings.setenv("IMAGELABELS_MODEL", str(tmp_path / "there-is-none.onnx"))
    by, _ = wiring_commands.workplace(scheme)
    assert by.detector.name == "embedded"


def test_a_refusal_to_a_command_would_hold_the_detector_for_the_deployed_functions(
    settings: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ledger, now = sqlite.open_ledger(tmp_path / "labels.db"), 1_800_000_000.0
    budget = wiring_commands.labeling("oss", 1, None).labeler.budget
    budget.hold("oss", "oss://photos", "detector_unbound", now + 600)
    assert budget.take("oss", "oss://photos", now) == "detector_unbound"
    assert ledger.take("oss", "oss://photos", now) is None


def test_a_wrong_project_would_be_found_by_billed_calls(settings: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sqlite.open_ledger(tmp_path / "labels.db")
    settings.setenv("IMAGELABELS_DETECTOR", "imm")
    settings.setenv("IMAGELABELS_IMM_PROJECT", "mistyped")
    with running_imm(tmp_path / "clouds") as imm:
        settings.setenv("IMAGELABELS_ENDPOINT_IMM", imm.endpoint)
        settings.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", ROOT.id)
        settings.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", ROOT.secret)
        here = wiring_commands.labeling("oss", 1, None)
        with pytest.raises(Misconfigured, match="there is no IMM project 'mistyped'"):
            here.check()


def test_a_detector_that_cannot_read_the_store_is_refused_for_commands_too(settings: pytest.MonkeyPatch) -> None:
    settings.setenv("IMAGELABELS_DETECTOR", "ci")
    with pytest.raises(
        Misconfigured, match=r"ci does not read oss://\. Leave the variable out for oss://, so that it is oss"
    ):
        wiring_commands.workplace("oss")


def test_a_store_whose_cloud_runs_no_functions_has_none_to_invoke() -> None:
    with pytest.raises(Misconfigured, match="no function labels file:// objects"):
        wiring_platforms.invoker("file", None)


def test_the_bill_would_not_follow_from_the_settings(settings: pytest.MonkeyPatch) -> None:
    assert wiring_commands.billing("oss") == Billing("oss", "imm-image-label", "aliyun", "sqlite", None, None)
    for name, value in (("CI_SCENES", "web,camera"), ("CALL_PRICE", "0.5 CNY"), ("RATE", "7")):
        settings.setenv(f"IMAGELABELS_{name}", value)
    assert wiring_commands.billing("cos") == Billing("ci", "ci-detect-label", "tencent", "sqlite", "0.5 CNY", 7)
    settings.setenv("IMAGELABELS_DETECTOR", "embedded")
    assert wiring_commands.billing("oss").price is None
    settings.setenv("IMAGELABELS_INDEX", "tablestore://my-labels")
    assert wiring_commands.billing("oss").index == "tablestore"
    assert wiring_commands.billing("oss", "sqlite:///a.db").index == "sqlite"


def test_the_price_of_a_detector_would_have_no_entry_in_the_file_of_prices() -> None:
    named = {detector.price for detector in clouds.detectors().values()} - {None}
    assert named
    assert named <= shipped().keys()


def test_a_server_of_one_index_would_correct_pictures_in_the_index_of_the_environment(
    attic: FakeObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGELABELS_INDEX", "shelf://another")
    assert Stores().why(TEDDY).row is None
    assert Stores("shelf://attic").why(TEDDY).row is not None


def test_a_cloud_whose_queue_no_command_reads_says_what_finds_the_same_pictures() -> None:
    with pytest.raises(Misconfigured, match=r"failed events of scf: leave --queue out.*reconcile --repair"):
        wiring_platforms.failed_events("cos", None, "dead")
    with pytest.raises(Misconfigured, match="no function labels file://"):
        wiring_platforms.failed_events("file", None, "dead")


def test_the_queue_is_opened_at_the_account_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"FC_REGION": "cn-hangzhou", "ALIBABA_CLOUD_ACCESS_KEY_ID": "a"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "b")
    with pytest.raises(Misconfigured, match="IMAGELABELS_FC_ACCOUNT_ID is not set"):
        wiring_platforms.failed_events("oss", "fc2", "failures")
    monkeypatch.setenv("IMAGELABELS_FC_ACCOUNT_ID", "1234")
    with pytest.raises(Misconfigured, match="is no name of a queue"):
        wiring_platforms.failed_events("oss", None, "no name")
