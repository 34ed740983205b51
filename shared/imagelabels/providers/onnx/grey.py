"""Shows grey of more than eight bits in eight. No file says which value is white, so the values themselves must
tell."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SAMPLES = 300_000
"""About so many pixels are looked at."""
_RARE = 0.1
"""So many of a hundred pixels may be wrong: a pixel that a sensor got wrong is neither black nor white."""

_DARK = 1 / 32
"""Floats up to this value leave nothing to see if one is white."""


def in_eight_bits(image: Image.Image) -> Image.Image:
    """Convert a picture in whole numbers (mode I) or floats (F) to mode L."""
    stored = np.asarray(image)
    # The numbers get 64 bits, since the difference of two floats of 32 bits may be larger than any of them. Each step
    # changes them in their place: those of a large picture take 64 MB.
    values = np.nan_to_num(stored.astype(np.float64), copy=False, posinf=0, neginf=0)
    black, white = _limits(values, stored.dtype.kind == "f")
    values -= black
    values *= 255 / (white - black)
    values += 0.5
    return Image.fromarray(np.clip(values, 0, 255, out=values).astype(np.uint8))


def _limits(values: NDArray[np.float64], floats: bool) -> tuple[float, float]:
    step = max(1, math.isqrt(values.size // _SAMPLES))
    low, top = (float(limit) for limit in np.percentile(values[::step, ::step], (_RARE, 100 - _RARE)))
    if low < -abs(top) / 50:  # numbers with a sign, and not rounding below zero
        return low, max(top, low + 1e-6, math.nextafter(low, math.inf))
    return 0.0, _white(top, floats)


def _white(top: float, floats: bool) -> float:
    """White is the largest number of as many bits as are used, at least eight. For floats up to one it is one.

    Other floats below 128, and those that would all be black, are of no known scale: the brightest are white.
    """
    if floats and top < 128:
        return 1.0 if top == 0 or _DARK <= top <= 1 else top
    return 2.0 ** max(math.ceil(math.log2(top + 1)), 8) - 1
