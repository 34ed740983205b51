"""This module judges the tags of sampled objects: is there room for ours, and does somebody else write like us?"""

from __future__ import annotations

from collections.abc import Mapping

from imagelabels import clouds
from imagelabels.deploy.checks import account
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
        cause = (
            f"{len(crowded)} of {sampled} sampled objects leave room for fewer tags than IMAGELABELS_TAG_LIMIT: "
            f"{escaped(ref.uri)} has room for {room} of ours."
        )
        report.add(account.NO_ROOM_FOR_TAGS, where, cause)
    for check, tags in ((account.FOREIGN_TAGS, foreign), (account.ANOTHER_WRITER_OF_TAGS, rivals)):
        if tags:
            ref, tag = tags[0]
            words = f"{check.fault.removeprefix('Objects ').rstrip('.')}: {escaped(ref.uri)} has {escaped(tag)}."
            report.add(check, where, f"{_objects(tags)} of {sampled} sampled objects {words}")


def _objects(tags: list[tuple[ObjectRef, str]]) -> int:
    return len({ref for ref, _ in tags})
