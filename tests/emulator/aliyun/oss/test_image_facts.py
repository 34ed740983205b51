"""What OSS tells about a picture, and results of image processing that are kept as objects."""

from __future__ import annotations

import base64
import io
import json
import struct
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from emulator.aliyun.oss.images import LARGEST_REQUEST
from emulator.core.parts import Change
from emulator.objectstore.pictures.limits import MOST_BY_RESULT, MOST_FRAMES, MOST_WORK
from tests.emulator.drawn import BLUE, RED, encoded, halves, moving, opened, turned
from tests.emulator.running import Running, refused


def info(client: Any, data: bytes) -> dict[str, str]:
    client.put_object("a", data)
    result = client.get_object("a", process="image/info")
    assert result.headers["Content-Type"] == "application/json"
    return {name: field["value"] for name, field in json.loads(result.read()).items()}


@pytest.mark.parametrize(
    ("picture_format", "name"),
    [("JPEG", "jpg"), ("PNG", "png"), ("BMP", "bmp"), ("GIF", "gif"), ("WEBP", "webp"), ("TIFF", "tiff")],
)
def test_the_basic_facts_are_those_of_the_vendors_sample(client: Any, picture_format: str, name: str) -> None:
    data = encoded(halves(), picture_format)
    told = info(client, data)
    facts = {"FileSize": str(len(data)), "Format": name, "FrameCount": "1", "ImageHeight": "300", "ImageWidth": "400"}
    assert told.items() >= facts.items()
    if picture_format == "JPEG":
        resolution = {"ResolutionUnit": "1", "XResolution": "1/1", "YResolution": "1/1"}
        assert told == facts | resolution


def test_the_camera_settings_and_the_place_are_told_in_the_vendors_form(client: Any) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0132] = 7, "Canon", "2015:02:11 15:38:27"
    exif.get_ifd(0x8769)[0x829A] = IFDRational(1, 200)
    exif.get_ifd(0x8769)[0x9000] = b"0231"
    exif.get_ifd(0x8769)[0x927C] = b"x" * 1000
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 17.0, 30.62), 3: "E", 4: (120.0, 5.0, 4.27)})
    told = info(client, encoded(halves(), exif=exif))
    assert (
        told.items()
        >= {
            "DateTime": "2015:02:11 15:38:27",
            "ExifVersion": "48 50 51 49",
            "ExposureTime": "1/200",
            "GPSLatitude": "30deg 17' 30.620\" ",
            "GPSLatitudeRef": "North",
            "GPSLongitude": "120deg 5' 4.270\" ",
            "GPSLongitudeRef": "East",
            "Make": "Canon",
            "Orientation": "7",
        }.items()
    )
    assert "MakerNote" not in told
    assert "Make" not in info(client, encoded(halves(), "PNG", exif=exif))


def test_the_frames_of_a_moving_picture_are_counted(client: Any) -> None:
    assert info(client, moving(halves(), Image.new("RGB", (400, 300), BLUE)))["FrameCount"] == "2"


def test_the_average_colour_is_told_as_plain_text(client: Any) -> None:
    client.put_object("a", encoded(Image.new("RGB", (30, 30), (0x28, 0x57, 0x7D)), "PNG"))
    result = client.get_object("a", process="image/average-hue")
    assert (result.read(), result.headers["Content-Type"]) == (b"0x28577d", "text/plain")
    client.put_object("a", encoded(halves(), "PNG"))
    assert client.get_object("a", process="image/average-hue").read() == b"0x7f007f"


def name_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_result_is_kept_as_an_object_and_told_as_one(oss: Running, bucket: Any, changes: list[Change]) -> None:
    bucket.put_object("a", encoded(halves()), headers={"x-oss-object-acl": "public-read"})
    changes.clear()
    result = bucket.process_object("a", f"image/resize,w_40/format,png|sys/saveas,o_{name_of('小/b?.png')}")
    assert (result.status, result.process_status, result.bucket, result.object) == (200, "OK", "", "小/b?.png")
    kept = bucket.get_object("小/b?.png")
    data = kept.read()
    assert (opened(data).format, opened(data).size, int(result.fileSize)) == ("PNG", (40, 30), len(data))
    assert kept.headers["Content-Type"] == "image/png"
    assert bucket.get_object_acl("小/b?.png").acl == "default"
    (change,) = changes
    assert (change.event, change.key, change.size) == ("ObjectCreated:PutObject", "小/b?.png", len(data))
    assert opened(bucket.get_object("a").read()).size == (400, 300)


def test_a_result_is_kept_in_another_bucket_or_over_its_source(oss: Running, client: Any) -> None:
    oss.store.create_bucket("small")
    client.put_object("a", encoded(halves()))
    client.process_object("a", f"image/resize,w_40|sys/saveas,o_{name_of('a')},b_{name_of('small')}")
    assert opened(oss.bucket("small").get_object("a").read()).size == (40, 30)
    padded = base64.urlsafe_b64encode(b"a").decode()
    client.process_object("a", f"image/rotate,90|sys/saveas,o_{padded}")
    assert opened(client.get_object("a").read()).size == (300, 400)


def test_a_process_that_a_client_wrote_as_a_form_is_read_as_the_same(oss: Running, bucket: Any) -> None:
    """The vendor's SDK for Node encodes the body so."""
    bucket.put_object("a", encoded(halves()))
    padded = base64.b64encode("小?".encode()).decode()
    body = "x-oss-process=" + quote(f"image/resize,w_40/format,png|sys/saveas,o_{padded}", safe="")
    assert oss.ask("POST", "photos", "a", {"x-oss-process": ""}, body=body.encode())[0] == 200
    assert opened(bucket.get_object("小?").read()).size == (40, 30)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("x-oss-process=image/resize,w_9", "NotImplemented"),
        ("x-oss-process=image/resize,w_9|sys/notify,t_eA", "NotImplemented"),
        ("x-oss-process=image/resize,w_9|sys/saveas,b_eA", "NotImplemented"),
        ("x-oss-process=image/resize,w_9|sys/saveas,o_eA,x_eA", "NotImplemented"),
        ("x-oss-process=image/info|sys/saveas,o_eA", "NotImplemented"),
        ("x-oss-process=image/labels|sys/saveas,o_eA", "NotImplemented"),
        ("x-oss-process=image/watermark,text_eA|sys/saveas,o_eA", "NotImplemented"),
        ("x-oss-process=style/x|sys/saveas,o_eA", "NotImplemented"),
        ("x-oss-process=image/resize,w_9|sys/saveas,o_!!", "InvalidArgument"),
        ("x-oss-process=image/resize,w_9|sys/saveas,o_a", "InvalidArgument"),
        ("x-oss-process=image/resize,w_9|sys/saveas,o__w", "InvalidArgument"),
        ("x-oss-process=image/resize,w_0|sys/saveas,o_eA", "InvalidArgument"),
        ("x-oss-process=image/resize,w_9|sys/saveas,o_", "InvalidObjectName"),
        ("x-oss-process=image/resize,w_9|sys/saveas,o_Lw", "InvalidObjectName"),
        ("x-oss-process=image/resize,w_9|sys/saveas,o_eA,b_bm93aGVyZQ", "NoSuchBucket"),
        ("image/resize,w_9|sys/saveas,o_eA", "InvalidArgument"),
        ("\udcff", "InvalidArgument"),
        ("", "InvalidArgument"),
        ("x-oss-process=" + "x" * LARGEST_REQUEST, "InvalidArgument"),
    ],
)
def test_a_wrong_request_to_keep_a_result_keeps_nothing(
    oss: Running, client: Any, changes: list[Change], body: str, code: str
) -> None:
    client.put_object("a", encoded(halves()))
    changes.clear()
    data = body.encode(errors="surrogateescape")
    status, _, answer = oss.ask("POST", key="a", params={"x-oss-process": ""}, body=data)
    assert (status >= 400, f"<Code>{code}</Code>".encode() in answer) == (True, True), answer
    assert changes == []
    assert [listed.key for listed in client.list_objects().object_list] == ["a"]


def test_a_version_is_processed_and_so_is_a_picture_that_is_open_to_all(oss: Running, client: Any) -> None:
    client.put_bucket_versioning(versioning("Enabled"))
    old = client.put_object("a", encoded(halves())).versionid
    client.put_object("a", encoded(halves(200, 100)))
    for params, size in (({"versionId": old}, (40, 30)), ({}, (40, 20))):
        result = client.get_object("a", process="image/resize,w_40", params=params)
        assert opened(result.read()).size == size
        assert result.headers["x-oss-version-id"] == params.get("versionId", client.head_object("a").versionid)
    kept = client.process_object("a", f"image/resize,w_40|sys/saveas,o_{name_of('a')}")
    assert opened(client.get_object("a").read()).size == (40, 20)
    assert kept.headers["x-oss-version-id"] == client.head_object("a").versionid
    assert oss.raw("GET", "/photos/a?x-oss-process=image/info")[0] == 403
    client.put_object_acl("a", "public-read")
    status, _, body = oss.raw("GET", "/photos/a?x-oss-process=image/info")
    assert (status, json.loads(body)["ImageWidth"]) == (200, {"value": "40"})
    assert oss.raw("POST", "/photos/a?x-oss-process", body=b"x-oss-process=image/info")[0] == 403


def versioning(status: str) -> Any:
    from oss2.models import BucketVersioningConfig

    config = BucketVersioningConfig()
    config.status = status
    return config


def test_a_request_for_too_much_work_is_refused_by_name(client: Any) -> None:
    client.put_object("a", encoded(Image.new("RGB", (4000, 4000)), "PNG"))
    error = refused(client.get_object, "a", process="image/" + "/".join(["bright,1"] * 30))
    assert (error.status, error.code, str(MOST_WORK) in error.message) == (501, "NotImplemented", True)
    many = moving(*(Image.new("RGB", (2, 2), (number % 256, 0, number // 256)) for number in range(MOST_FRAMES + 1)))
    client.put_object("a", many)
    error = refused(client.get_object, "a", process="image/rotate,90")
    assert (error.status, str(MOST_FRAMES) in error.message) == (501, True)


@pytest.mark.parametrize("target", ["webp", "avif"])
def test_a_result_whose_encoder_needs_much_is_refused_by_name(client: Any, target: str) -> None:
    client.put_object("a", encoded(Image.new("1", (6_000, 6_000)), "PNG"))
    error = refused(client.get_object, "a", process=f"image/format,{target}")
    assert (error.status, str(MOST_BY_RESULT[target.upper()]) in error.message) == (501, True)


@pytest.mark.parametrize(
    "actions",
    [
        "resize,p_1000",
        "resize,w_16384,h_16384,m_fixed,limit_0",
        "resize,m_pad,w_16384,h_16384,limit_0",
        "resize,w_16384,limit_0",
    ],
)
def test_a_result_that_would_be_too_large_is_refused(client: Any, actions: str) -> None:
    client.put_object("a", encoded(Image.new("1", (2_000, 2_000)), "PNG"))
    error = refused(client.get_object, "a", process=f"image/{actions}")
    assert (error.status, error.code, error.details["EC"]) == (400, "BadRequest", "0040-00000007")


def damaged() -> dict[str, bytes]:
    """Return files that are broken in ways that libraries trip over."""
    jpeg, png, tiff = turned(6), encoded(halves(), "PNG"), encoded(halves(8, 6), "TIFF")
    at = jpeg.index(b"Exif\0\0") + 6
    endless = bytearray(tiff)
    (first,) = struct.unpack_from("<I", tiff, 4)
    (count,) = struct.unpack_from("<H", tiff, first)
    struct.pack_into("<I", endless, first + 2 + 12 * count, first)
    return {
        "EXIF that points outside": jpeg[: at + 4] + b"\xff\xff\xff\xff" + jpeg[at + 8 :],
        "EXIF of zeros": jpeg[:at] + bytes(40) + jpeg[at + 40 :],
        "a TIFF whose directory is its own successor": bytes(endless),
        "a PNG with a wrong checksum": png[:40] + bytes([png[40] ^ 1]) + png[41:],
        "a GIF with no frame": encoded(halves(), "GIF")[:13],
        "a WebP cut off": encoded(halves(), "WEBP")[:60],
        "an AVIF cut off": encoded(halves(), "AVIF")[:300],
        "a BMP of a huge height": encoded(halves(), "BMP")[:22] + b"\xff\xff\xff\x7f" + encoded(halves(), "BMP")[26:],
        "nothing": b"",
    }


def answered(oss: Running, process: str) -> int:
    """Return the status of a request to process the object `a`."""
    return oss.ask("GET", key="a", params={"x-oss-process": process})[0]


@pytest.mark.parametrize("name", damaged())
@pytest.mark.parametrize("process", ["image/info", "image/average-hue", "image/auto-orient,1/resize,w_9"])
def test_a_damaged_picture_is_answered_and_never_an_internal_error(
    oss: Running, client: Any, name: str, process: str
) -> None:
    client.put_object("a", damaged()[name])
    assert answered(oss, process) in (200, 400, 501)


def test_bytes_flipped_in_any_place_are_answered(oss: Running, client: Any) -> None:
    """Each format has some of its first bytes changed, one at a time."""
    for picture_format in ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"):
        good = encoded(halves(16, 12), picture_format)
        for at in range(4, min(len(good), 400), 23):
            client.put_object("a", good[:at] + bytes([good[at] ^ 0xA5]) + good[at + 1 :])
            for process in ("image/info", "image/resize,w_9"):
                assert answered(oss, process) in (200, 400, 501), (picture_format, at)


def test_the_red_and_the_blue_of_a_saved_picture_are_where_they_were(client: Any) -> None:
    client.put_object("a", encoded(halves(), "PNG"))
    client.process_object("a", f"image/resize,w_40|sys/saveas,o_{name_of('b')}")
    image: Any = Image.open(io.BytesIO(client.get_object("b").read()))
    assert (image.getpixel((2, 15)), image.getpixel((37, 15))) == (RED, BLUE)
