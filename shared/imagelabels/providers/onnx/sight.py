"""Judges how well a picture can be seen. Flat ones are stretched; small and blurred ones are told from the others.

All limits are those at which the effect was measured: on 245 photos made dark, small or blurred, and on the same photos
as they were, which must not change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

FLAT = 128
"""The contrast is stretched if the darkest and the brightest hundredth are less apart than this."""
BLANK = 8
"""If they are less apart than this, there is nothing to stretch but the marks of compression."""
BLACK = 24
"""A picture that is darker everywhere may be a photo taken with the cap on the lens."""

SMALL = 100
"""A picture with fewer pixels on its short side is small. Enlarged, it looks like other things with too much
confidence."""

BLURRED = 5.0
"""A picture is blurred if the variance of the Laplacian of its greys is less. Such a picture gets categories only: half
of the groups were wrong."""


def stretched(pixels: Pixels) -> Pixels:
    """Make the darkest hundredth black and the brightest white, in all colours alike. Most pictures stay as they
    are."""
    seen = np.cumsum(np.bincount(pixels[::4, ::4].ravel(), minlength=256))
    dark, bright = (int(np.searchsorted(seen, share * seen[-1])) for share in (0.01, 0.99))
    if not BLANK <= bright - dark < FLAT:
        return pixels
    levels = (np.arange(256) - dark) * (255 / (bright - dark))
    return np.asarray(np.clip(np.rint(levels), 0, 255).astype(np.uint8)[pixels])


def is_blurred(pixels: Pixels) -> bool:
    """Tell whether pixels are blurred. They must have been stretched: in the dark everything has little contrast."""
    grey = np.asarray(Image.fromarray(pixels).convert("L")).astype(np.int16)
    rows = slice(1, -1, 4)  # every fourth row says as much
    edges = 4 * grey[rows, 1:-1] - grey[:-2:4, 1:-1] - grey[2::4, 1:-1] - grey[rows, :-2] - grey[rows, 2:]
    values = edges.ravel().astype(np.float32)
    return bool(values @ values / values.size - values.mean() ** 2 < BLURRED)


def is_blank(pixels: Pixels) -> bool:
    """Tell whether nothing shows if it is a photo or a drawing: all is nearly black, or nearly of one colour.

    Exactly one colour that is not black was drawn: every camera has noise.
    """
    seen = np.sort(pixels[::4, ::4].reshape(-1, 3), axis=0)
    at = len(seen) // 100  # sorting small integers takes a tenth of the time of np.percentile
    dark, bright = seen[at].astype(np.int16), seen[-1 - at].astype(np.int16)
    spread = int((bright - dark).max())
    return spread < BLANK and (spread > 0 or int(bright.max()) < BLACK)


def is_of_one_colour(pixels: Pixels) -> bool:
    """Tell whether all pixels have exactly the same colour, and it is not nearly black: no camera makes this."""
    colour = pixels[0, 0]
    few = pixels[::32, ::32]  # these few pixels tell nearly every photo, in a hundredth of the time
    return int(colour.max()) >= BLACK and bool((few == colour).all()) and bool((pixels == colour).all())
