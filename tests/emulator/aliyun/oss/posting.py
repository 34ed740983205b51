"""HTML forms for OSS, whose policies are signed by hand."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Callable, Sequence
from typing import Any

from emulator.core.parts import Key
from tests.emulator import forms
from tests.emulator.forms import BOUNDARY, by_hand, code
from tests.emulator.running import ROOT, Running

DAY = time.strftime("%Y%m%d", time.gmtime())


def signed_v1(conditions: Sequence[Any], key: Key = ROOT, expires: float = 0.0) -> dict[str, str]:
    text = forms.encoded(forms.policy(conditions, expires or time.time() + 60))
    signature = base64.b64encode(hmac.digest(key.secret.encode(), text.encode(), "sha1")).decode()
    return {"OSSAccessKeyId": key.id, "policy": text, "Signature": signature}


def signed_v4(
    conditions: Sequence[Any], key: Key = ROOT, at: float = 0.0, region: str = "cn-hangzhou"
) -> dict[str, str]:
    """Sign in the way of the page, with the library of Python alone."""
    moment = time.gmtime(at or time.time())
    day = time.strftime("%Y%m%d", moment)
    own = {
        "x-oss-signature-version": "OSS4-HMAC-SHA256",
        "x-oss-credential": f"{key.id}/{day}/{region}/oss/aliyun_v4_request",
        "x-oss-date": time.strftime("%Y%m%dT%H%M%SZ", moment),
    }
    text = forms.encoded(forms.policy([*({k: v} for k, v in own.items()), *conditions], time.time() + 60))
    secret = b"aliyun_v4" + key.secret.encode()
    for part in (day, region, "oss", "aliyun_v4_request"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    return {**own, "policy": text, "x-oss-signature": hmac.digest(secret, text.encode(), "sha256").hex()}


SIGNED: dict[str, Callable[..., dict[str, str]]] = {"v1": signed_v1, "v4": signed_v4}


def post(oss: Running, body: bytes, **headers: str) -> tuple[int, Any, bytes]:
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return oss.raw(
        "POST", "/photos", {**kind, **{name.replace("_", "-"): value for name, value in headers.items()}}, body
    )


def told(oss: Running, fields: dict[str, str], content: bytes = b"x", **options: Any) -> tuple[int, str]:
    """Return the status and the code with which OSS answers to a form."""
    status, _, body = post(oss, by_hand(list(fields.items()), content, **options))
    return status, code(body)
