"""Image label detection by IMM itself: DetectImageLabels of an object in OSS."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import Detection, Picture
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.pictures.picture import MAX_BYTES
from imagelabels.providers.aliyun.credentials import Credentials
from imagelabels.providers.aliyun.imm.client import Imm
from imagelabels.providers.aliyun.imm.failures import SDK_ERRORS, billed, calling
from imagelabels.providers.aliyun.imm.pace import Pace
from imagelabels.providers.aliyun.labels import labels, threshold
from imagelabels.providers.aliyun.traits import IMM_MODEL as MODEL
from imagelabels.providers.aliyun.traits import SUFFIXES, of_imm
from imagelabels.providers.kit.proxies import DIRECT, Proxies

ATTEMPTS = 4
FRESH = 0.3
"""After waiting so many seconds for its turn, it makes sure that the picture is still the same before it asks."""
BACK_OFF = 0.2
"""Seconds before the second attempt, doubled for each further one, less up to a half by chance."""


class ImmDetector:
    """LabelDetector. `floor` is 0..1, `config` IMM's CredentialConfig, `rate` calls per second.

    `connect` and `within` in seconds: for a connection, and for all attempts together. Only what was not billed is
    asked again, so that a call is paid for once at most.
    """

    name = "imm"
    paid = True
    formats = frozenset({"jpeg", "png"})
    least_side = 1
    most_bytes = MAX_BYTES
    suffixes = SUFFIXES
    default_threshold = 0.7

    def __init__(
        self,
        endpoint: str,
        project: str,
        credentials: Credentials,
        floor: float,
        taxonomy: Taxonomy,
        config: Mapping[str, object] | None = None,
        rate: float = 100.0,
        connect: float = 3.0,
        within: float = 15.0,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        proxies: Proxies = DIRECT,
    ) -> None:
        self._project, self._config, self._taxonomy = project, config, taxonomy
        self.setting = of_imm(floor).setting
        self._threshold = threshold(floor)
        self.timeout = within
        self._within, self._monotonic, self._sleep = within, monotonic, sleep
        self._pace = Pace(rate, monotonic, sleep)
        self._keys = credentials
        self._imm = Imm(endpoint, credentials, connect, proxies)

    def close(self) -> None:
        self._imm.close()

    def detect(self, picture: Picture) -> Detection:
        """It cannot be told which version or content to look at: whoever asks must look again afterwards."""
        ref = picture.ref
        with calling(Call(MODEL, "imm:DetectImageLabels", ref.uri, "labels"), self._keys.get_credentials().temporary):
            raw = self._asked(picture)
        try:
            found = labels(raw, self._taxonomy)
        except (ValueError, RecursionError) as error:
            raise Unavailable("detector_error", f"{MODEL} of {ref.uri!r}: {error}: {raw[:200]!r}") from error
        return Detection(found, self.name, MODEL, raw, True)

    def _asked(self, picture: Picture) -> str:
        """The answer; the SDK's error of the last attempt."""
        uri = f"oss://{picture.ref.bucket}/{picture.ref.key}"
        until = self._monotonic() + self._within
        attempt, looked_at = 0, self._monotonic()
        while True:
            attempt += 1
            if not self._pace.turn(until):
                raise Unavailable("throttled", f"{MODEL} {uri!r}: no turn within {self._within:g} s: too many calls")
            if self._monotonic() - looked_at > FRESH:
                picture.read(0, 1)  # The read fails if the object was replaced meanwhile, before its answer is paid.
                looked_at = self._monotonic()
            left = until - self._monotonic()
            try:
                return self._imm.detect_image_labels(self._project, uri, self._threshold, self._config, left)
            except SDK_ERRORS as error:
                pause = BACK_OFF * 2 ** (attempt - 1) * random.uniform(0.5, 1)
                if billed(error) or attempt == ATTEMPTS or self._monotonic() + pause >= until:
                    raise
            self._sleep(pause)
