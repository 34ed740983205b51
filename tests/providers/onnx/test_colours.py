"""The colours of a picture's parts tell where it is light, red, blue and colourful."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from imagelabels.providers.onnx.colours import CELLS, LENGTH, colours
from imagelabels.providers.onnx.heads import FILE, GRAPHIC, PERSON
from imagelabels.providers.onnx.networks import LITE0_SIDE


def cells(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    numbers = colours(pixels)
    assert (numbers.shape, str(numbers.dtype)) == ((LENGTH,), "float32")
    return np.asarray(numbers.reshape(CELLS, CELLS, 4) / 4, np.float32)


def plain(red: int, green: int, blue: int) -> NDArray[np.uint8]:
    return np.full((LITE0_SIDE, LITE0_SIDE, 3), (red, green, blue), np.uint8)


def test_each_cell_says_how_light_red_blue_and_colourful_it_is() -> None:
    assert np.allclose(cells(plain(255, 255, 255)), [1, 0.5, 0.5, 0])
    assert np.allclose(cells(plain(0, 0, 0)), [0, 0.5, 0.5, 0])
    assert np.allclose(cells(plain(255, 0, 0)), [1 / 3, 1, 0.25, 1.5])
    assert np.allclose(cells(plain(0, 255, 0)), [1 / 3, 0, 0.25, 1.5])
    assert np.allclose(cells(plain(0, 0, 255)), [1 / 3, 0.5, 1, 1])


def test_cells_are_told_row_by_row() -> None:
    pixels = plain(0, 0, 0)
    quarter = LITE0_SIDE // CELLS
    pixels[:quarter, quarter : 2 * quarter] = 255
    light = cells(pixels)[..., 0]
    assert light[0, 1] == 1
    assert light.sum() == 1


def test_a_cell_has_the_mean_of_its_pixels() -> None:
    pixels = plain(0, 0, 0)
    pixels[::2] = 255
    assert np.allclose(cells(pixels), [0.5, 0.5, 0.5, 0])


def test_people_and_graphics_are_told_without_colours_and_all_else_with_them() -> None:
    heads = json.loads(FILE.read_bytes())
    weighed = {label_id for label_id, head in heads.items() if any(head.get("colours", ()))}
    assert weighed == heads.keys() - {PERSON, GRAPHIC}
