"""Foretells how many tags of ours will stand on an object, by the same plan that reconcile makes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.foreseen import Tally
from imagelabels.domain.model import ObjectHead, Tags
from imagelabels.domain.plan import parted, plan
from imagelabels.domain.policy import Policy
from imagelabels.domain.tags import PER_OBJECT
from imagelabels.usecases.contents import Member
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.verdicts import Patience, Verdict


@dataclass(slots=True)
class ForetoldTags:
    """Counts the tags of objects with one content. `read_tags`: the tags that objects have are asked for."""

    by: Tools
    patience: Patience
    read_tags: bool
    _planned: dict[Policy, int] = field(default_factory=dict)

    def count(self, one: Member, verdict: Verdict, tally: Tally) -> None:
        """Add the tags of an object that will have labels."""
        held = self._held(one, tally.requests)
        if verdict.answer is None:
            number = self._most(one, held)
            tally.unasked += 1
            tally.unasked_tags += number
        else:
            number = self._wanted(one, verdict, held)
            if held is None:
                tally.planned_tags += number
            else:
                tally.tags += number
        tally.tag_writes += bool(number)

    def _held(self, one: Member, made: Counter[str]) -> Tags | None:
        """Return the tags that the object has now; None where nobody knows them."""
        if one.tag_count == 0:
            return {}
        if not self.read_tags:
            return None
        try:
            return self.patience.ask(made, "tags", lambda: self.by.objects.tags(one.ref))
        except LabelingError:
            return None

    def _most(self, one: Member, held: Tags | None) -> int:
        """Return the most tags of ours that the object may get, whatever the detector will say."""
        seen = self.by.seen(one.ref, None, held)
        theirs = parted(seen)[1] if held else {}
        return min(seen.policy.tag_limit, PER_OBJECT - len(theirs))

    def _wanted(self, one: Member, verdict: Verdict, held: Tags | None) -> int:
        """Return the tags of ours that the kept answer gives; without knowing the user's tags it is the most."""
        policy = self.by.policy.at(one.ref.uri)
        is_plain = not held and one.said is None
        if is_plain and policy in self._planned:
            return self._planned[policy]
        head = verdict.head or ObjectHead(one.etag, one.size, None, 0)
        seen = replace(self.by.seen(one.ref, head, held or {}), answer=verdict.answer, said=one.said)
        number = len(plan(seen).written)
        if is_plain:
            self._planned[policy] = number
        return number
