"""This module judges the tags of sampled objects: is there room for ours, and does somebody else write like us?"""

from __future__ import annotations

from collections.abc import Mapping

from imagelabels import clouds
from imagelabels.deploy.doctor.live.report import Report
from imagelabels.deploy.doctor.live.target import Site
from imagelabels.domain import taxonomy
from imagelabels.domain.model import ObjectRef, Tags
from imagelabels.domain.tags import PER_OBJECT, ours
from imagelabels.views.printing import escaped

A_VALUE = "1.00"
"""We may write this value for any label, so a tag with it is ours if its key is."""


def judge(site: Site, tagged: Mapping[ObjectRef, Tags], report: Report) -> None:
    known = taxonomy.load(clouds.vocabularies())
    crowded: list[tuple[ObjectRef, int]] = []
    foreign: list[tuple[ObjectRef, str]] = []
    rivals: list[tuple[ObjectRef, str]] = []
    for ref, tags in tagged.items():
        policy = site.policy.at(ref.uri)
        theirs = {key: value for key, value in tags.items() if not ours(key, value, policy.tag_prefix, known)}
        if PER_OBJECT - len(theirs) < policy.tag_limit:
            crowded.append((ref, PER_OBJECT - len(theirs)))
        for key, value in theirs.items() if policy.tag_limit else ():
            if key.startswith(policy.tag_prefix):
                same_key = ours(key, A_VALUE, policy.tag_prefix, known)
                (rivals if same_key else foreign).append((ref, f"{key}={value}"))
    _say(site, report, len(tagged), crowded, foreign, rivals)


def _say(
    site: Site,
    report: Report,
    sampled: int,
    crowded: list[tuple[ObjectRef, int]],
    foreign: list[tuple[ObjectRef, str]],
    rivals: list[tuple[ObjectRef, str]],
) -> None:
    where = f"{site.uri}/*"
    if crowded:
        ref, room = min(crowded, key=lambda pair: pair[1])
        report.warning(
            "no-room-for-tags",
            where,
            f"{len(crowded)} of {sampled} sampled objects leave room for fewer tags than IMAGELABELS_TAG_LIMIT: "
            f"{escaped(ref.uri)} has room for {room} of ours.",
            "Such objects get fewer tags, or none; their labels are in the index all the same.",
            "Remove tags from these objects, or set a lower IMAGELABELS_TAG_LIMIT.",
        )
    if foreign:
        ref, tag = foreign[0]
        report.warning(
            "foreign-tags",
            where,
            f"{_objects(foreign)} of {sampled} sampled objects have tags under our prefix that name no label: "
            f"{escaped(ref.uri)} has {escaped(tag)}.",
            "Rules and searches that take every tag under the prefix for a label are wrong about these objects.",
            "Set IMAGELABELS_TAG_PREFIX to a prefix that nobody else uses.",
        )
    if rivals:
        ref, tag = rivals[0]
        report.warning(
            "another-writer-of-tags",
            where,
            f"{_objects(rivals)} of {sampled} sampled objects have a label's tag with a value that we never write: "
            f"{escaped(ref.uri)} has {escaped(tag)}.",
            "Somebody else writes tags under our prefix. These labels are not written, and where both write at the "
            "same moment one of them loses its tags.",
            "Set IMAGELABELS_TAG_PREFIX to a prefix that nobody else uses, or stop the other writer.",
        )


def _objects(tags: list[tuple[ObjectRef, str]]) -> int:
    return len({ref for ref, _ in tags})
