"""This module runs the weights of the embedded detector in eager PyTorch, one picture at a time.

PyTorch chooses the number of threads. The result is only the class with the highest confidence: confidences are not
added up for groups and categories, and there is no centric score.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite_pytorch import EfficientNet
from numpy.typing import NDArray
from PIL import Image

from imagelabels.providers.onnx.build import build
from imagelabels.providers.onnx.decode import CROP, decode
from imagelabels.providers.onnx.networks import LITE0_SIDE as SIDE


def side() -> Callable[[Sequence[Path], bool], list[str]]:
    """Return a function from files to their best classes. Its flag asks for decoding at full size before resizing."""
    files = metadata.files(build.LITE0.distribution) or []
    weights = next(str(file.locate()) for file in files if file.name == build.LITE0.file)
    network = EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(weights, weights_only=True))
    network.eval()
    classes: list[str] = json.loads(Path(build.__file__).with_name("classes.json").read_bytes())

    def best_class(path: Path, whole: bool) -> str:
        pixels = _whole(path) if whole else decode(path.read_bytes(), SIDE).pixels
        with torch.inference_mode():
            # The network needs this normalisation. In our model file, it is part of the first layer.
            image = (torch.tensor(pixels).permute(2, 0, 1)[None].float() - 127) / 128
            return classes[int(network(image)[0].softmax(0).argmax())]

    return lambda paths, whole: [best_class(path, whole) for path in paths]


def _whole(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as image:
        photo = image.convert("RGB")
    crop = CROP * min(photo.size)
    left, top = (photo.width - crop) / 2, (photo.height - crop) / 2
    box = (left, top, left + crop, top + crop)
    return np.asarray(photo.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box))
