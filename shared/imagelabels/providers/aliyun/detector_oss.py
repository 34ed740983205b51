"""Image label detection through OSS: a GetObject with x-oss-process=image/labels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import Detection, Label, Picture
from imagelabels.domain.picture import MAX_BYTES
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.providers.aliyun.client import Buckets, action, checked_key, of_version
from imagelabels.providers.aliyun.credentials import Credentials
from imagelabels.providers.aliyun.failures import calling

MODEL = "image/labels"
_VOCABULARY = "imm"
_LANGUAGE = "zh-Hans"
"""What the vendor's samples show, should an answer not say."""


class OssDetector:
    """LabelDetector. `floor` is 0..1; `connect` and `read` are time-outs in seconds. One attempt: each is billed."""

    name = "oss"
    paid = True
    formats = frozenset({"jpeg", "png"})
    least_side = 1
    most_bytes = MAX_BYTES
    default_threshold = 0.7

    def __init__(
        self,
        endpoint: str,
        region: str,
        credentials: Credentials,
        floor: float,
        taxonomy: Taxonomy,
        connect: float = 3.0,
        read: float = 15.0,
    ) -> None:
        if not 0 <= floor <= 1:
            raise Misconfigured(f"IMAGELABELS_DETECT_FLOOR: {floor} is not within 0..1")
        # The vendor's pages disagree on thr: 0..1, or 0..100 on an older one. A fraction reads the same on both.
        self._threshold = format(Decimal(repr(float(floor))), "f")
        self._taxonomy = taxonomy
        self._buckets = Buckets(endpoint, region, credentials, connect, read)

    def close(self) -> None:
        self._buckets.close()

    @property
    def setting(self) -> str:
        return f"oss {MODEL} floor={self._threshold}"

    def detect(self, picture: Picture) -> Detection:
        ref, version = picture.ref, picture.head.version or picture.ref.version
        key = checked_key(ref)
        permission = f"{action('oss:GetObject', version)} and oss:ProcessImm"
        with calling(Call("GetObject image/labels", permission, ref.uri, "labels")):
            result = self._buckets[ref.bucket].get_object(
                key,
                process=f"{MODEL},thr_{self._threshold}",
                headers={"If-Match": f'"{picture.head.etag}"'},
                params=of_version(version),
            )
            raw: str = result.read().decode("utf-8")
        try:
            labels = self._labels(json.loads(raw))
        except (ValueError, RecursionError) as error:
            raise Unavailable("detector_error", f"image/labels of {ref.uri!r}: {error}: {raw[:200]!r}") from error
        return Detection(labels, self.name, MODEL, raw, True)

    def _labels(self, answer: object) -> tuple[Label, ...]:
        """ValueError where the answer is not what the vendor's page describes."""
        entries = answer.get("Labels") if isinstance(answer, dict) else None
        if not isinstance(entries, list):
            raise ValueError("the answer has no list Labels")
        best: dict[str, Label] = {}
        for at, entry in enumerate(entries):
            try:
                label = self._label(entry)
            except ValueError as error:
                raise ValueError(f"Labels[{at}].{error}") from error
            if label.id not in best or label.confidence > best[label.id].confidence:
                best[label.id] = label
        return tuple(best.values())

    def _label(self, entry: object) -> Label:
        fields = entry if isinstance(entry, dict) else {}
        name, language = _text(fields, "LabelName"), _text(fields, "Language") or _LANGUAGE
        confidence, centric = _score(fields, "LabelConfidence"), _score(fields, "CentricScore")
        parent, level = _text(fields, "ParentLabelName"), fields.get("LabelLevel")
        if not name or confidence is None:
            raise ValueError("LabelName or LabelConfidence: missing")
        id = self._taxonomy.label_id(_VOCABULARY, name, language)
        above = self._taxonomy.label_id(_VOCABULARY, parent, language) if parent else None
        return Label(
            id=id,
            name=name,
            language=language,
            level=level if type(level) is int and level > 0 else 2 if parent else 1,
            # Two of the vendor's words may be one concept of ours, and a concept is not above itself.
            parent_id=above if above != id else None,
            confidence=confidence,
            centric_score=centric,
        )


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name}: not a text")
    return value or ""


def _score(fields: Mapping[str, object], name: str) -> float | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f"{name}: {value!r} is not a number within 0..1")
    return float(value)
