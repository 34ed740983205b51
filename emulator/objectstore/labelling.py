"""The labels of a stored picture, which come from the detector."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Any

from emulator.core import request_log
from emulator.core.detector import DetectorFailed
from emulator.core.refusal import Refusal
from emulator.objectstore.context import StoreContext
from emulator.objectstore.refusals import PictureRefusals
from emulator.objectstore.stored import Stored

log = logging.getLogger(__name__)


async def labels_of(context: StoreContext, stored: Stored, refusals: PictureRefusals) -> list[dict[str, Any]]:
    """Return the labels as the detector gives them, down to its lowest confidence.

    `refusals` has the service's Refusal for each reason for which the detector cannot label a picture.
    """
    with context.store.pinned(stored) as path:
        return await labels_of_file(context, stored, path, refusals)


async def labels_of_file(
    context: StoreContext, stored: Stored, path: Path, refusals: PictureRefusals
) -> list[dict[str, Any]]:
    """Return the labels of the picture in a file, which is made of the object, as `labels_of` does."""
    if context.detect is None:
        raise Refusal("ServiceUnavailable", "The emulator was started without a detector.")
    note = partial(request_log.note_detection, f"{stored.size}-{stored.crc64}", stored.etag)
    note("failed")
    try:
        answer = await context.detect(path)
    except DetectorFailed as error:
        log.error("emulator: the detector failed: %s", error)
        raise Refusal("InternalError", "The detector failed; the emulator's log says how.") from error
    failure = answer.get("error")
    if isinstance(failure, dict):
        note(reason := str(failure.get("reason", "")))
        raise refusals.refusal(reason)
    labels = answer.get("labels")
    if not isinstance(labels, list):
        log.error("emulator: the detector gave neither labels nor an error")
        raise Refusal("InternalError", "The detector gave neither labels nor an error.")
    note("labels")
    return labels
