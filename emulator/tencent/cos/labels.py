"""GET ?ci-process=detect-label: the labels of a picture, which come from the detector.

https://cloud.tencent.com/document/product/460/39082. There is one detector for all scenes, so each scene of a
request gets the same labels. Without scenes the page promises the labels of `camera`; the vendor's own tests expect a
list without a scene, and that is what the emulator answers with.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from emulator.core.http_request import split
from emulator.core.refusal import Refusal
from emulator.objectstore import conditions, labelling, xml
from emulator.objectstore.call import Call
from emulator.objectstore.pictures.limits import PictureError
from emulator.objectstore.refusals import invalid, not_built
from emulator.objectstore.reply import Reply, document
from emulator.objectstore.stored import Stored
from emulator.tencent.cos import auth, names, picture
from emulator.tencent.cos.context import CosContext
from emulator.tencent.cos.dialect import COS
from emulator.tencent.cos.errors import UNLABELLED

LARGEST = 3 * 1024 * 1024
"""A picture may have so many bytes: https://cloud.tencent.com/document/product/1247/45330."""
SMALLEST_SIDE = 50
"""Each side of a picture has at least so many pixels, as the same page says."""
LARGEST_TO_SHRINK = 32 * 1024 * 1024
"""A thumbnail can be made of a picture of so many bytes: https://cloud.tencent.com/document/product/460/36620."""
SCENES = {"album": "AlbumLabels", "camera": "CameraLabels", "news": "NewsLabels", "web": "WebLabels"}
"""The element for each scene, in the order of the sample answer."""
THUMBNAIL = "imageMogr2/thumbnail/"
SIGNATURE = frozenset({*auth.FIELDS, auth.TOKEN})
NO_CATEGORY = {"zh-Hans": "其他", "en": "Other"}
"""The name that a label without a category gets in place of one, by language."""


async def detect(context: CosContext, call: Call) -> Reply:
    if call.query["ci-process"] != "detect-label":
        raise not_built(f"ci-process={call.query['ci-process']}")
    scenes = _scenes(call.query.get("scenes"))
    url = call.query.get("detect-url")
    thumbnail = ""
    if url:
        call = _call_of_url(context, call, url)
        thumbnail = next((name for name in call.query if name.startswith(THUMBNAIL)), "")
    elif not call.key:
        raise invalid("detect-url", "", "Without an object detect-label needs a detect-url.")
    stored = context.readable(call)
    if not conditions.check(call, stored):
        return Reply(304)
    _check_picture(stored, shrunk=bool(thumbnail))
    rows = _rows(await _labels(context, stored, thumbnail))
    if scenes is None:
        return document(xml.document("RecognitionResult", *rows))
    parts = (xml.element(element, *rows) for scene, element in SCENES.items() if scene in scenes)
    return document(xml.document("RecognitionResult", *parts))


async def _labels(context: CosContext, stored: Stored, thumbnail: str) -> list[dict[str, Any]]:
    """Return the labels of the object, or of the small picture that the operation `thumbnail` makes of it."""
    if not thumbnail:
        return await labelling.labels_of(context, stored, UNLABELLED)
    try:
        from emulator.tencent.cos import images  # it loads Pillow, which an idle emulator does without

        picture_bytes, _ = await images.result(context, stored, thumbnail)
    except PictureError as error:
        raise UNLABELLED.refusal(error.reason) from None
    small = context.store.new_file()
    try:
        small.write_bytes(picture_bytes)
        return await labelling.labels_of_file(context, stored, small, UNLABELLED)
    finally:
        small.unlink(missing_ok=True)


def _scenes(names: str | None) -> list[str] | None:
    if not names:
        return None
    scenes = names.split(",")
    if not set(scenes) <= set(SCENES):
        raise invalid("scenes", names, f"scenes are {', '.join(SCENES)}, with commas between them.")
    return scenes


def _call_of_url(context: CosContext, call: Call, url: str) -> Call:
    """Return the GET for which the URL stands, whose signature is checked.

    Nothing is fetched: the URL must name an object of the emulator.
    """
    for _ in range(2):  # the page's example is encoded three times, and the query has been decoded once
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
    get = Call(
        method="GET",
        bucket=host[1],
        key=path[1:],
        params=params,
        headers={"host": parts.netloc},
        endpoint=host[2],
        remote=call.remote,
        request=call.request,
    )
    context.gate.check(get)
    for name in get.query:
        if name not in SIGNATURE and not name.startswith(THUMBNAIL):
            raise not_built(f"{name} in a detect-url")
    if context.store.bucket(get.bucket) is None:
        raise Refusal("NoSuchBucket")
    COS.keys.check(get.key)
    return get


def _check_picture(stored: Stored, shrunk: bool) -> None:
    """Refuse a picture that the service refuses.

    If the URL asks for a thumbnail, the service sees the small picture. So the limit on bytes is that for pictures of
    which a thumbnail can be made.
    """
    if stored.size > (LARGEST_TO_SHRINK if shrunk else LARGEST):
        raise UNLABELLED.refusal("too_large")
    size = picture.size(stored.file)
    if size is None:
        raise UNLABELLED.refusal("unsupported_format")
    if 0 < min(size) < SMALLEST_SIDE:
        raise UNLABELLED.refusal("too_small")


def _rows(labels: list[dict[str, Any]]) -> list[str]:
    """Return an element for each label that gets a row of its own, the surest first, with its categories."""
    own = [label for label in labels if _has_row(label, labels)]
    rows = [(round(label["LabelConfidence"] * 100), label, _categories(label, labels)) for label in own]
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


def _has_row(label: dict[str, Any], labels: list[dict[str, Any]]) -> bool:
    """Tell whether a label gets a row of its own, or is only a category in the rows of the labels below it.

    Every thing gets a row. What has no thing below it gets one if it is surer than all labels below it: else people who
    hardly look like a crowd would be only a crowd.
    """
    level, name = label["LabelLevel"], label["LabelName"]
    below = [other for other in labels if other["ParentLabelName"] == name and other["LabelLevel"] > level]
    above_things = {name, *(other["LabelName"] for other in below)}
    things = (other for other in labels if other["LabelLevel"] == 3 and other["ParentLabelName"] in above_things)
    is_surest = all(label["LabelConfidence"] > other["LabelConfidence"] for other in below)
    return level == 3 or (is_surest and not any(things))


def _categories(label: dict[str, Any], labels: list[dict[str, Any]]) -> tuple[str, str]:
    """Return the names of the first and the second level above a label, or the label's own if it is of the first."""
    chain: list[str] = []
    level, parent = label["LabelLevel"], label["ParentLabelName"]
    while parent:
        above = [other for other in labels if other["LabelName"] == parent and other["LabelLevel"] < level]
        chain.insert(0, parent)
        level, parent = (above[0]["LabelLevel"], above[0]["ParentLabelName"]) if above else (0, "")
    first, second, *_ = [*(chain or [label["LabelName"]]), *[NO_CATEGORY.get(label["Language"], "")] * 2]
    return first, second
