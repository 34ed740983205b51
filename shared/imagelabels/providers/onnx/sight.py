"""How well a picture can be seen: flat ones are stretched, small and blurred ones are told from the others.

All limits are those at which the effect was measured: on 245 photos made dark, small or blurred, and on the same photos
as they were, which must not change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]

FLAT = 128
"""Between the darkest and the brightest hundredth: of a picture below that, contrast is stretched."""
BLANK = 8
"""Below that there is nothing to stretch but the marks of compression."""
BLACK = 24
"""What is darker everywhere may be a photo taken with the cap on the lens."""

SMALL = 100
"""Pixels of the short side. An enlarged thumbnail looks like other things with too much confidence."""

BLURRED = 5.0
"""Variance of the Laplacian of the greys. What is blurred has a category at best: of the groups half were wrong."""


def stretched(pixels: Pixels) -> Pixels:
    """The darkest hundredth black and the brightest white, in all three colours alike; most pictures as they are."""
    seen = np.cumsum(np.bincount(pixels[::4, ::4].ravel(), minlength=256))
    dark, bright = (int(np.searchsorted(seen, share * seen[-1])) for share in (0.01, 0.99))
    if not BLANK <= bright - dark < FLAT:
        return pixels
    levels = (np.arange(256) - dark) * (255 / (bright - dark))
    return np.asarray(np.clip(np.rint(levels), 0, 255).astype(np.uint8)[pixels])


def is_blurred(pixels: Pixels) -> bool:
    """Of pixels that were stretched: in the dark everything has little contrast."""
    grey = np.asarray(Image.fromarray(pixels).convert("L")).astype(np.int16)
    rows = slice(1, -1, 4)  # every fourth row says as much
    edges = 4 * grey[rows, 1:-1] - grey[:-2:4, 1:-1] - grey[2::4, 1:-1] - grey[rows, :-2] - grey[rows, 2:]
    values = edges.ravel().astype(np.float32)
    return bool(values @ values / values.size - values.mean() ** 2 < BLURRED)


def is_blank(pixels: Pixels) -> bool:
    """Whether nothing can be seen that tells a photo from a drawing: all is nearly black, or nearly of one colour.

    Exactly one colour that is not black was drawn: every camera has noise.
    """
    dark, bright = np.percentile(pixels[::4, ::4], (1, 99), axis=(0, 1))
    spread = float((bright - dark).max())
    return spread < BLANK and (spread > 0 or float(bright.max()) < BLACK)
