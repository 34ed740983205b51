"""The deployed function works for webhooks, and its log tells no secret."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.aliyun_webhooks import index as aliyun
from functions.tencent_webhooks import index as tencent
from imagelabels import logs, wiring_commands
from imagelabels.domain.changes import named
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.webhooks import Delivery
from imagelabels.webhooks import opened
from tests.cli.test_hook import Index
from tests.contract.samples import label, put, record
from tests.webhooks.test_sending import receiving


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    made = Index(tmp_path / "index.db")
    monkeypatch.setenv("IMAGELABELS_INDEX", made.url)
    monkeypatch.setenv("IMAGELABELS_WEBHOOK_RECEIVERS", "any")
    opened._built.cache_clear()
    yield made
    opened._built.cache_clear()


def has(index: Index) -> None:
    """Let a picture be labelled now."""
    row = record(named("oss://photos/a.jpg"), (label("dog"),), updated_at=time.time_ns() // 1_000_000)
    put(index.opened.ledger(), row)


def deliver_on_tencent() -> dict[str, Any]:
    return tencent.main_handler({"Type": "Timer"}, {"request_id": "r", "time_limit_in_ms": 110_000})


def deliver_on_aliyun() -> dict[str, Any]:
    credentials = SimpleNamespace(access_key_id="i", access_key_secret="s", security_token="t")
    context = SimpleNamespace(
        request_id="r", function=SimpleNamespace(timeout=110), credentials=credentials, region="cn-hangzhou"
    )
    return aliyun.handler(b"{}", context)


@pytest.mark.parametrize("deliver", [deliver_on_tencent, deliver_on_aliyun])
def test_a_timer_would_start_a_function_that_sends_nothing_or_logs_a_secret(
    index: Index, deliver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FC_REGION", "cn-hangzhou")
    lines: list[str] = []
    monkeypatch.setattr(logs, "webhook", lambda request, form: lines.append(json.dumps([request, form])))
    with receiving() as (port, seen):
        hook = wiring_commands.keeper(index.url).make(index.album.id, f"http://127.0.0.1:{port}/secret-path")
        has(index)
        sums = deliver()
    assert sums == {"turns": 1, "queued": 1, "delivered": 0, "failed": 1, "errors": 0}
    assert len(seen) == 1
    (line,) = lines
    assert "secret-path" not in line
    assert hook.secrets[0] not in line
    assert json.loads(line)[1]["host"] == "127.0.0.1"


def test_an_index_that_fails_is_counted_and_the_run_ends_well(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    wiring_commands.keeper(index.url).make(index.album.id, "https://example.com/x")
    has(index)
    function = opened.function()

    def failing(deliveries: Sequence[Delivery]) -> None:
        raise Unavailable("index_error", "the index failed")

    monkeypatch.setattr(function.tools.kept.outbox, "add", failing)
    assert function.deliver("r", time.monotonic() + 60)["errors"] == 1
