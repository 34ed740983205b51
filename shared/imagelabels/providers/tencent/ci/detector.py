"""Detects labels by Cloud Infinite's image tagging: a GetObject with ci-process=detect-label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import Detection, Label, Picture
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.providers.kit.store import of_version
from imagelabels.providers.tencent.ci.traits import (
    FORMATS,
    LEAST_SIDE,
    MODEL,
    MOST_BYTES,
    THRESHOLD,
    THUMBNAIL,
    of_ci,
)
from imagelabels.providers.tencent.cos.client import CosBuckets, checked_key
from imagelabels.providers.tencent.cos.failures import calling

READ = 15.0
"""A call waits so many seconds for an answer."""

URL_SECONDS = 60

_VOCABULARY = "ci"
_NOTHING = frozenset({"", "其他", "其它", "other", "none"})
"""Where there is no category, one of these words stands in its place, in any case of letters."""


class CiDetector:
    """This is a LabelDetector. `floor` is 0..1. Each request is billed, once for each scene."""

    name = "ci"
    paid = True
    formats = FORMATS
    least_side = LEAST_SIDE
    suffixes = ()
    timeout = READ + 3.0
    default_threshold = THRESHOLD

    def __init__(
        self, buckets: CosBuckets, scenes: Sequence[str], floor: float, taxonomy: Taxonomy, thumbnail: bool = True
    ) -> None:
        self._buckets, self._taxonomy, self._floor = buckets, taxonomy, floor
        # Without scenes the service answers in another shape than its page says; so they are always named.
        self._asked = {"ci-process": MODEL, "scenes": ",".join(scenes)}
        traits = of_ci(scenes, floor, thumbnail)
        self.setting, self.most_bytes, self.calls = traits.setting, traits.most_bytes, traits.calls

    def close(self) -> None:
        self._buckets.close()

    def detect(self, picture: Picture) -> Detection:
        ref, head = picture.ref, picture.head
        key, shrink = checked_key(ref), head.size > MOST_BYTES
        permission = "cos:GetObject and ci:CreateDetectLabelJob"
        with calling(Call(f"GetObject {MODEL}", permission, ref.uri, "labels", signed_url=shrink)):
            bucket = self._buckets[ref.bucket]
            if shrink:
                url = bucket.signed_url(key, URL_SECONDS, {THUMBNAIL: "", **of_version(head.version or ref.version)})
                answer = bucket.ask("GET", params={**self._asked, "detect-url": url})
            else:
                answer = bucket.ask("GET", key, self._asked, {"If-Match": f'"{head.etag}"'})
            raw = answer.content.decode("utf-8")
        try:
            labels = self._labels(ElementTree.fromstring(raw.encode()))
        except (ValueError, ElementTree.ParseError) as error:
            raise Unavailable("detector_error", f"{MODEL} of {ref.uri!r}: {error}: {raw[:200]!r}") from error
        return Detection(labels, self.name, MODEL, raw, True)

    def _labels(self, root: ElementTree.Element) -> tuple[Label, ...]:
        """Return every label and category once, as sure as the surest scene is; ValueError for another answer."""
        if _tag(root) != "RecognitionResult":
            raise ValueError(f"the answer is a {_tag(root)}")
        best: dict[str, Label] = {}
        for entry in _entries(root):
            for label in self._chain(entry):
                if label.id not in best or label.confidence > best[label.id].confidence:
                    best[label.id] = label
        return tuple(sorted(best.values(), key=lambda label: (-label.confidence, label.level)))

    def _chain(self, entry: ElementTree.Element) -> Iterator[Label]:
        """Yield the categories above a label and the label, the widest first; none below the floor."""
        said = {_tag(field): (field.text or "").strip() for field in entry}
        names = [said.get(name, "") for name in ("FirstCategory", "SecondCategory", "Name")]
        confidence = _share(said.get("Confidence", ""))
        if not names[-1]:
            raise ValueError("Name: missing")
        above: str | None = None
        level = 0
        for name in names if confidence >= self._floor else ():
            # The vendor's pages show English words, its answers Chinese ones.
            language = "en" if name.isascii() else "zh-Hans"
            label_id = self._taxonomy.label_id(_VOCABULARY, name, language)
            if name.lower() not in _NOTHING and label_id != above:
                level += 1
                yield Label(label_id, name, language, level, above, confidence)
                above = label_id


def _entries(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """Yield the labels of an answer of either shape: all in a row, or those of each scene in an element of its own."""
    for part in root:
        if _tag(part) == "Labels":
            yield part
        elif _tag(part).endswith("Labels"):
            yield from (entry for entry in part if _tag(entry) == "Labels")


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _share(text: str) -> float:
    """Read a confidence of 0 to 100 as 0..1."""
    try:
        value = float(text) / 100
    except ValueError:
        raise ValueError(f"Confidence: {text!r} is not a number") from None
    if not 0 <= value <= 1:
        raise ValueError(f"Confidence: {text!r} is not within 0..100")
    return value
