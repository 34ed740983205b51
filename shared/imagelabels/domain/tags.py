"""Object tags: how ids are spelled, whose a tag is, and which ones an object should have."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from imagelabels.domain.model import Tags
from imagelabels.domain.policy import Chosen, Policy, lineage, rank
from imagelabels.domain.taxonomy import Taxonomy

PER_OBJECT = 10
"""Tags that one object can have, on OSS and on COS (help.aliyun.com, PutObjectTagging)."""

KEY_BYTES = 127
"""Longest tag key that both stores take (OSS 128, COS 127)."""

_REFUSED = re.compile(rb"[^A-Za-z0-9 +\-._:/]")
_EDGE_SPACE = re.compile(r"^ | $")
_CUT = re.compile(r"=-[0-9a-f]{8}$")
_CONFIDENCE = re.compile(r"0\.\d\d|1\.00")


def spell(text: str) -> str:
    """Text in the characters that every store takes in a tag: what is refused, and `=`, is written =XX per UTF-8 byte.

    Spaces at either end are written so too, since XML readers drop them.
    """
    plain = _REFUSED.sub(lambda found: b"=%02X" % ord(found[0]), text.encode("utf-8", "surrogateescape")).decode()
    return _EDGE_SPACE.sub("=20", plain)


def unspell(text: str) -> str:
    """The inverse of spell."""
    return unquote_to_bytes(text.replace("=", "%")).decode("utf-8", "replace")


@lru_cache(maxsize=4096)
def tag_key(prefix: str, label_id: str) -> str:
    """The tag key of a label. One that is too long is cut at a character and ends in =- and a hash of the whole."""
    key = prefix + spell(label_id)
    if len(key) <= KEY_BYTES:
        return key
    ending = "=-" + hashlib.sha256(label_id.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    cut = label_id
    while len(prefix + spell(cut)) + len(ending) > KEY_BYTES:
        cut = cut[:-1]
    return prefix + spell(cut) + ending


def ours(key: str, value: str, prefix: str, taxonomy: Taxonomy) -> bool:
    """Whether we could have written this tag, under any setting of ours. Everything else belongs to the user.

    The rule needs no memory, so it holds for copies that carry tags along and for lost rows.
    """
    return key.startswith(prefix) and _is_id(key[len(prefix) :], taxonomy) and _is_value(value, taxonomy)


def _is_id(spelled: str, taxonomy: Taxonomy) -> bool:
    if _CUT.search(spelled):
        return spelled.partition(":")[0] in taxonomy.kinds
    text = unspell(spelled)
    if spell(text) != spelled:
        return False
    vocabulary, _, name = text.partition(":")
    return text in taxonomy.concepts or (vocabulary in taxonomy.kinds and bool(name))


def _is_value(value: str, taxonomy: Taxonomy) -> bool:
    concept = taxonomy.concepts.get(value)
    return (concept is not None and concept.level == 1) or value in taxonomy.kinds or bool(_CONFIDENCE.fullmatch(value))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The tags an object should have, and the label ids that found no room or a taken key."""

    tags: Tags
    """Theirs and ours together."""
    written: Tags
    """Ours alone."""
    left_out: tuple[str, ...]
    taken: tuple[str, ...]


def wanted(chosen: Chosen, present: Tags, policy: Policy, taxonomy: Taxonomy) -> Wanted:
    """Theirs untouched, and at most `policy.tag_limit` of ours in the room that they leave.

    First the labels without a chosen descendant, then those above them; within each by confidence, centrality, id.
    """
    theirs = {key: value for key, value in present.items() if not ours(key, value, policy.tag_prefix, taxonomy)}
    room = min(policy.tag_limit, PER_OBJECT - len(theirs))
    above = {ancestor for label in chosen.labels for ancestor in _above(label.id, chosen, taxonomy)}
    written: Tags = {}
    left_out: list[str] = []
    taken: list[str] = []
    for label in sorted(chosen.labels, key=lambda label: (label.id in above, rank(label))):
        key = tag_key(policy.tag_prefix, label.id)
        if key in theirs:
            taken.append(label.id)
        elif len(written) < room:
            confidence = f"{label.confidence:.2f}"
            category = _category(label.id, chosen, taxonomy)
            written[key] = confidence if policy.tag_value == "confidence" else category
        elif policy.tag_limit:  # where no tag is wanted at all, none is missed
            left_out.append(label.id)
    return Wanted(theirs | written, written, tuple(left_out), tuple(taken))


def _above(label_id: str, chosen: Chosen, taxonomy: Taxonomy) -> set[str]:
    return {*lineage(label_id, chosen.ancestors.get(label_id, ()), taxonomy)} - {label_id}


def _category(label_id: str, chosen: Chosen, taxonomy: Taxonomy) -> str:
    """The level-1 concept above a label; the vocabulary's name where the chain reaches none."""
    for id in (label_id, *chosen.ancestors.get(label_id, ())):
        if (category := taxonomy.category(id)) is not None:
            return category
    return label_id.partition(":")[0]
