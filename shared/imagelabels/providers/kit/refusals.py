"""Says what the refusals of all clouds' detectors mean."""

from __future__ import annotations

from imagelabels.domain.calls import Meaning
from imagelabels.domain.errors import Rejected, Unavailable

DAMAGED = Meaning(Rejected, "corrupt", "the detector cannot decode the picture")
UNREAD = Meaning(Rejected, "unsupported_format", "the detector does not read this format")
LARGE = Meaning(Rejected, "too_large", "the detector finds the picture too large")
FAILED = Meaning(Unavailable, "detector_error", "the detector failed")
