"""Steps that many questions share, for either cloud."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal

from PIL import Image

from tests.conformance.steps import PICTURE, Question, Step

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


def common_questions(store: str, cloud: str, error: tuple[str, ...]) -> tuple[Question, ...]:
    """Return the questions that are the same for the stores of all clouds.

    `store` is the short name of the store, which also stands in its headers. `error` names what is looked at in an
    error document, beside its status and code.
    """
    asked = {**_on_reads(store, error), **_on_names(store, error)}
    return tuple(Question(f"{store}-{name}", cloud, says, steps) for name, (says, steps) in asked.items())


def _on_reads(store: str, error: tuple[str, ...]) -> dict[str, tuple[str, tuple[Step, ...]]]:
    """Return what is asked about reads of an object, by name: what it is about, and its steps."""
    facts = ("ETag", "Content-Length", "Content-Type", "Accept-Ranges")
    own = tuple(f"x-{store}-{name}" for name in ("object-type", "storage-class"))
    put_seen = ("header ETag", f"header x-{store}-hash-crc64ecma")
    part_seen = ("header Content-Range", "header Content-Length")
    put_and_kept = Step("PUT", KEY, body=b"hello", keep={"etag": "header ETag"})
    return {
        "put": ("The headers of a plain object.", (put(see=put_seen), head(see=(*facts, *own)))),
        "range": (
            "Ranges of an object.",
            (
                put(body=b"0123456789"),
                get(headers={"Range": "bytes=2-4"}, see=("body", *part_seen)),
                get(headers={"Range": "bytes=20-30"}, see=part_seen),
            ),
        ),
        "conditions": (
            "Conditions of reads.",
            (put_and_kept, get(headers={"If-None-Match": "$etag"}), get(headers={"If-Match": '"0"'}, see=error)),
        ),
    }


def _on_names(store: str, error: tuple[str, ...]) -> dict[str, tuple[str, tuple[Step, ...]]]:
    """Return what is asked about keys and tags, by name: what it is about, and its steps."""
    keys, numbers = ("b/1", "a", "B", "b!", "é"), (3, 1, 2, 9, 8, 7, 6, 5, 4, 0)
    absent = Step("GET", "none", {"tagging": ""}, see=error)
    ten = tagging([(f"k{number}", "v") for number in numbers], error)
    return {
        "list": (
            "The order of a list, and what a delimiter gathers.",
            (*(put(key) for key in keys), listed(), listed({"delimiter": "/"}), listed({"max-keys": "2"})),
        ),
        "missing": (
            "What is not there.",
            (get("none", see=("xml Key", *error)), head("none"), Step("DELETE", "none"), absent),
        ),
        "tags": (
            "Ten tags, and their order.",
            (put(), ten, tags_read(), head(see=(f"x-{store}-tagging-count",))),
        ),
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
