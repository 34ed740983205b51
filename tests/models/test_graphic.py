"""The head `graphic` is fitted on drawn pictures too, and on no source whose licence asks for more than a name."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageChops

from models.heads import drawn, graphic, pictures

PHOTOS = [Image.new("RGB", (400, 300), (red, 120, 90)) for red in (40, 200)]


def test_the_same_photos_and_seed_give_the_same_pictures_of_each_kind() -> None:
    first, second = (list(drawn.drawn(PHOTOS, 2)) for _ in range(2))
    assert [kind for kind, _, _ in first] == [kind for kind in (*drawn.GRAPHICS, *drawn.PHOTOS) for _ in range(2)]
    for (kind, is_graphic, one), (_, _, other) in zip(first, second, strict=True):
        assert is_graphic == (kind in drawn.GRAPHICS)
        assert ImageChops.difference(one.convert("RGB"), other.convert("RGB")).getbbox() is None
    assert all(photo.getextrema()[1] == (120, 120) for photo in PHOTOS), "a photo was drawn on instead of a copy"


def test_a_share_alike_source_or_one_for_tests_only_is_not_fitted_on() -> None:
    free = {entry["name"] for entry in pictures.sources() if graphic.allowed(entry)}
    assert free >= {"DOOR", "COOK", "KICAD", "CLIP"}
    assert not free & {"CID", "STUN", "TREESA", "FED", "GNODOC", "KGEO", "GIMP", "WES", "SOC"}
    for entry in pictures.sources():
        assert entry["name"] not in free or not {"GPL", "SA", "NC"} & set(
            entry["licence"].partition(" (or")[0].replace("-", " ").split()
        )


def test_charts_are_graphics_and_photos_are_none_and_photographed_paintings_are_neither() -> None:
    text = "[COOK] food\n00\n01 graphic\n[SKL] chart\n02\n[WH] drawing\n03\n[CLIP] drawing\n04\n"
    text += "[REC] -\n05\n[KICAD] ?chart\n06\n"
    labels = {name: graphic.label(picture) for name, picture in pictures.judged(text).items()}
    assert [labels[name] for name in ("00", "01", "02", "04")] == [0, 1, 1, 1]
    assert all(math.isnan(labels[name]) for name in ("03", "05", "06"))


def test_a_graphic_that_every_source_shows_alike_is_told_and_what_may_not_be_fitted_on_moves_nothing() -> None:
    sources = [f"source {at // 600}" for at in range(4800)]
    labels = (np.arange(4800) % 2).astype(np.float64)
    features = np.random.default_rng(0).normal(size=(4800, 8))
    features += 6 * labels[:, None]
    usable = np.array([source != "source 7" for source in sources])
    before = graphic.fit(features, labels, sources, usable)
    assert (before.false, before.photos) == (0, 2100)
    assert all(right >= 290 for right, _ in before.told.values())
    assert "source 7" not in before.told
    labels[~usable] = 1 - labels[~usable]
    assert np.array_equal(graphic.fit(features, labels, sources, usable).weights, before.weights)
