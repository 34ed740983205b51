"""These tests check which parts the settings choose, and what is refused when a function starts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import oss2
import pytest

from imagelabels import clouds, logs, wiring, wiring_commands
from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.aliyun import AliyunSession

KEYS = SimpleNamespace(access_key_id="id", access_key_secret="secret", security_token="token")
CONTEXT = SimpleNamespace(credentials=KEYS)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    wiring._built.cache_clear()
    monkeypatch.setenv("FC_REGION", "cn-hangzhou")
    monkeypatch.setenv("TENCENTCLOUD_SECRETID", "id")
    monkeypatch.setenv("TENCENTCLOUD_SECRETKEY", "secret")
    monkeypatch.setenv("IMAGELABELS_INDEX", f"sqlite:///{tmp_path}/labels.db")
    yield
    wiring._built.cache_clear()


def test_a_function_is_built_once_and_gets_each_events_credentials() -> None:
    first = wiring.function("oss", CONTEXT)
    fresh = SimpleNamespace(access_key_id="id2", access_key_secret="s2", security_token="t2")
    assert wiring.function("oss", SimpleNamespace(credentials=fresh)) is first
    _, session = wiring._built("oss")
    assert isinstance(session, AliyunSession)
    assert session.credentials.get_credentials().get_security_token() == "t2"


def test_a_cold_start_is_logged_once_per_instance_with_the_sdks_that_it_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines: list[dict[str, Any]] = []
    handler = logs._logger._logger.handlers[0]
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(json.loads(handler.format(record))))
    wiring.function("oss", CONTEXT)
    wiring.function("oss", CONTEXT)
    (line,) = lines
    assert line["modules"]["oss2"]["file"] == oss2.__file__
    assert line["modules"]["oss2"]["version"] == oss2.__version__
    assert all(isinstance(line[name], int) and line[name] >= 0 for name in ("ms_import", "ms_open"))


@pytest.mark.parametrize("detector", ["oss", "imm", "embedded"])
def test_the_setting_chooses_the_detector(detector: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGELABELS_IMM_PROJECT", "imagelabels")
    monkeypatch.setenv("IMAGELABELS_DETECTOR", detector)
    assert wiring.function("oss", CONTEXT).labeler.detector.name == detector


@pytest.mark.parametrize("detector", [None, "ci", "embedded"])
def test_the_function_on_tencent_cloud_reads_cos_with_its_own_detector_or_the_embedded_one(
    detector: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if detector is not None:
        monkeypatch.setenv("IMAGELABELS_DETECTOR", detector)
    labeler = wiring.function("cos").labeler
    assert labeler.detector.name == (detector or "ci")
    assert labeler.tools.policy.at("").threshold == (0.7 if detector == "embedded" else 0.3)


def test_the_embedded_detector_sees_copies_where_the_store_makes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGELABELS_DETECTOR", "embedded")
    on_oss, on_cos = wiring.function("oss", CONTEXT).labeler.detector, wiring.function("cos").labeler.detector
    assert on_oss.setting == f"{on_cos.setting} oss-resized=1024"
    assert on_oss.formats - on_cos.formats == {"heic", "avif"}


def test_a_detector_that_cannot_read_the_functions_store_is_refused_with_the_pairs_that_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts: list[tuple[str, Callable[[], object]]] = [
        ("oss", lambda: wiring.function("cos")),
        ("imm", lambda: wiring.function("cos")),
        ("ci", lambda: wiring.function("oss", CONTEXT)),
    ]
    for detector, start in starts:
        monkeypatch.setenv("IMAGELABELS_DETECTOR", detector)
        with pytest.raises(Misconfigured, match="imm and oss read OSS, ci reads COS, embedded reads any"):
            start()


def test_a_threshold_that_is_set_is_the_same_for_every_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGELABELS_THRESHOLD", "0.5")
    assert (
        wiring.function("cos").labeler.tools.policy.at("").threshold
        == wiring.function("oss", CONTEXT).labeler.tools.policy.at("").threshold
        == 0.5
    )


def test_a_floor_above_the_detectors_own_threshold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGELABELS_DETECT_FLOOR", "0.5")
    assert wiring.function("oss", CONTEXT).labeler.tools.policy.at("").threshold == 0.7
    with pytest.raises(Misconfigured, match="IMAGELABELS_DETECT_FLOOR"):
        wiring.function("cos")


def test_a_function_without_an_index_says_which_setting_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMAGELABELS_INDEX")
    with pytest.raises(Misconfigured, match="IMAGELABELS_INDEX is not set"):
        wiring.function("oss", CONTEXT)


@pytest.mark.parametrize("code", ["FC_FUNC_CODE_PATH", "USER_CODE_ROOT"])
@pytest.mark.parametrize("folder", ["code", "temporary"])
def test_an_index_in_a_functions_folder_that_does_not_last_is_refused(
    folder: str, code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv(code, str(tmp_path / "code"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.setenv("IMAGELABELS_INDEX", f"sqlite:///{tmp_path / folder / 'labels.db'}")
    with pytest.raises(Misconfigured, match="does not last"):
        wiring.function("oss", CONTEXT)


def test_an_index_on_a_mounted_folder_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("FC_FUNC_CODE_PATH", str(tmp_path / "code"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    assert wiring.function("oss", CONTEXT).labeler.detector.name == "oss"


@pytest.mark.parametrize("url", ["labels.db", "sqlite://labels.db", "sqlite:///", "mysql://x"])
def test_what_is_no_index_url_is_refused_with_the_right_form(url: str) -> None:
    with pytest.raises(Misconfigured, match="sqlite:///"):
        wiring_commands.label_index(url)


def test_an_event_of_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wiring.function("oss", CONTEXT).deliver([], time.monotonic() + 1) == []


def test_the_policy_file_is_read_once_per_instance_and_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[[rule]]\nprefix = "oss://photos/"\nthreshold = 0.9')
    monkeypatch.setenv("IMAGELABELS_POLICY", str(policy))
    monkeypatch.setenv("IMAGELABELS_THRESHOLD", "0.5")
    labeler = wiring.function("oss", CONTEXT).labeler
    policy.unlink()
    assert wiring.function("oss", CONTEXT).labeler is labeler
    assert labeler.tools.policy.at("oss://photos/a.jpg").threshold == 0.9
    assert labeler.tools.policy.at("oss://others/a.jpg").threshold == 0.5


def test_a_wrong_policy_stops_the_function_at_its_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IMAGELABELS_POLICY", str(tmp_path / "policy.toml"))
    with pytest.raises(Misconfigured, match=r"policy\.toml cannot be read"):
        wiring.function("oss", CONTEXT)
    (tmp_path / "policy.toml").write_text('[[rule]]\nprefix = "oss://photos/"\nthreshold = 0.4')
    monkeypatch.setenv("IMAGELABELS_DETECT_FLOOR", "0.5")
    with pytest.raises(Misconfigured, match=r"line 3, rule oss://photos/, threshold: 0\.4 is below"):
        wiring.function("oss", CONTEXT)


def test_files_of_this_machine_are_labelled_by_the_embedded_detector_and_get_no_tags(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[[rule]]\nprefix = "file:///photos/"\ntag_limit = 5\nthreshold = 0.9')
    monkeypatch.setenv("IMAGELABELS_POLICY", str(policy))
    monkeypatch.setenv("IMAGELABELS_DETECTOR", "oss")
    by, _ = wiring_commands.workplace("file")
    assert by.detector.name == "embedded"
    assert by.policy.at("file:///photos/a.jpg").threshold == 0.9
    assert by.policy.at("file:///photos/a.jpg").tag_limit == by.policy.at("file:///a.jpg").tag_limit == 0


def test_an_index_in_the_cloud_does_not_hold_files_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGELABELS_INDEX", "tablestore://photos")
    with pytest.raises(Misconfigured, match="cannot hold files of this machine: name a SQLite file"):
        wiring_commands.workplace("file")


def test_the_registry_tells_each_detectors_own_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of settings names the threshold, and the detector uses it."""
    monkeypatch.setenv("IMAGELABELS_IMM_PROJECT", "imagelabels")
    for name, described in clouds.detectors().items():
        monkeypatch.setenv("IMAGELABELS_DETECTOR", name)
        wiring._built.cache_clear()
        function = wiring.function("cos", {}) if described.reads == "cos" else wiring.function("oss", CONTEXT)
        assert function.labeler.detector.default_threshold == described.threshold
