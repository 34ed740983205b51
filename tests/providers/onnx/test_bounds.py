"""No file takes more memory or work than its pixels are worth."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imagelabels.domain.errors import Rejected
from imagelabels.providers.onnx import bands, bounds
from imagelabels.providers.onnx import decode as module
from imagelabels.providers.onnx.decode import decode
from tests.providers.onnx import hostile
from tests.providers.onnx.pictures import cat, encoded

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.story
def test_no_file_takes_more_than_512_megabytes_whatever_it_is_made_of(tmp_path: Path) -> None:
    expected = {}
    for name, (content, outcome) in hostile.files().items():
        assert len(content) <= hostile.BIG + 4096
        (tmp_path / name).write_bytes(content)
        expected[name] = outcome
    environ = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))}
    command = [sys.executable, "-m", "tests.providers.onnx.hostile", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == expected


def test_scans_are_counted_past_thumbnails_and_stuffed_bytes() -> None:
    scans = bounds.whole_scans
    assert scans(encoded(cat(), "JPEG")) == 0
    progressive = encoded(cat(), "JPEG", progressive=True)
    assert scans(progressive) == 10
    thumbnail = b"Exif\0\0" + encoded(cat().resize((60, 40)), "JPEG", progressive=True)
    app1 = b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    assert scans(progressive[:2] + app1 + progressive[2:]) == 10
    assert scans(progressive + progressive) == 10


def test_a_baseline_jpeg_in_several_scans_is_not_taken_for_one_that_shrinks() -> None:
    """Its coefficients are all held until the last scan, as those of a progressive one."""
    one = encoded(Image.new("RGB", (16, 16)), "JPEG")
    header = one.index(b"\xff\xda")
    several = one[:header] + b"".join(
        b"\xff\xda\0\x08\1" + bytes((colour, 0, 0, 63, 0)) + b"\0" for colour in (1, 2, 3)
    )
    assert bounds.whole_scans(several + b"\xff\xd9") == 3
    frame = one.index(b"\xff\xc0")
    large = one[: frame + 5] + struct.pack(">HH", 9000, 9000) + one[frame + 9 :]
    with Image.open(io.BytesIO(large)) as image:
        bounds.before_decoding(image, large)
        with pytest.raises(Rejected, match="decoded whole"):
            bounds.before_decoding(image, large[:header] + several[header:])


def test_an_ordinary_file_is_not_near_any_limit() -> None:
    profile = b"".join(b"\xff\xe2\xff\xff" + bytes(65_533) for _ in range(11))
    jpeg = encoded(cat(), "JPEG", progressive=True)
    assert decode(jpeg[:2] + profile + jpeg[2:], 224).width == 451
    png = encoded(cat(), "PNG")
    assert decode(png[:33] + hostile.chunk(b"IDAT") * 20_000 + png[33:], 224).width == 451
    assert decode(encoded(cat(), "GIF", comment=b"a" * 100_000), 224).width == 451
    for compression in ("raw", "tiff_lzw"):
        assert decode(encoded(cat(), "TIFF", compression=compression), 224).width == 451
    for big in (False, True):
        deep = encoded(Image.fromarray(np.zeros((300, 200), np.uint16)), "TIFF", big_tiff=big)
        assert decode(deep, 224).height == 300


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "L", "P", "CMYK", "1", "I;16", "I", "F"])
@pytest.mark.parametrize("size", [(1000, 800), (997, 803), (300, 2000)])
def test_a_picture_shrunk_in_bands_looks_like_one_shrunk_at_once(
    monkeypatch: pytest.MonkeyPatch, mode: str, size: tuple[int, int]
) -> None:
    photo = cat().resize(size)
    if mode in ("RGBA", "LA"):
        photo.putalpha(Image.linear_gradient("L").resize(size))
    if mode in ("I;16", "I", "F"):
        kind = {"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]
        image = Image.fromarray(np.asarray(photo.convert("L")).astype(kind))
    else:
        image = photo.quantize(256) if mode == "P" else photo.convert(mode)
    whole = bands.shrunk(image, 50, module._resizable)
    monkeypatch.setattr(bands, "LARGE", 100_000)
    small = bands.shrunk(image, 50, module._resizable)
    assert whole.size == size
    times = min(size) // 100
    assert small.size == (-(-size[0] // times), -(-size[1] // times))
    one, other = (
        np.asarray(module._rgb(shown.resize((50, 50), Image.Resampling.BICUBIC, (0, 0, *box)))).astype(np.int16)
        for shown, box in ((whole, size), (small, (size[0] / times, size[1] / times)))
    )
    assert np.abs(one - other).mean() < 2.5
