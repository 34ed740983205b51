"""Signs writes of tags so that they end soon. This is the fence: a write that hung in the network changes no later
picture."""

from __future__ import annotations

import math
from collections.abc import Callable

from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import ObjectRef


def signed(
    sign: Callable[[int], tuple[str, float]], ref: ObjectRef, before: float, until: float, wall: Callable[[], float]
) -> str:
    """Sign a write that ends at `before`, or at `until` where a fast clock leaves no whole second for that.

    `sign(seconds)` returns a signature and the moment at which it ends; `wall` is the clock that it signs with.
    Unavailable("busy") if both moments are over.
    """
    for end in (before, until):
        seconds = math.floor(end - wall())
        if seconds < 1:
            continue
        signature, ends = sign(seconds)
        # Had this process been stopped between the two looks at the clock, the signature would outlive the lease.
        if ends <= end:
            return signature
    raise Unavailable(
        "busy",
        f"PutObjectTagging {ref.uri!r}: by this machine's clock the lease is over "
        f"({until - wall():.1f} s left); either this process was held up or the clock is fast",
    )
