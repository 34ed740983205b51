"""The actions of image processing: what they make of a picture, and the values that they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from emulator.aliyun.oss.errors import UNPROCESSED
from tests.emulator.drawn import (
    BLUE,
    GREEN,
    RED,
    WHITE,
    corners,
    encoded,
    halves,
    moving,
    near,
    opened,
    quarters,
    table,
)
from tests.emulator.running import refused


def made(client: Any, data: bytes, actions: str) -> Image.Image:
    client.put_object("a", data)
    return opened(client.get_object("a", process=f"image/{actions}").read())


@pytest.mark.parametrize(
    ("params", "size"),
    [
        ("m_lfit,w_100,h_100", (100, 75)),
        ("m_mfit,w_100,h_90", (120, 90)),
        ("m_mfit,w_100", (100, 75)),
        ("m_mfit,l_200,s_60", (200, 150)),
        ("m_fill,w_100,h_90", (100, 90)),
        ("m_fill,w_90,h_100", (90, 100)),
        ("m_fill,h_30", (40, 30)),
        ("m_pad,w_100,h_100", (100, 100)),
        ("m_pad,w_100", (100, 75)),
        ("m_fixed,w_100,h_100", (100, 100)),
        ("m_fixed,w_100", (100, 75)),
        ("p_50", (200, 150)),
        ("p_200", (800, 600)),
        ("p_1", (4, 3)),
        ("m_mfit,w_500,h_1", (400, 300)),
        ("m_fill,w_500,h_100", (400, 300)),
        ("m_fixed,w_500,h_500", (400, 300)),
        ("m_pad,w_500,h_500", (400, 300)),
        ("m_fill,w_500,h_100,limit_0", (500, 100)),
        ("m_fixed,w_500,h_500,limit_0", (500, 500)),
        ("m_pad,w_800,h_800,limit_0", (800, 800)),
    ],
)
def test_each_way_to_resize_gives_the_size_of_the_vendors_page(client: Any, params: str, size: tuple[int, int]) -> None:
    assert made(client, encoded(halves()), f"resize,{params}").size == size


def test_what_is_cut_off_is_cut_off_on_both_sides(client: Any) -> None:
    stripes = Image.new("RGB", (300, 100), GREEN)
    stripes.paste(RED, (0, 0, 50, 100))
    stripes.paste(BLUE, (250, 0, 300, 100))
    image = made(client, encoded(stripes, "PNG"), "resize,m_fill,w_100,h_50")
    assert image.size == (100, 50)
    assert all(near(image, (x, 25), GREEN) for x in (3, 50, 96))


def test_what_is_missing_is_filled_with_the_colour_that_was_asked_for(client: Any) -> None:
    image = made(client, encoded(quarters(), "PNG"), "resize,m_pad,w_40,h_40,color_000000")
    assert image.size == (40, 40)
    assert corners(image) == ["black"] * 4
    assert [near(image, at, colour) for at, colour in (((2, 12), RED), ((37, 12), BLUE), ((2, 27), GREEN))] == [
        True
    ] * 3
    assert corners(made(client, encoded(quarters(), "PNG"), "resize,m_pad,w_40,h_40")) == ["white"] * 4


@pytest.mark.parametrize(
    ("params", "size", "seen"),
    [
        ("w_10,h_5", (10, 5), ["red"] * 4),
        ("w_10,h_5,x_25,y_2", (10, 5), ["blue"] * 4),
        ("w_10,h_5,g_ne", (10, 5), ["blue"] * 4),
        ("w_10,h_5,g_sw", (10, 5), ["green"] * 4),
        ("w_10,h_5,g_se", (10, 5), ["white"] * 4),
        ("w_10,h_10,g_center", (10, 10), ["red", "blue", "green", "white"]),
        ("w_10,h_4,g_north", (10, 4), ["red", "blue"] * 2),
        ("w_10,h_4,g_south", (10, 4), ["green", "white"] * 2),
        ("w_4,h_10,g_west", (4, 10), ["red", "red", "green", "green"]),
        ("w_4,h_10,g_east", (4, 10), ["blue", "blue", "white", "white"]),
        ("x_30", (10, 20), ["blue", "blue", "white", "white"]),
        ("y_15,h_0", (40, 5), ["green", "white"] * 2),
        ("w_10,h_10,x_35,y_15", (5, 5), ["white"] * 4),
        ("w_10,h_10,g_se,x_5,y_5", (5, 5), ["white"] * 4),
        ("w_999,h_999", (40, 20), ["red", "blue", "green", "white"]),
        ("w_10,h_5,r_1", (10, 5), ["red"] * 4),
    ],
)
def test_a_crop_keeps_the_part_of_the_picture_that_it_names(
    client: Any, params: str, size: tuple[int, int], seen: list[str]
) -> None:
    image = made(client, encoded(quarters(), "PNG"), f"crop,{params}")
    assert (image.size, corners(image)) == (size, seen)


@pytest.mark.parametrize("params", ["x_40", "y_20", "w_10,h_10,g_se,x_10"])
def test_a_crop_that_begins_outside_is_refused_in_the_vendors_words(client: Any, params: str) -> None:
    client.put_object("a", encoded(quarters()))
    error = refused(client.get_object, "a", process=f"image/crop,{params}")
    assert (error.status, error.code) == (400, "BadRequest")
    assert error.message == "Advance cut's position is out of image."


@pytest.mark.parametrize(
    ("degrees", "size", "seen"),
    [
        (0, (40, 20), ["red", "blue", "green", "white"]),
        (90, (20, 40), ["green", "red", "white", "blue"]),
        (180, (40, 20), ["white", "green", "blue", "red"]),
        (270, (20, 40), ["blue", "white", "red", "green"]),
        (360, (40, 20), ["red", "blue", "green", "white"]),
    ],
)
def test_a_picture_is_rotated_clockwise(client: Any, degrees: int, size: tuple[int, int], seen: list[str]) -> None:
    image = made(client, encoded(quarters(), "PNG"), f"rotate,{degrees}")
    assert (image.size, corners(image)) == (size, seen)


def test_a_picture_that_is_rotated_askew_grows_and_has_white_corners(client: Any) -> None:
    image = made(client, encoded(Image.new("RGB", (100, 100), RED)), "rotate,45")
    assert 141 <= image.width <= 143
    assert image.width == image.height
    assert corners(image) == ["white"] * 4
    assert near(image, (70, 70), RED)


@pytest.mark.parametrize(
    ("params", "size", "seen"),
    [
        ("x_20,i_0", (20, 20), ["red", "red", "green", "green"]),
        ("x_20,i_1", (20, 20), ["blue", "blue", "white", "white"]),
        ("x_20", (20, 20), ["red", "red", "green", "green"]),
        ("y_10,i_1", (40, 10), ["green", "white"] * 2),
        ("x_20,y_10,i_1", (40, 10), ["green", "white"] * 2),
        ("x_30,i_1", (10, 20), ["blue", "blue", "white", "white"]),
        ("x_20,i_2", (40, 20), ["red", "blue", "green", "white"]),
        ("x_20,i_100", (40, 20), ["red", "blue", "green", "white"]),
    ],
)
def test_one_of_the_pieces_of_a_picture_is_picked(
    client: Any, params: str, size: tuple[int, int], seen: list[str]
) -> None:
    image = made(client, encoded(quarters(), "PNG"), f"indexcrop,{params}")
    assert (image.size, corners(image)) == (size, seen)


@pytest.mark.parametrize(("radius", "side"), [(10, 21), (50, 101), (100, 199), (4096, 199)])
def test_a_circle_has_the_size_of_the_vendors_page(client: Any, radius: int, side: int) -> None:
    clear = made(client, encoded(Image.new("RGB", (300, 200), RED), "PNG"), f"circle,r_{radius}")
    assert (clear.size, clear.mode) == ((side, side), "RGBA")
    assert (clear.getpixel((0, 0))[3], clear.getpixel((side // 2, side // 2))[3]) == (0, 255)  # type: ignore[index]
    white = made(client, encoded(Image.new("RGB", (300, 200), RED), "PNG"), f"circle,r_{radius}/format,jpg")
    assert corners(white) == ["white"] * 4
    assert near(white, (side // 2, side // 2), RED)


def test_corners_are_rounded_up_to_half_of_the_shorter_side(client: Any) -> None:
    source = encoded(Image.new("RGB", (100, 50), RED), "PNG")
    for radius, clear, kept in ((10, (0, 0), (4, 4)), (4096, (3, 3), (10, 10))):
        image: Any = made(client, source, f"rounded-corners,r_{radius}")
        assert (image.size, image.getpixel(clear)[3], image.getpixel(kept)[3]) == ((100, 50), 0, 255)
    client.put_object("a", encoded(halves(), "GIF"))
    error = refused(client.get_object, "a", process="image/rounded-corners,r_9")
    assert (error.code, error.message) == UNPROCESSED["unsupported_format"][:2]


def test_light_contrast_and_edges_change_in_the_direction_that_was_asked_for(client: Any) -> None:
    grey = Image.new("RGB", (40, 20), (100, 100, 100))
    grey.paste((150, 150, 150), (20, 0, 40, 20))

    def levels(actions: str, *places: int) -> list[int]:
        image: Any = made(client, encoded(grey, "PNG"), actions)
        assert image.size == (40, 20)
        return [image.getpixel((place, 10))[0] for place in places]

    assert levels("bright,50", 2)[0] > 100 > levels("bright,-50", 2)[0] > levels("bright,-100", 2)[0] == 0
    assert levels("bright,0", 2, 37) == levels("contrast,0", 2, 37) == [100, 150]
    low, high = levels("contrast,50", 2, 37)
    assert low < 100 < 150 < high
    low, high = levels("contrast,-50", 2, 37)
    assert 100 < low < high < 150
    left, right = levels("sharpen,100", 19, 20)
    assert left < 100 < 150 < right
    left, right = levels("blur,r_3,s_2", 19, 20)
    assert 100 < left < right < 150


@pytest.mark.parametrize("target", ["jpg", "png", "webp", "bmp", "tiff", "avif"])
def test_a_picture_gets_the_format_that_was_asked_for(client: Any, target: str) -> None:
    client.put_object("a", encoded(quarters(), "PNG"))
    result = client.get_object("a", process=f"image/format,{target}")
    image = opened(result.read())
    assert (image.format, image.size) == ("JPEG" if target == "jpg" else target.upper(), (40, 20))
    assert result.headers["Content-Type"] == ("image/jpeg" if target == "jpg" else f"image/{target}")
    assert near(image, (30, 5), BLUE)


@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "AVIF"])
def test_without_a_format_the_result_has_that_of_its_source(client: Any, source: str) -> None:
    client.put_object("a", encoded(quarters(), source))
    result = client.get_object("a", process="image/resize,w_20")
    image = opened(result.read())
    assert (image.format, image.size) == (source, (20, 10))
    assert result.headers["Content-Type"] == f"image/{source.lower()}"


def test_only_a_gif_becomes_a_gif(client: Any) -> None:
    assert made(client, encoded(quarters(), "PNG"), "format,gif").format == "PNG"
    assert made(client, encoded(quarters(), "GIF"), "format,gif").format == "GIF"


def test_a_gif_goes_on_moving_while_it_is_resized(client: Any) -> None:
    gif = moving(
        halves(), Image.new("RGB", (400, 300), BLUE), Image.new("RGB", (400, 300), GREEN), duration=[50, 70, 90]
    )
    image: Any = made(client, gif, "resize,w_40/rotate,90")
    assert (image.format, image.size, image.n_frames) == ("GIF", (30, 40), 3)
    seen = []
    for frame in range(3):
        image.seek(frame)
        seen.append((image.info["duration"], near(image, (15, 35), BLUE), near(image, (15, 35), GREEN)))
    assert seen == [(50, True, False), (70, True, False), (90, False, True)]
    still: Any = made(client, gif, "resize,w_40/format,png")
    assert (still.format, getattr(still, "n_frames", 1), near(still, (2, 15), RED)) == ("PNG", 1, True)


def test_what_is_transparent_stays_so_where_the_format_can(client: Any) -> None:
    clear = encoded(Image.new("RGBA", (40, 20), (255, 0, 0, 0)), "PNG")
    image: Any = made(client, clear, "resize,w_20")
    assert (image.mode, image.getpixel((5, 5))[3]) == ("RGBA", 0)
    assert near(made(client, clear, "resize,w_20/format,webp/format,jpg"), (5, 5), WHITE)


def test_the_quality_is_relative_to_the_source_or_absolute_but_never_better(client: Any) -> None:
    source = encoded(halves(), quality=80)
    for action, quality in (("q_90", 72), ("q_50", 40), ("Q_90", 80), ("Q_30", 30), ("q_1", 1)):
        expected = opened(encoded(halves(), quality=quality))
        assert table(made(client, source, f"quality,{action}")) == table(expected), action
    from_png = made(client, encoded(halves(), "PNG"), "format,jpg/quality,q_60")
    assert table(from_png) == table(opened(encoded(halves(), quality=60)))
    assert made(client, encoded(halves(), "PNG"), "quality,q_10").format == "PNG"
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    client.put_object("a", encoded(noise, "PNG"))
    webp = [len(client.get_object("a", process=f"image/format,webp/quality,{q}").read()) for q in ("q_10", "Q_90")]
    assert webp[0] < webp[1]


def test_a_jpeg_is_progressive_where_that_is_asked(client: Any) -> None:
    assert made(client, encoded(halves()), "interlace,1").info.get("progressive") == 1
    assert made(client, encoded(halves()), "interlace,0").info.get("progressive") is None
    assert made(client, encoded(halves(), "PNG"), "interlace,1").format == "PNG"
    assert made(client, encoded(halves(), "PNG"), "format,jpg/interlace,1").info.get("progressive") == 1


def test_actions_are_done_in_the_order_of_the_request(client: Any) -> None:
    data = encoded(quarters(), "PNG")
    assert made(client, data, "crop,w_20,h_20/rotate,90/resize,w_10").size == (10, 10)
    assert made(client, data, "rotate,90/crop,w_20,h_20").size == (20, 20)
    assert corners(made(client, data, "crop,w_20,h_10/rotate,90")) == ["red"] * 4
    assert corners(made(client, data, "rotate,90/crop,w_10,h_10")) == ["green"] * 4
    assert made(client, data, "format,jpg/resize,w_10/format,webp").format == "WEBP"


@pytest.mark.parametrize(
    ("action", "ec"),
    [
        *(("crop,w_abc", "0040-00000225"), ("crop,w_-1", "0040-00000225"), ("crop,h_x", "0040-00000226")),
        *(("crop,g_middle", ""), ("crop,x_99999", ""), ("crop,z_1", ""), ("crop,w", "")),
        *(("rotate,361", ""), ("rotate,-1", ""), ("rotate", ""), ("rotate,9٠", ""), ("rotate,90,90", "")),
        *(("format,exe", ""), ("format", ""), ("format,jpg,png", ""), ("format,", "")),
        *(("quality,q_0", "0040-00000309"), ("quality,Q_101", "0040-00000308"), ("quality,200", "0040-00000310")),
        *(("quality,q_50,Q_50", "0040-00000310"), ("quality", "0040-00000310"), ("interlace,2", "")),
        *(("circle,r_0", ""), ("circle,r_4097", ""), ("circle", ""), ("rounded-corners,r_0", "")),
        *(("indexcrop,x_0,i_0", "0040-00000230"), ("indexcrop,i_1", "0040-00000230"), ("indexcrop,x_1,i_-1", "")),
        *(("blur,r_200,s_25", "0040-00000241"), ("blur,r_3", ""), ("blur,r_abc,s_2", "0040-00000241")),
        *(("bright,101", ""), ("contrast,-101", ""), ("sharpen,49", ""), ("sharpen,400", ""), ("sharpen", "")),
        *(("resize,p_0", "0040-00000317"), ("resize,p_1001", "0040-00000317"), ("resize,m_pad,w_9,h_9,color_red", "")),
        *(("resize,m_what,w_9", ""), ("info/resize,w_9", ""), ("resize,w_9/info", "")),
        *(("resize,w_9/average-hue", ""), ("/resize,w_9", ""), ("resize,w_9/", ""), ("", "")),
    ],
)
def test_a_wrong_value_is_refused_with_the_number_of_its_page(client: Any, action: str, ec: str) -> None:
    client.put_object("a", encoded(quarters()))
    error = refused(client.get_object, "a", process=f"image/{action}")
    assert (error.status, error.code, error.details.get("EC", "")) == (400, "InvalidArgument", ec)
