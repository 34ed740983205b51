"""Object tags: how ids are spelled in them, which tags are ours, and which tags an object should have."""

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
"""An object on OSS or COS can have at most this many tags (help.aliyun.com, PutObjectTagging)."""

KEY_BYTES = 127
"""Both stores accept tag keys of up to this length (OSS accepts 128 bytes, COS 127)."""

_REFUSED = re.compile(rb"[^A-Za-z0-9 +\-._:/]")
_EDGE_SPACE = re.compile(r"^ | $")
_CUT = re.compile(r"=-[0-9a-f]{8}$")
_CONFIDENCE = re.compile(r"0\.\d\d|1\.00")


def spell(text: str) -> str:
    """Return the text in characters that every store accepts in a tag.

    A byte of UTF-8 that a store may refuse is written as =XX, and so is the character `=`. A space at the beginning or
    at the end is also written so, because XML readers drop it.
    """
    plain = _REFUSED.sub(lambda match: b"=%02X" % ord(match[0]), text.encode("utf-8", "surrogateescape")).decode()
    return _EDGE_SPACE.sub("=20", plain)


def unspell(text: str) -> str:
    """Return the text that spell was given."""
    return unquote_to_bytes(text.replace("=", "%")).decode("utf-8", "replace")


@lru_cache(maxsize=4096)
def tag_key(prefix: str, label_id: str) -> str:
    """Return the tag key of a label. If it is too long, it is cut between characters and ends with =- and a hash."""
    key = prefix + spell(label_id)
    if len(key) <= KEY_BYTES:
        return key
    ending = "=-" + hashlib.sha256(label_id.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    cut = label_id
    while len(prefix + spell(cut)) + len(ending) > KEY_BYTES:
        cut = cut[:-1]
    return prefix + spell(cut) + ending


def ours(key: str, value: str, prefix: str, taxonomy: Taxonomy) -> bool:
    """Return whether we could have written this tag, under any of our settings. All other tags belong to the user.

    The rule needs no stored state. So it also holds for copied objects that kept their tags, and for lost rows.
    """
    return key.startswith(prefix) and _is_id(key[len(prefix) :], taxonomy) and _is_value(value, taxonomy)


def _is_id(spelled: str, taxonomy: Taxonomy) -> bool:
    if _CUT.search(spelled):
        return spelled.partition(":")[0] in taxonomy.id_prefixes
    text = unspell(spelled)
    if spell(text) != spelled:
        return False
    vocabulary, _, name = text.partition(":")
    return text in taxonomy.concepts or (vocabulary in taxonomy.id_prefixes and bool(name))


def _is_value(value: str, taxonomy: Taxonomy) -> bool:
    concept = taxonomy.concepts.get(value)
    if concept is not None and concept.level == 1:
        return True
    return value in taxonomy.id_prefixes or bool(_CONFIDENCE.fullmatch(value))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The tags that an object should have, and the labels that got no tag."""

    tags: Tags
    """The user's tags and ours together."""
    written: Tags
    """Our tags alone."""
    left_out: tuple[str, ...]
    """The ids of labels for which there was no room."""
    taken: tuple[str, ...]
    """The ids of labels whose tag key the user holds."""


def wanted(chosen: Chosen, present: Tags, policy: Policy, taxonomy: Taxonomy) -> Wanted:
    """Return the user's tags unchanged, and at most `policy.tag_limit` of ours in the room that they leave.

    Labels without a chosen label below them come first, then the labels above them. Within both groups the order is by
    confidence, centrality and id.
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
        elif policy.tag_limit:  # if no tags are wanted, none counts as left out
            left_out.append(label.id)
    return Wanted(theirs | written, written, tuple(left_out), tuple(taken))


def _above(label_id: str, chosen: Chosen, taxonomy: Taxonomy) -> set[str]:
    return {*lineage(label_id, chosen.ancestors.get(label_id, ()), taxonomy)} - {label_id}


def _category(label_id: str, chosen: Chosen, taxonomy: Taxonomy) -> str:
    """Return the level-1 concept above a label, or the name of the vocabulary if no such concept is above it."""
    for known_id in (label_id, *chosen.ancestors.get(label_id, ())):
        if (category := taxonomy.category(known_id)) is not None:
            return category
    return label_id.partition(":")[0]
