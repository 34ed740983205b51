"""Detects labels by asking IMM itself: DetectImageLabels of an object in OSS."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import islice

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import Detection, Picture
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.pictures.picture import MAX_BYTES
from imagelabels.providers.aliyun.imm.client import Imm
from imagelabels.providers.aliyun.imm.failures import billed, calling
from imagelabels.providers.aliyun.imm.pace import Pace
from imagelabels.providers.aliyun.labels import labels, threshold
from imagelabels.providers.aliyun.openapi_errors import SDK_ERRORS
from imagelabels.providers.aliyun.traits import FORMATS, SUFFIXES, of_imm
from imagelabels.providers.aliyun.traits import IMM_MODEL as MODEL
from imagelabels.providers.kit import back_off

ATTEMPTS = 4
FRESH = 0.3
"""A call that waited so many seconds for its turn makes sure that the picture is still the same before it asks."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 0.8
"""Pauses between two attempts have so many seconds, before chance shortens them."""


class ImmDetector:
    """This is a LabelDetector. `floor` is 0..1, `rate` is in calls per second, and all attempts together take `within`
    seconds.

    Only what was not billed is asked again, so that a call is paid for once at most.
    """

    name = "imm"
    paid = True
    formats = FORMATS
    least_side = 1
    most_bytes = MAX_BYTES
    suffixes = SUFFIXES
    default_threshold = 0.7

    def __init__(
        self,
        imm: Imm,
        floor: float,
        taxonomy: Taxonomy,
        rate: float = 100.0,
        within: float = 15.0,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._imm, self._taxonomy = imm, taxonomy
        self.setting = of_imm(floor).setting
        self._threshold = threshold(floor)
        self.timeout = within
        self._within, self._monotonic, self._sleep = within, monotonic, sleep
        self._pace = Pace(rate, monotonic, sleep)

    def close(self) -> None:
        self._imm.close()

    def detect(self, picture: Picture) -> Detection:
        """Ask for the labels. IMM cannot be told which version or content to look at, so the caller must look again."""
        ref = picture.ref
        with calling(Call(MODEL, "imm:DetectImageLabels", ref.uri, "labels"), self._imm.temporary):
            raw = self._asked(picture)
        try:
            found = labels(raw, self._taxonomy)
        except (ValueError, RecursionError) as error:
            raise Unavailable("detector_error", f"{MODEL} of {ref.uri!r}: {error}: {raw[:200]!r}") from error
        return Detection(found, self.name, MODEL, raw, True)

    def _asked(self, picture: Picture) -> str:
        """Return the answer, or raise the SDK's error of the last attempt."""
        uri = f"oss://{picture.ref.bucket}/{picture.ref.key}"
        until = self._monotonic() + self._within
        looked_at = self._monotonic()
        pauses = islice(back_off.pauses(FIRST_PAUSE, LONGEST_PAUSE), ATTEMPTS - 1)
        while True:
            if not self._pace.turn(until):
                raise Unavailable("throttled", f"{MODEL} {uri!r}: no turn within {self._within:g} s: too many calls")
            if self._monotonic() - looked_at > FRESH:
                picture.read(0, 1)  # The read fails if the object was replaced meanwhile, before its answer is paid.
                looked_at = self._monotonic()
            left = until - self._monotonic()
            try:
                return self._imm.detect_image_labels(uri, self._threshold, left)
            except SDK_ERRORS as error:
                pause = next(pauses, None)
                if pause is None or billed(error) or self._monotonic() + pause >= until:
                    raise
            self._sleep(pause)
