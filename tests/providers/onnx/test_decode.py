"""Every format and colour comes out as the same pixels; what cannot is refused with its reason, before it hurts."""

from __future__ import annotations

import contextlib
import struct
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngInfo

from imagelabels.domain.errors import Rejected
from imagelabels.providers.onnx import decode as module
from imagelabels.providers.onnx.decode import decode
from tests.providers.onnx.pictures import announced_png, cat, encoded, flat_png
from tests.tiffs import grey as grey_page
from tests.tiffs import tiff

SIDE = 224


def pixels(content: bytes) -> NDArray[np.int16]:
    return decode(content, SIDE).pixels.astype(np.int16)


def apart(one: bytes, other: bytes) -> float:
    """Mean difference of two pictures' pixels, 0..255."""
    return float(np.abs(pixels(one) - pixels(other)).mean())


def reason(content: bytes) -> str:
    with pytest.raises(Rejected) as caught:
        decode(content, SIDE)
    return caught.value.reason


@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("PNG", {}),
        ("WEBP", {"quality": 95}),
        ("GIF", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_every_format_gives_the_same_pixels(file_format: str, options: dict[str, object]) -> None:
    content = encoded(cat(), file_format, **options)
    assert apart(content, encoded(cat(), "PNG")) < 2.5
    assert (decode(content, SIDE).width, decode(content, SIDE).height) == (451, 300)


def test_a_phones_jpeg_with_a_second_picture_inside_is_read() -> None:
    content = encoded(cat(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64))])
    assert apart(content, encoded(cat(), "JPEG")) < 0.5


@pytest.mark.parametrize(("mode", "file_format"), [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("P", "PNG")])
def test_colours_other_than_rgb_look_the_same(mode: str, file_format: str) -> None:
    image = cat().quantize(256) if mode == "P" else cat().convert(mode)
    assert apart(encoded(image, file_format), encoded(cat(), "PNG")) < 2.5


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_sixteen_bits_of_grey_look_like_eight(file_format: str) -> None:
    grey = np.asarray(cat().convert("L"))
    deep = Image.fromarray(grey.astype(np.uint16) * 257)
    assert apart(encoded(deep, file_format), encoded(Image.fromarray(grey), "PNG")) < 1


def grey() -> NDArray[np.uint8]:
    return np.asarray(cat().convert("L"))


def apart_from_grey(values: NDArray[np.generic], file_format: str = "TIFF") -> float:
    return apart(encoded(Image.fromarray(values), file_format), encoded(Image.fromarray(grey()), "PNG"))


@pytest.mark.parametrize("bits", range(8, 17))
def test_grey_of_fewer_bits_than_its_numbers_have_is_as_bright_as_in_eight(bits: int) -> None:
    values = (grey().astype(np.uint32) * (2**bits - 1) // 255).astype(np.uint16)
    assert apart_from_grey(values, "PNG") < 1
    assert apart_from_grey(values) < 1
    assert apart_from_grey(values.astype(np.int32)) < 1


@pytest.mark.parametrize(
    ("white", "shown"),
    [(0.5, 0.5), (1, 1), (1.01, 1.01), (255, 1), (256, 256 / 255), (1000, 1000 / 1023), (4095, 1), (65535, 1)],
)
def test_grey_in_floats_is_as_bright_as_the_next_usual_white_has_it(white: float, shown: float) -> None:
    values = grey().astype(np.float32) * np.float32(white / 255)
    expected = Image.fromarray((grey() * shown).astype(np.uint8))
    assert apart(encoded(Image.fromarray(values), "TIFF"), encoded(expected, "PNG")) < 1


@pytest.mark.parametrize("white", [1e-38, 0.01, 2, 50, 100])
def test_grey_in_floats_of_no_known_scale_is_as_bright_as_it_can_be(white: float) -> None:
    values = grey().astype(np.float32) * np.float32(white / 255)
    expected = Image.fromarray((grey() * (255 / np.percentile(grey(), 99.9))).clip(0, 255).astype(np.uint8))
    assert apart(encoded(Image.fromarray(values), "TIFF"), encoded(expected, "PNG")) < 1


def test_numbers_with_a_sign_are_read_from_the_lowest_on() -> None:
    low, high = float(grey().min()), float(grey().max())
    stretched = Image.fromarray(((grey() - low) * (255 / (high - low))).astype(np.uint8))
    for values in (grey() / 127.5 - 1, (grey() - grey().mean()) / grey().std(), (grey() / 127.5 - 1) * 3.4e38):
        assert apart(encoded(Image.fromarray(values.astype(np.float32)), "TIFF"), encoded(stretched, "PNG")) < 2
    below = grey().astype(np.float32) / 255
    below[::50, ::50] = -0.001  # rounding, which makes no sign
    assert apart_from_grey(below) < 2


@pytest.mark.parametrize("brightest", [2, 60, 127])
def test_grey_in_whole_numbers_that_are_all_small_stays_dark(brightest: int) -> None:
    dark = (grey().astype(np.float32) * (brightest / 255)).astype(np.uint8)
    expected = encoded(Image.fromarray(dark), "PNG")
    assert apart(encoded(Image.fromarray(dark.astype(np.uint16)), "PNG"), expected) < 1
    assert apart(encoded(Image.fromarray(dark.astype(np.int32)), "TIFF"), expected) < 1


@pytest.mark.parametrize("value", [-1, -1e12, -3.4e38, 0, 3.4e38])
def test_one_number_everywhere_is_a_picture_of_one_grey(value: float) -> None:
    content = encoded(Image.fromarray(np.full((50, 60), value, np.float32)), "TIFF")
    assert len(np.unique(pixels(content))) == 1


def test_all_thirty_two_bits_are_read_though_half_of_them_look_negative() -> None:
    tags = {256: 451, 257: 300, 258: 32, 259: 1, 262: 1, 277: 1, 278: 300}
    values = grey().astype(np.uint32) * (0xFFFFFFFF // 255)
    assert apart(tiff((tags, values.tobytes())), encoded(Image.fromarray(grey()), "PNG")) < 1
    assert apart_from_grey(grey().astype(np.int32) * (0x7FFFFFFF // 255)) < 1


@pytest.mark.parametrize("wrong", [65535, 0])
def test_a_few_pixels_that_the_sensor_got_wrong_change_nothing(wrong: int) -> None:
    values = grey().astype(np.uint16) * 4
    values[100, 100] = values[7, 300] = wrong
    assert apart_from_grey(values, "PNG") < 1


def test_what_is_no_number_is_black_and_makes_nothing_else_so() -> None:
    values = grey().astype(np.float32) / 255
    values[100, 100], values[7, 300], values[8, 8] = np.nan, np.inf, -np.inf
    assert apart_from_grey(values) < 1


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_a_moving_picture_the_first_frame_is_seen(file_format: str) -> None:
    rest = [Image.new("RGB", cat().size, "green")] * 2
    moving = encoded(cat(), file_format, save_all=True, append_images=rest, quality=95)
    assert apart(moving, encoded(cat(), "PNG")) < 2.5


def test_a_thumbnail_of_fifty_pixels_is_read() -> None:
    small = cat().resize((50, 33), Image.Resampling.BICUBIC)
    assert apart(encoded(small, "PNG"), encoded(small.resize((1600, 1056)), "PNG")) < 8


def test_black_and_white_is_read() -> None:
    assert set(np.unique(pixels(encoded(Image.new("1", (300, 300), 1), "PNG")))) == {255}


@pytest.mark.parametrize("file_format", ["PNG", "WEBP"])
def test_what_is_transparent_is_white(file_format: str) -> None:
    image = cat()
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    white = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    assert apart(encoded(image, file_format, lossless=True), encoded(white, "PNG")) < 1


def test_a_transparent_colour_of_a_palette_is_white() -> None:
    image = Image.new("P", (300, 300), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    assert set(np.unique(pixels(encoded(image, "PNG", transparency=0)))) == {255}
    assert pixels(encoded(image, "PNG"))[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_a_picture_taken_with_the_camera_turned_is_seen_upright(
    file_format: str, orientation: int, stored: Image.Transpose
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = cat().transpose(stored)
    content = encoded(turned, file_format, exif=exif, quality=95)
    assert apart(content, encoded(cat(), file_format, quality=95)) < 2
    assert (decode(content, SIDE).width, decode(content, SIDE).height) == turned.size


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_by_its_exif_data_and_by_nothing_else(file_format: str) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><tiff:Orientation>6</tiff:Orientation></x:xmpmeta>'
    options: dict[str, object] = {"xmp": xmp, "quality": 95}
    if file_format == "PNG":
        text = PngInfo()
        text.add_itxt("XML:com.adobe.xmp", xmp.decode())
        options = {"pnginfo": text}
    assert b"tiff:Orientation" in encoded(cat(), file_format, **options)
    assert apart(encoded(cat(), file_format, **options), encoded(cat(), file_format, quality=95)) == 0


def test_broken_exif_data_do_not_cost_the_picture_its_labels() -> None:
    content = encoded(cat(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert apart(content, encoded(cat(), "JPEG")) == 0


def test_the_middle_of_a_wide_picture_is_looked_at_undistorted() -> None:
    wide = Image.new("RGB", (1200, 300), "red")
    wide.paste((0, 0, 255), (450, 0, 750, 300))
    assert (pixels(encoded(wide, "PNG")) == (0, 0, 255)).all()


def test_a_large_jpeg_is_shrunk_while_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[tuple[int, int]] = []
    whole = module._resizable

    def spy(image: Image.Image, unsigned: bool) -> Image.Image:
        loaded.append(image.size)
        return whole(image, unsigned)

    monkeypatch.setattr(module, "_resizable", spy)
    decode(encoded(Image.new("RGB", (4000, 3000)), "JPEG"), SIDE)
    assert loaded == [(500, 375)]


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1), (3, 2)])
def test_tiny_and_thin_pictures_are_read(size: tuple[int, int]) -> None:
    assert pixels(encoded(Image.new("RGB", size, "red"), "PNG")).shape == (SIDE, SIDE, 3)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF"])
@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_file_that_was_cut_is_corrupt_and_not_labelled_by_what_is_left(file_format: str, share: float) -> None:
    whole = encoded(cat(), file_format)
    assert reason(whole[: int(len(whole) * share)]) == "corrupt"


def test_a_header_without_a_picture_is_corrupt() -> None:
    for file_format in ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF"):
        assert reason(encoded(cat(), file_format)[:20]) == "corrupt"


def test_text_is_no_image_whatever_the_files_name_is() -> None:
    assert reason(b"It was a bright cold day in April, and the clocks were striking thirteen.") == "not_image"
    assert reason(b"") == "not_image"


def test_formats_that_we_do_not_open_are_named() -> None:
    assert reason(b"\0\0\0\x18ftypheic" + bytes(64)) == "unsupported_format"
    assert reason(encoded(cat(), "ICO")) == "unsupported_format"
    assert reason(encoded(Image.new("LAB", (64, 64)), "TIFF")) == "unsupported_format"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_a_tiff_whose_first_page_is_a_thumbnail_is_seen_by_its_full_page(order: str, big: bool) -> None:
    content = tiff(grey_page(160, 106, 20, t254=1), grey_page(400, 300, 200), order=order, big=big)
    seen = decode(content, SIDE)
    assert (seen.width, seen.height) == (400, 300)
    assert set(np.unique(seen.pixels)) == {200}


def test_a_raw_photo_is_refused_by_its_name_and_not_seen_by_its_thumbnail() -> None:
    tags, thumbnail = grey_page(160, 106, t254=1)
    with pytest.raises(Rejected, match="dng pictures are not read") as caught:
        decode(tiff(({**tags, 330: 8, 0xC612: (1, 4, 0, 0)}, thumbnail)), SIDE)
    assert caught.value.reason == "unsupported_format"


def tiff_of(width: int = 30, height: int = 20, bits: int = 8, samples: int = 1, **more: int) -> bytes:
    tags, _ = grey_page(width, height, **more)
    pixels = bytes(width * height * samples * bits // 8)
    return tiff(({**tags, 258: (bits,) * samples, 277: samples}, pixels))


def bmp_of(masks: tuple[int, ...] = (), bits: int = 16, compression: int = 3, header: int = 56) -> bytes:
    fields = struct.pack("<IiiHHIIiiII", header, 30, 20, 1, bits, compression, 0, 0, 0, 0, 0)
    fields = (fields + struct.pack(f"<{len(masks)}I", *masks)).ljust(header, b"\0")
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 14 + header) + fields + bytes(30 * 20 * 4)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (tiff_of(bits=32, samples=3, t262=2, t339=3), "tiff .*unknown pixel mode"),
        (tiff_of(bits=64, t339=3), "tiff .*unknown pixel mode"),
        (tiff_of(bits=24), "tiff .*unknown pixel mode"),
        (tiff_of(samples=5), "tiff .*unknown pixel mode"),
        (tiff_of(t259=34661), "tiff .*34661"),
        (bmp_of((0x0F00, 0x00F0, 0x000F, 0xF000)), "bmp .*bitfields"),
        (bmp_of(bits=24, compression=4), "bmp .*compression .4."),
        (bmp_of(bits=2, compression=0), "bmp .*depth .2."),
        (b"BM" + bytes(12) + struct.pack("<IIIHH", 16, 30, 20, 1, 24) + bytes(1800), "bmp .*header type .16."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\4CgBI" + bytes(8) + flat_png(8, 8)[8:], "CgBI"),
    ],
)
def test_a_sound_file_of_a_kind_that_is_not_read_is_named_and_not_called_damaged(content: bytes, named: str) -> None:
    with pytest.raises(Rejected, match=named) as caught:
        decode(content, SIDE)
    assert caught.value.reason == "unsupported_format"


@pytest.mark.parametrize(
    ("marker", "bits", "components", "named"),
    [(0xC1, 12, 3, "12 bits"), (0xC0, 8, 2, "2 components"), (0xC3, 8, 1, "lossless"), (0xC5, 8, 1, "hierarchical")],
)
def test_a_jpeg_of_a_rare_kind_is_named_and_not_called_damaged(
    marker: int, bits: int, components: int, named: str
) -> None:
    content = bytearray(encoded(cat(), "JPEG"))
    at = content.index(b"\xff\xc0")
    content[at + 1], content[at + 4], content[at + 9] = marker, bits, components
    with pytest.raises(Rejected, match=named) as caught:
        decode(bytes(content), SIDE)
    assert caught.value.reason == "unsupported_format"


def test_a_png_with_empty_parts_in_its_data_is_read() -> None:
    content = encoded(cat(), "PNG")
    data = content.index(b"IDAT") - 4
    empty = struct.pack(">I4sI", 0, b"IDAT", zlib.crc32(b"IDAT"))
    assert apart(content[:data] + empty * 3 + content[data:], content) == 0


def test_libtiff_says_nothing_to_standard_error_which_names_no_file(capfd: pytest.CaptureFixture[str]) -> None:
    for compression in ("tiff_lzw", "tiff_adobe_deflate"):
        content = encoded(cat(), "TIFF", compression=compression)
        assert reason(content[:2000] + b"\xff" * 3000 + content[5000:]) == "corrupt"
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("size", [(30_001, 10), (10, 30_001), (20_000, 12_501)])
def test_too_many_pixels_are_refused(size: tuple[int, int]) -> None:
    assert reason(announced_png(*size)) == "too_many_pixels"


def test_what_must_be_decoded_whole_has_a_smaller_limit_than_what_shrinks_on_the_way() -> None:
    assert reason(announced_png(8_000, 8_000)) == "too_many_pixels"


def test_a_png_bomb_is_refused_before_its_pixels_take_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Image.Image] = []
    monkeypatch.setattr(ImageFile.ImageFile, "load", loaded.append)
    bomb = flat_png(15_000, 17_000)
    assert len(bomb) < 1_500_000
    assert reason(bomb) == "too_many_pixels"
    assert loaded == []


def test_random_damage_is_refused_and_never_anything_else() -> None:
    random = np.random.default_rng(0)
    small = cat().resize((40, 30))
    for file_format in ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF"):
        whole = np.frombuffer(encoded(small, file_format), np.uint8)
        for _ in range(60):
            damaged = whole.copy()
            places = random.integers(0, min(len(whole), 400), 3)
            damaged[places] = random.integers(0, 256, 3)
            with contextlib.suppress(Rejected):
                decode(damaged.tobytes(), SIDE)


@pytest.mark.parametrize("step", ["JpegImagePlugin.JpegImageFile._open", "Image.Image.resize"])
def test_memory_that_runs_out_is_not_held_against_the_file(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    content = encoded(cat(), "JPEG")
    monkeypatch.setattr(f"PIL.{step}", full)
    with pytest.raises(MemoryError):
        decode(content, SIDE)
