"""Who is chosen, and what is refused at the start."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from imagelabels import wiring
from imagelabels.domain.errors import Misconfigured

KEYS = SimpleNamespace(access_key_id="id", access_key_secret="secret", security_token="token")
CONTEXT = SimpleNamespace(credentials=KEYS)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    wiring._aliyun.cache_clear()
    monkeypatch.setenv("FC_REGION", "cn-hangzhou")
    monkeypatch.setenv("IMAGELABELS_INDEX", f"sqlite:///{tmp_path}/labels.db")
    yield
    wiring._aliyun.cache_clear()


def test_a_function_is_built_once_and_gets_each_events_credentials() -> None:
    first = wiring.aliyun(CONTEXT)
    fresh = SimpleNamespace(access_key_id="id2", access_key_secret="s2", security_token="t2")
    assert wiring.aliyun(SimpleNamespace(credentials=fresh)) is first
    _, credentials = wiring._aliyun()
    assert credentials.get_credentials().get_security_token() == "t2"


@pytest.mark.parametrize("detector", ["oss", "embedded"])
def test_the_setting_chooses_the_detector(detector: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGELABELS_DETECTOR", detector)
    assert wiring.aliyun(CONTEXT).labeler.detector.name == detector


def test_a_function_without_an_index_says_which_setting_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMAGELABELS_INDEX")
    with pytest.raises(Misconfigured, match="IMAGELABELS_INDEX is not set"):
        wiring.aliyun(CONTEXT)


@pytest.mark.parametrize("folder", ["code", "temporary"])
def test_an_index_in_a_functions_folder_that_does_not_last_is_refused(
    folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("FC_FUNC_CODE_PATH", str(tmp_path / "code"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.setenv("IMAGELABELS_INDEX", f"sqlite:///{tmp_path / folder / 'labels.db'}")
    with pytest.raises(Misconfigured, match="does not last"):
        wiring.aliyun(CONTEXT)


def test_an_index_on_a_mounted_folder_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("FC_FUNC_CODE_PATH", str(tmp_path / "code"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    assert wiring.aliyun(CONTEXT).labeler.detector.name == "oss"


@pytest.mark.parametrize("url", ["labels.db", "sqlite://labels.db", "sqlite:///", "mysql://x"])
def test_what_is_no_index_url_is_refused_with_the_right_form(url: str) -> None:
    with pytest.raises(Misconfigured, match="sqlite:///"):
        wiring.label_index(url)


def test_an_event_of_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wiring.aliyun(CONTEXT).deliver([], time.monotonic() + 1) == []
