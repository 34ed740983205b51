"""Steps that many questions share, for either cloud."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal

from PIL import Image

from tests.conformance.steps import PICTURE, Step

KEY = "a.txt"


def put(
    key: str = KEY, body: bytes = b"hello", headers: Mapping[str, str] | None = None, see: tuple[str, ...] = ()
) -> Step:
    return Step("PUT", key, headers=headers or {}, body=body, see=see)


def get(key: str = KEY, headers: Mapping[str, str] | None = None, see: tuple[str, ...] = ()) -> Step:
    return Step("GET", key, headers=headers or {}, see=see)


def head(key: str = KEY, headers: Mapping[str, str] | None = None, see: tuple[str, ...] = ()) -> Step:
    return Step("HEAD", key, headers=headers or {}, see=tuple(f"header {name}" for name in see))


def listed(query: Mapping[str, str] | None = None) -> Step:
    """List what lies below the folder of the question, one page."""
    see = ("xml Contents/Key", "xml CommonPrefixes/Prefix", "xml IsTruncated", "xml NextMarker")
    return Step("GET", None, {"prefix": "$folder", **(query or {})}, see=see)


def tagging(pairs: Sequence[tuple[str, str]], see: tuple[str, ...]) -> Step:
    """Set the tags of the object."""
    tags = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in pairs)
    body = f"<Tagging><TagSet>{tags}</TagSet></Tagging>".encode()
    return Step("PUT", KEY, {"tagging": ""}, {"Content-Type": "application/xml"}, body, see)


def tags_read() -> Step:
    return Step("GET", KEY, {"tagging": ""}, see=("xml TagSet/Tag/Key", "xml TagSet/Tag/Value"))


WRONG_TAGS: Mapping[str, Sequence[tuple[str, str]]] = {
    "eleven tags": [(f"k{number}", "v") for number in range(11)],
    "one key twice": [("k", "1"), ("k", "2")],
    "a long key": [("k" * 129, "v")],
    "a long value": [("k", "v" * 257)],
    "a character that is not permitted": [("k", "a*b")],
    "an empty value": [("k", "")],
    "Chinese": [("标签", "花")],
}


def uploaded(smallest: int = 3) -> tuple[Step, ...]:
    """Upload an object in one part."""
    complete = (
        b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>$etag</ETag></Part></CompleteMultipartUpload>"
    )
    return (
        Step("POST", KEY, {"uploads": ""}, see=(), keep={"upload": "xml UploadId"}),
        Step("PUT", KEY, {"partNumber": "1", "uploadId": "$upload"}, {}, b"a" * smallest, keep={"etag": "header ETag"}),
        Step("GET", KEY, {"uploadId": "$upload"}, see=("xml Part/PartNumber", "xml Part/ETag", "xml Part/Size")),
        Step(
            "POST",
            KEY,
            {"uploadId": "$upload"},
            {"Content-Type": "application/xml"},
            complete,
            ("xml ETag", "header ETag"),
        ),
        head(see=("ETag", "Content-Length")),
    )


def picture(name: str = "a.png") -> Step:
    """Upload a PNG of 4x4 pixels, whose corners differ."""
    return put(name, _png(), {"Content-Type": "image/png"})


def processed(query: Mapping[str, str], see: tuple[str, ...], key: str = "a.png", price: Decimal = PICTURE) -> Step:
    return Step("GET", key, query, see=see, price=price)


def _png() -> bytes:
    image = Image.new("RGBA", (4, 4), (255, 255, 255, 255))
    for at, colour in (((0, 0), "red"), ((3, 0), "lime"), ((0, 3), "blue"), ((3, 3), "black")):
        for x in range(2):
            for y in range(2):
                image.putpixel((abs(at[0] - x), abs(at[1] - y)), Image.new("RGBA", (1, 1), colour).getpixel((0, 0)))  # type: ignore[arg-type]
    image.putpixel((1, 1), (255, 0, 0, 0))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
