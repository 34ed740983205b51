"""Says what the networks take in and give out. The builder of the model files and the detector that reads them agree
here.

Every network takes a tensor `image` of bytes, RGB, with the shape (pictures, side, side, 3).
"""

from __future__ import annotations

LITE0_SIDE, LITE1_SIDE = 224, 240
"""The sides have so many pixels. These two networks give float32: logits (N, CLASSES), emb (N, CHANNELS) and featmap
(N, CHANNELS, cells, cells)."""

CLASSES = 1000
CHANNELS = 1280

CELLS = 7
"""LITE0's feature map has so many cells in either direction."""

HEAD = "r48"
"""LITE0's last convolution, whose output is the feature map. The tensor HEAD.s is the scale of that output."""

FC = "fc"
"""The last fully connected layer. Its integers and their scales are the tensors Wfc, Wfc.s, Bfc and Bfc.s."""

FACE_SIDE = 192
"""The side has so many pixels. The face network looks at the whole picture, with black bars at its sides."""

FACE_CELLS = 48
"""The face network looks for one face in each of so many cells in either direction. It gives float32, row by row of
cells: scores (1, cells, 1), which are logits, and boxes (1, cells, 16), which hold x and y of a face's middle from the
middle of the cell, its width and its height, all in pixels, and then six points of the face."""
