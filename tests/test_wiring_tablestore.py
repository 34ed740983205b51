"""These tests check that one setting puts the index of functions and of the command line into Tablestore."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from imagelabels import wiring, wiring_commands
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.query import Query
from imagelabels.providers.aliyun.tablestore.label_index import TablestoreLabelIndex
from imagelabels.providers.aliyun.tablestore.ledger import TablestoreLedger
from tests.contract.samples import put, record
from tests.emulator.running import ROOT, running_tablestore

URL = "tablestore://photos-inst"


@pytest.fixture(autouse=True)
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with running_tablestore(tmp_path) as running:
        monkeypatch.setenv("FC_REGION", "cn-hangzhou")
        monkeypatch.setenv("IMAGELABELS_ENDPOINT_TABLESTORE", running.endpoint)
        monkeypatch.setenv("IMAGELABELS_INDEX", URL)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", ROOT.id)
        monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", ROOT.secret)
        wiring._built.cache_clear()
        yield
        wiring._built.cache_clear()


@pytest.mark.parametrize("url", [URL, None], ids=["named", "set"])
def test_the_command_line_makes_upgrades_and_searches_it(url: str | None) -> None:
    wiring_commands.create_index(url)
    wiring_commands.create_index(url)
    ledger = wiring.index(URL, os.environ).ledger()
    assert isinstance(ledger, TablestoreLedger)
    put(ledger, record())
    assert wiring_commands.migrate_index(url) == 0
    index = wiring_commands.label_index(url)
    assert isinstance(index, TablestoreLabelIndex)
    assert index.search(Query()).records == (record(),)


def test_the_function_on_alibaba_cloud_signs_with_each_events_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    wiring_commands.create_index(None)
    monkeypatch.delenv("ALIBABA_CLOUD_ACCESS_KEY_ID")

    def at(key_id: str, secret: str) -> Any:
        keys = SimpleNamespace(access_key_id=key_id, access_key_secret=secret, security_token=None)
        return SimpleNamespace(credentials=keys)

    function = wiring.function("oss", at("nobody", "wrong"))
    with pytest.raises(Misconfigured, match="access key"):
        function.labeler.budget.take("oss", "oss://photos", 0.0)
    assert wiring.function("oss", at(ROOT.id, ROOT.secret)) is function
    assert function.labeler.budget.take("oss", "oss://photos", 0.0) is None


def test_the_function_on_tencent_cloud_signs_with_the_keys_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRETID", "SECRETKEY", "SESSIONTOKEN"):
        monkeypatch.setenv(f"TENCENTCLOUD_{name}", "x")
    wiring_commands.create_index(None)
    ledger = wiring.function("cos").labeler.budget
    assert isinstance(ledger, TablestoreLedger)
    assert ledger.take("ci", "cos://photos", 0.0) is None


def test_without_keys_or_region_the_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET")
    with pytest.raises(Misconfigured, match="ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        wiring_commands.label_index(URL)
    monkeypatch.delenv("FC_REGION")
    with pytest.raises(Misconfigured, match="FC_REGION"):
        wiring_commands.create_index(URL)


def test_a_search_prints_the_same_over_either_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from imagelabels.cli import main as cli
    from tests.contract.samples import label

    sqlite = f"sqlite:///{tmp_path / 'labels.db'}"
    pictures = [
        record(
            ObjectRef("oss", "album", f"{n}\n图.jpg"),
            (label("cat", 0.7 + n / 100), label("imm:露营", 0.9)),
            updated_at=n,
        )
        for n in range(5)
    ]
    for url in (URL, sqlite):
        wiring_commands.create_index(url)
        for number, picture in enumerate(pictures):
            put(wiring.index(url, os.environ).ledger(), picture, f"e{number}")

    def printed(url: str, *arguments: str) -> tuple[int, str, str]:
        status = cli.main(["search", *arguments, "--index", url])
        output = capsys.readouterr()
        return status, output.out, output.err

    for arguments in (
        ["cat"],
        ["cat:0.72", "--order", "confidence", "--limit", "2"],
        ["猫", "--none", "露营"],
        ["--any", "露营", "dog", "--format", "json", "--limit", "3"],
        ["--counts"],
        ["--counts", "--format", "json", "--prefix", "oss://album/3"],
        ["bannana"],
    ):
        assert printed(URL, *arguments) == printed(sqlite, *arguments)
    assert printed(URL, "cat")[1].count("\n") == 5
