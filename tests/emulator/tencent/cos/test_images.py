"""Image processing by Cloud Infinite: sizes, formats and pixels of what it makes."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from emulator.tencent.cos.errors import UNPROCESSED
from tests.emulator.drawn import (
    BLUE,
    GREEN,
    RED,
    colours,
    corners,
    encoded,
    halves,
    moving,
    near,
    opened,
    quarters,
    table,
    turned,
)
from tests.emulator.running import COS_BUCKET, RunningCos
from tests.emulator.tencent.cos.processing import made, refusal


@pytest.mark.parametrize(
    ("form", "size"),
    [
        ("!50p", (200, 150)),
        ("!200p", (800, 600)),
        ("!50px", (200, 300)),
        ("!x50p", (400, 150)),
        ("100x", (100, 75)),
        ("800x", (800, 600)),
        ("x150", (200, 150)),
        ("100x200", (100, 75)),
        ("800x800", (800, 600)),
        ("100x200>", (100, 75)),
        ("800x800>", (400, 300)),
        ("800x800<", (800, 600)),
        ("100x200<", (400, 300)),
        ("!100x150r", (200, 150)),
        ("100x200!", (100, 200)),
        ("30000@", (200, 150)),
        ("29999@", (199, 149)),
        ("999999@", (400, 300)),
    ],
)
def test_a_thumbnail_has_the_size_of_the_vendors_page(cos: RunningCos, form: str, size: tuple[int, int]) -> None:
    assert made(cos, encoded(halves()), f"imageMogr2/thumbnail/{form}").size == size


def test_the_sdk_downloads_what_was_made(cos: RunningCos, client: Any, put: Any, tmp_path: Path) -> None:
    put(encoded(halves(), "PNG"))
    file = tmp_path / "small"
    client.ci_get_object(COS_BUCKET, "a", str(file), "imageMogr2/thumbnail/!50p|imageMogr2/rotate/90")
    assert (opened(file.read_bytes()).format, opened(file.read_bytes()).size) == ("PNG", (150, 200))
    client.ci_get_object(COS_BUCKET, "a", str(file), "imageView2/format/jpg")
    assert (opened(file.read_bytes()).format, opened(file.read_bytes()).size) == ("JPEG", (400, 300))
    client.ci_download_compress_image(COS_BUCKET, "a", str(file), "webp")
    assert opened(file.read_bytes()).format == "WEBP"
    body = client.get_object(COS_BUCKET, "a")["Body"].get_raw_stream().read()
    assert opened(body).size == (400, 300)


def test_a_thumbnail_is_filled_up_with_the_colour_that_was_asked_for(cos: RunningCos) -> None:
    black = base64.urlsafe_b64encode(b"#000000").decode()
    data = encoded(quarters(), "PNG")
    image = made(cos, data, f"imageMogr2/thumbnail/40x40/pad/1/color/{black}")
    assert (image.size, corners(image)) == ((40, 40), ["black"] * 4)
    assert near(image, (2, 12), RED)
    assert corners(made(cos, data, "imageMogr2/thumbnail/40x40/pad/1")) == ["white"] * 4
    assert made(cos, data, "imageMogr2/thumbnail/40x40/pad/0").size == (40, 20)


@pytest.mark.parametrize(
    ("operation", "size", "seen"),
    [
        ("cut/10x5x0x0", (10, 5), ["red"] * 4),
        ("cut/10x5x25x2", (10, 5), ["blue"] * 4),
        ("cut/10x10x35x15", (5, 5), ["white"] * 4),
        ("cut/10x5x0x0/gravity/southwest", (10, 5), ["green"] * 4),
        ("cut/10x10x0x0/gravity/center", (10, 10), ["red", "blue", "green", "white"]),
        ("crop/10x", (10, 20), ["red", "red", "green", "green"]),
        ("crop/x5", (40, 5), ["red", "blue"] * 2),
        ("crop/10x20/gravity/east", (10, 20), ["blue", "blue", "white", "white"]),
        ("gravity/SouthEast/crop/10x20", (10, 20), ["blue", "blue", "white", "white"]),
        ("crop/10x10/gravity/center", (10, 10), ["red", "blue", "green", "white"]),
        ("crop/99x99/gravity/center", (40, 20), ["red", "blue", "green", "white"]),
        ("rotate/90", (20, 40), ["green", "red", "white", "blue"]),
        ("rotate/180", (40, 20), ["white", "green", "blue", "red"]),
        ("rotate/270", (20, 40), ["blue", "white", "red", "green"]),
        ("rotate/90/cut/10x10x0x0", (10, 10), ["green"] * 4),
        ("cut/10x10x0x0/rotate/90", (10, 10), ["red"] * 4),
        ("rotate/90/", (20, 40), ["green", "red", "white", "blue"]),
    ],
)
def test_parts_and_turns_of_a_picture_are_those_that_were_asked_for(
    cos: RunningCos, operation: str, size: tuple[int, int], seen: list[str]
) -> None:
    image = made(cos, encoded(quarters(), "PNG"), f"imageMogr2/{operation}")
    assert (image.size, corners(image)) == (size, seen)


def test_a_crop_is_made_small_first(cos: RunningCos) -> None:
    """The blue half of the picture is in its result, because the picture shrinks to 100 x 75 before it is cut."""
    image = made(cos, encoded(halves()), "imageMogr2/crop/100x50")
    assert (image.size, near(image, (10, 25), RED), near(image, (90, 25), BLUE)) == ((100, 50), True, True)


def test_circles_and_round_corners_are_transparent_outside(cos: RunningCos) -> None:
    source = encoded(Image.new("RGB", (100, 60), RED), "PNG")
    circle: Any = made(cos, source, "imageMogr2/iradius/20")
    assert (circle.size, circle.getpixel((0, 0))[3], circle.getpixel((20, 20))[3]) == ((40, 40), 0, 255)
    rounded: Any = made(cos, source, "imageMogr2/rradius/29")
    assert (rounded.size, rounded.getpixel((1, 1))[3], rounded.getpixel((50, 1))[3]) == ((100, 60), 0, 255)
    for name in ("iradius", "rradius"):
        code, _, number = UNPROCESSED["wrong_radius"]
        assert refusal(cos, f"imageMogr2/{name}/30") == (400, code, number)
    cos.client().put_object(COS_BUCKET, encoded(halves(), "GIF"), "a")
    code, _, number = UNPROCESSED["unsupported_format"]
    for operation in ("iradius/20", "rradius/20", "blur/8x5"):
        assert refusal(cos, f"imageMogr2/{operation}") == (400, code, number)


@pytest.mark.parametrize(
    ("target", "picture_format"), [("jpg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("bmp", "BMP")]
)
def test_a_picture_gets_the_format_that_was_asked_for_and_else_keeps_its_own(
    cos: RunningCos, target: str, picture_format: str
) -> None:
    image = made(cos, encoded(quarters(), "TIFF"), f"imageMogr2/format/{target}")
    assert (image.format, near(image, (30, 5), BLUE)) == (picture_format, True)
    assert made(cos, encoded(quarters(), picture_format), "imageMogr2/thumbnail/20x").format == picture_format
    assert made(cos, encoded(quarters(), picture_format), "imageMogr2/format/gif").format == "GIF"


def test_a_gif_goes_on_moving_and_else_its_first_frame_is_taken(cos: RunningCos) -> None:
    gif = moving(halves(), Image.new("RGB", (400, 300), GREEN), duration=[50, 70], loop=0)
    image: Any = made(cos, gif, "imageMogr2/thumbnail/40x")
    assert (image.size, image.n_frames, image.info["loop"]) == ((40, 30), 2, 0)
    image.seek(1)
    assert (near(image, (5, 5), GREEN), image.info["duration"]) == (True, 70)
    assert near(made(cos, gif, "imageMogr2/thumbnail/40x/format/png"), (5, 5), RED)


def test_the_quality_is_that_of_the_source_unless_another_is_asked_for(cos: RunningCos) -> None:
    source = encoded(halves(), quality=80)
    asked = {
        "thumbnail/400x": 80,
        "quality/60": 60,
        "quality/90": 80,
        "quality/90!": 90,
        "rquality/80": 64,
        "lquality/70": 80,
        "lquality/85": 85,
        "quality/0": 1,
    }
    for operation, quality in asked.items():
        result = made(cos, source, f"imageMogr2/{operation}")
        assert table(result) == table(opened(encoded(halves(), quality=quality))), operation
    assert table(made(cos, encoded(halves(), "PNG"), "imageMogr2/format/jpg/quality/40")) == table(
        opened(encoded(halves(), quality=40))
    )
    assert made(cos, source, "imageMogr2/interlace/1").info.get("progressive") == 1
    assert made(cos, source, "imageMogr2/interlace/0").info.get("progressive") is None


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_a_picture_is_turned_upright_or_says_still_how_it_must_be_turned(cos: RunningCos, orientation: int) -> None:
    data = turned(orientation)
    upright = made(cos, data, "imageMogr2/auto-orient/thumbnail/!50p")
    assert upright.size == ((150, 200) if orientation > 4 else (200, 150))
    where = {1: "left", 3: "right", 6: "above", 8: "below"}[orientation]
    assert colours(upright)[where] == "red"
    assert upright.getexif().get(0x0112, 1) == 1
    as_stored = made(cos, data, "imageMogr2/thumbnail/!50p")
    assert (as_stored.size, as_stored.getexif()[0x0112]) == ((200, 150), orientation)
    assert dict(made(cos, data, "imageMogr2/strip").getexif()) == {}


def test_light_contrast_and_edges_change_in_the_direction_that_was_asked_for(cos: RunningCos) -> None:
    grey = Image.new("RGB", (40, 20), (100, 110, 100))
    grey.paste((150, 160, 150), (20, 0, 40, 20))

    def levels(operation: str, *places: int) -> list[int]:
        image: Any = made(cos, encoded(grey, "PNG"), f"imageMogr2/{operation}")
        return [image.getpixel((place, 10))[0] for place in places]

    assert levels("bright/50", 2)[0] > 100 > levels("bright/-50", 2)[0]
    assert levels("contrast/50", 2)[0] < 100 < levels("contrast/-50", 2)[0]
    assert levels("sharpen/70", 19)[0] < 100 < levels("blur/3x2", 19)[0]
    red, green, blue = made(cos, encoded(grey, "PNG"), "imageMogr2/grayscale/1").convert("RGB").getpixel((2, 2))  # type: ignore[misc]
    assert red == green == blue
    assert levels("grayscale/0", 2, 37) == levels("bright/0", 2, 37) == [100, 150]


@pytest.mark.parametrize(
    ("view", "size"),
    [
        ("1/w/500/h/400", (500, 400)),
        ("1/w/300", (300, 300)),
        ("2/w/500/h/400", (500, 250)),
        ("2/h/100", (200, 100)),
        ("2/w/2000/h/2000", (1000, 500)),
        ("3/w/500/h/400", (800, 400)),
        ("3/w/300", (600, 300)),
        ("4/w/500/h/400", (800, 400)),
        ("5/w/500/h/400", (500, 400)),
        ("1/w/2000/h/100", (1000, 100)),
    ],
)
def test_a_view_has_the_size_of_the_vendors_page(cos: RunningCos, view: str, size: tuple[int, int]) -> None:
    image = made(cos, encoded(halves(1000, 500), quality=80), f"imageView2/{view}/format/png")
    assert (image.format, image.size) == ("PNG", size)


def test_an_upright_view_has_its_longer_edge_upright(cos: RunningCos) -> None:
    data = encoded(halves(500, 1000), quality=80)
    assert made(cos, data, "imageView2/4/w/500/h/400").size == (400, 800)
    image = made(cos, data, "imageView2/5/w/500/h/400/q/60")
    assert image.size == (400, 500)
    assert table(image) == table(opened(encoded(halves(), quality=60)))


def test_a_picture_is_described_by_the_sdk(client: Any, put: Any) -> None:
    data = encoded(Image.new("RGB", (96, 54), (0x73, 0x62, 0x46)), "PNG")
    put(data)
    headers, info = client.ci_get_image_info(COS_BUCKET, "a")
    assert headers["Content-Type"] == "application/json"
    assert json.loads(info) == {
        "format": "png",
        "width": "96",
        "height": "54",
        "size": str(len(data)),
        "md5": hashlib.md5(data).hexdigest(),
        "frame_count": "1",
        "photo_rgb": "0x736246",
    }
    assert json.loads(client.ci_get_image_ave_info(COS_BUCKET, "a")[1]) == {"RGB": "0x736246"}
    assert json.loads(client.ci_get_image_exif_info(COS_BUCKET, "a")[1]) == {"error": "no exif data"}
    exif = Image.Exif()
    exif[0x0132] = "2018:09:03 17:37:06"
    exif.get_ifd(0x8769)[0xA001] = 1
    put(encoded(halves(), exif=exif))
    told = json.loads(client.ci_get_image_exif_info(COS_BUCKET, "a")[1])
    assert told == {"DateTime": {"val": "2018:09:03 17:37:06"}, "ColorSpace": {"val": "sRGB"}}
    put(encoded(halves(), "JPEG"))
    assert json.loads(client.ci_get_image_info(COS_BUCKET, "a")[1])["format"] == "jpeg"
    put(moving(halves(), Image.new("RGB", (400, 300), GREEN)))
    assert json.loads(client.ci_get_image_info(COS_BUCKET, "a")[1])["frame_count"] == "2"
