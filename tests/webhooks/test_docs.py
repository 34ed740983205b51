"""docs/webhooks.md: its receiver works as it stands there, and its numbers are those of the code."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from imagelabels.domain import webhooks
from imagelabels.domain.changes import KEPT_DAYS
from imagelabels.domain.webhooks import Delivery, new_secret
from imagelabels.usecases.hook_run import AT_ONCE, TURN
from imagelabels.usecases.hook_turn import MOST_IN_A_ROW
from imagelabels.webhooks.sending import LARGEST, PATIENCE

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")
LIMITS = dict(re.findall(r"^\| ([^|]+) \| ([\d,]+)", PAGE, re.MULTILINE))


def test_the_receiver_of_the_page_would_refuse_a_message_or_take_a_forged_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = new_secret()
    monkeypatch.setenv("WEBHOOK_SECRET", secret)
    (source,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {"__name__": "receiver"}
    exec(source, names)
    client = names["app"].test_client()
    delivery = Delivery("hook", "picture", 1, "oss://photos/a.jpg", 1)
    now, body = datetime.now(timezone.utc), delivery.body("album")

    def headers(signing: str) -> dict[str, str]:
        signature = Webhook(signing).sign(delivery.message_id, now, body)
        stamp = f"{int(now.timestamp())}"
        return {"webhook-id": delivery.message_id, "webhook-timestamp": stamp, "webhook-signature": signature}

    assert client.post("/pictures", data=body, headers=headers(secret)).status_code == 204
    assert capsys.readouterr().out == f"{delivery.message_id} album.picture.entered oss://photos/a.jpg\n"
    names["app"].testing = True
    with pytest.raises(WebhookVerificationError):
        client.post("/pictures", data=body, headers=headers(new_secret()))


def test_a_message_would_have_another_form_than_the_page_shows() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    message, form = json.loads(shown), json.loads(Delivery("h", "p", 1, "oss://b/k", 1).body("album"))
    assert (message.keys(), message["data"].keys(), message["type"]) == (form.keys(), form["data"].keys(), form["type"])


def test_the_page_would_name_other_limits_than_the_code_has() -> None:
    numbers = {name: int(number.replace(",", "")) for name, number in LIMITS.items()}
    assert numbers == {
        "webhooks of an album": webhooks.MOST_HOOKS,
        "messages that wait for a receiver": webhooks.MOST_WAITING,
        "failed messages": webhooks.MOST_FAILED,
        "attempts in a row that fail": MOST_IN_A_ROW,
        "how long changes are kept for a webhook that does not read them": KEPT_DAYS,
    }
    assert f"turn of {TURN:.0f} seconds" in PAGE
    assert ("first 16 KB" in PAGE, LARGEST, PATIENCE, AT_ONCE) == (True, 16 * 1024, 10.0, 8)
    assert (webhooks.FIRST_PAUSE, webhooks.LONGEST_PAUSE, webhooks.DAY) == (60_000, 7_200_000, 86_400_000)
