"""Measures the surface of a picture's pixels: what is drawn has plain areas, few colours and no noise.

The head `graphic` weighs these numbers beside the network's features, which know what is shown but little of how it was
made. Nearly equal counts as equal in most of them, because a JPEG file blurs what was drawn.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

STEPS = (0, 1, 2, 4, 8, 16, 32, 64)
SPREADS = (2, 5, 10, 25, 50, 75, 90)
LENGTH = 2 * len(STEPS) + 7 + 4 + len(SPREADS) + 2


def surface(pixels: Pixels) -> NDArray[np.float32]:
    """Return LENGTH numbers from 0 to about 4. `pixels` is (side, side, 3) with a side that sixteen divides."""
    side = len(pixels)
    # Every other strip of eight rows says as much. Green is most of what grey is made of.
    strips = np.ascontiguousarray(pixels.reshape(side // 16, 16, side, 3)[:, :8, :, 1])
    return 4 * np.concatenate([_near(strips), _greys(strips), _colours(pixels), _noise(strips)]).astype(np.float32)


def _near(strips: Pixels) -> NDArray[np.float64]:
    """Return the shares of pixels that differ from their neighbour on the right by no more than each step, and of those
    that differ so from the neighbour below."""
    shares = []
    for one, other in ((strips[..., 1:], strips[..., :-1]), (strips[:, 1:], strips[:, :-1])):
        differences = np.maximum(one, other) - np.minimum(one, other)
        shares += [np.count_nonzero(differences <= step) / differences.size for step in STEPS]
    return np.array(shares)


def _greys(strips: Pixels) -> NDArray[np.float64]:
    """Tell how uneven the histogram is: photos have all greys, and drawings few of them."""
    few = strips[:, ::2, ::2]
    counts = np.bincount(few.ravel(), minlength=256) / few.size
    ordered = np.sort(counts)[::-1]
    used = ordered[: np.count_nonzero(ordered)]
    jumps, bends = np.abs(np.diff(counts)).sum() / 2, np.abs(np.diff(counts, 2)).sum() / 4
    entropy = -(used @ np.log(used)) / np.log(256)
    return np.array([entropy, ordered[0], ordered[:3].sum(), ordered[:8].sum(), 1 - len(used) / 256, jumps, bends])


def _colours(pixels: Pixels) -> NDArray[np.float64]:
    """Return how many colours there are, on a logarithmic scale, and the shares of the commonest ones."""
    few = pixels[::4, ::4].astype(np.int32)
    ordered = np.sort((few[..., 0] << 16 | few[..., 1] << 8 | few[..., 2]).ravel())
    ends = np.append(np.flatnonzero(np.diff(ordered)), ordered.size - 1)
    counts = np.sort(np.diff(ends, prepend=-1))[::-1] / ordered.size
    return np.array([np.log(len(counts)) / np.log(ordered.size), counts[0], counts[:3].sum(), counts[:10].sum()])


def _noise(strips: Pixels) -> NDArray[np.float64]:
    """Return how much the greys of blocks of eight by eight pixels vary, in the plainest blocks and in others, on a
    logarithmic scale, and the shares of blocks that vary hardly at all."""
    count, _, side = strips.shape
    blocks = strips.reshape(count, 8, side // 8, 8).transpose(0, 2, 1, 3).reshape(-1, 64).astype(np.float32)
    variances = np.einsum("ij,ij->i", blocks, blocks) / 64 - blocks.mean(axis=1) ** 2
    ordered = np.sort(np.sqrt(np.maximum(variances, 0)))
    spreads = np.log1p(4 * ordered[[len(ordered) * share // 100 for share in SPREADS]]) / np.log(512)
    return np.append(spreads, np.searchsorted(ordered, [0.4, 1.0]) / len(ordered))
