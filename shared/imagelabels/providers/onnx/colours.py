"""Measures the colours of a picture's parts: a sunset is orange at its top, and a lawn green at its bottom.

The network was taught to tell things apart in any light, so its features say little of colours. Most heads weigh these
numbers beside the features (heads.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELLS = 4
"""The square has so many cells in each direction. Of 2, 3 and 4 this was the best on sources left out."""

LENGTH = 4 * CELLS * CELLS


def colours(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return LENGTH numbers from 0 to 6: of each cell, row by row, how light, how red rather than green, how blue
    rather than yellow and how colourful its mean is. `pixels` is (side, side, 3) with a side that CELLS divides."""
    side = len(pixels) // CELLS
    # Sums of whole numbers are the same on every machine. To add up rows first takes a tenth of the time.
    rows = pixels.reshape(CELLS, side, -1).sum(axis=1, dtype=np.uint32)
    sums = rows.reshape(CELLS, CELLS, side, 3).sum(axis=2)
    red, green, blue = np.moveaxis(sums / (255 * side * side), -1, 0)
    against_green, against_yellow = red - green, blue - (red + green) / 2
    colourful = np.abs(against_green) + np.abs(against_yellow)
    cells = np.stack([(red + green + blue) / 3, (against_green + 1) / 2, (against_yellow + 1) / 2, colourful], axis=-1)
    return (4 * cells.ravel()).astype(np.float32)
