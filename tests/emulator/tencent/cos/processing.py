"""Requests to process a picture, and what comes back."""

from __future__ import annotations

from PIL import Image

from tests.emulator.drawn import opened
from tests.emulator.running import COS_BUCKET, RunningCos


def made(cos: RunningCos, data: bytes, operation: str) -> Image.Image:
    cos.client().put_object(COS_BUCKET, data, "a")
    status, headers, body = cos.ask_cos("GET", "a", {operation: ""})
    assert status == 200, body
    image = opened(body)
    assert headers["Content-Type"] == f"image/{str(image.format).lower()}"
    return image


def refusal(cos: RunningCos, operation: str) -> tuple[int, str, str]:
    """Return the status, the code and the number of the error with which an operation on `a` is refused."""
    status, headers, body = cos.ask_cos("GET", "a", {operation: ""})
    assert status >= 400, operation
    return status, body.decode().partition("<Code>")[2].partition("</Code>")[0], headers.get("X-ErrNo", "")
