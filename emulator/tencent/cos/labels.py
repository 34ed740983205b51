"""GET ?ci-process=detect-label: the labels of a picture, from the detector.

https://cloud.tencent.com/document/product/460/39082. The detector is one and the same for every scene, so the scenes
that are asked for get the same labels. Without scenes the page promises those of `camera`; the vendor's own tests
expect a list without a scene, and get it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from emulator.objectstore import conditions, labelling, xml
from emulator.objectstore.call import Call, split
from emulator.objectstore.refusal import Refusal, invalid, not_built
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.store import Stored
from emulator.tencent.cos import auth, names, picture
from emulator.tencent.cos.context import Context
from emulator.tencent.cos.errors import of_picture

LARGEST = 3 * 1024 * 1024
"""Bytes, and below pixels a side: https://cloud.tencent.com/document/product/1247/45330."""
SMALLEST_SIDE = 50
LARGEST_TO_SHRINK = 32 * 1024 * 1024
"""Bytes of a picture that a thumbnail is made of: https://cloud.tencent.com/document/product/460/36620."""
SCENES = {"album": "AlbumLabels", "camera": "CameraLabels", "news": "NewsLabels", "web": "WebLabels"}
"""In the order of the sample answer."""
THUMBNAIL = "imageMogr2/thumbnail/"
SIGNATURE = frozenset({*auth.FIELDS, auth.TOKEN})
NONE = {"zh-Hans": "其他", "en": "Other"}
"""What stands for a category where there is none."""


async def detect(context: Context, call: Call) -> Reply:
    if call.query["ci-process"] != "detect-label":
        raise not_built(f"ci-process={call.query['ci-process']}")
    scenes = _scenes(call.query.get("scenes"))
    url = call.query.get("detect-url")
    shrunk = False
    if url:
        call = _of_url(context, call, url)
        shrunk = any(name.startswith(THUMBNAIL) for name in call.query)
    elif not call.key:
        raise invalid("detect-url", "", "Without an object detect-label needs a detect-url.")
    stored = context.readable(call)
    if not conditions.check(call, stored):
        return Reply(304)
    _look(stored, shrunk)
    try:
        found = _rows(await labelling.ask(context, stored))
    except labelling.Unlabelled as why:
        raise of_picture(why.reason) from why
    if scenes is None:
        return document(xml.document("RecognitionResult", *found))
    parts = (xml.element(element, *found) for scene, element in SCENES.items() if scene in scenes)
    return document(xml.document("RecognitionResult", *parts))


def _scenes(given: str | None) -> list[str] | None:
    if not given:
        return None
    scenes = given.split(",")
    if not set(scenes) <= set(SCENES):
        raise invalid("scenes", given, f"scenes are {', '.join(SCENES)}, with commas between them.")
    return scenes


def _of_url(context: Context, call: Call, url: str) -> Call:
    """The GET that the URL stands for, signature and all. Nothing is fetched: the object must be one of ours."""
    for _ in range(2):  # the page's example is encoded three times over, once of which is the query's own
        if not url.startswith(("http://", "https://")):
            url = unquote(url)
    here = f"cos.{context.region}.myqcloud.com"
    try:
        parts = urlsplit(url)
    except ValueError:
        raise invalid("detect-url", "", "This is no URL.") from None
    host = names.HOST.fullmatch(parts.netloc.lower())
    if parts.scheme not in ("http", "https") or not host or not host[1] or host[2].partition(":")[0] != here:
        # The value is not shown: it may hold a password or a signature.
        raise invalid("detect-url", "", f"The emulator looks at its own objects only, at <bucket>.{here}.")
    path, params = split(f"{parts.path}?{parts.query}")
    asked = Call("GET", host[1], path[1:], params, {"host": parts.netloc}, host[2], call.remote, call.request)
    context.gate.check(asked)
    for name in asked.query:
        if name not in SIGNATURE and not name.startswith(THUMBNAIL):
            raise not_built(f"{name} in a detect-url")
    if context.store.bucket(asked.bucket) is None:
        raise Refusal("NoSuchBucket")
    names.check_key(asked.key)
    return asked


def _look(stored: Stored, shrunk: bool) -> None:
    """Refuse what the service does.

    Of a thumbnail it would see the small picture: so the limit on bytes is that of pictures to be shrunk, but nothing
    is really shrunk here, and the detector gets the original.
    """
    if stored.size > (LARGEST_TO_SHRINK if shrunk else LARGEST):
        raise of_picture("too_large")
    size = picture.size(stored.file)
    if size is None:
        raise of_picture("unsupported_format")
    if 0 < min(size) < SMALLEST_SIDE:
        raise of_picture("too_small")


def _rows(found: list[dict[str, Any]]) -> list[str]:
    """Every leaf as a row with the names above it, surest first. A category is no row of its own, unless it is all."""
    parents = {label["ParentLabelName"] for label in found}
    leaves = [label for label in found if label["LabelName"] not in parents or label["LabelLevel"] == 3]
    rows = [(round(label["LabelConfidence"] * 100), label, _above(label, found)) for label in leaves]
    return [
        xml.element(
            "Labels",
            xml.text("Confidence", str(confidence)),
            xml.text("FirstCategory", first),
            xml.text("Name", label["LabelName"]),
            xml.text("SecondCategory", second),
        )
        for confidence, label, (first, second) in sorted(rows, key=lambda row: -row[0])
    ]


def _above(label: dict[str, Any], found: list[dict[str, Any]]) -> tuple[str, str]:
    """The names on the first and the second level above it; of a label on the first, its own."""
    chain: list[str] = []
    level, parent = label["LabelLevel"], label["ParentLabelName"]
    while parent:
        over = [one for one in found if one["LabelName"] == parent and one["LabelLevel"] < level]
        chain.insert(0, parent)
        level, parent = (over[0]["LabelLevel"], over[0]["ParentLabelName"]) if over else (0, "")
    first, second, *_ = [*(chain or [label["LabelName"]]), *[NONE.get(label["Language"], "")] * 2]
    return first, second
