"""Answers that are kept, for use cases that ask nobody."""

from __future__ import annotations

from dataclasses import dataclass, field

from imagelabels.domain import content
from imagelabels.domain.model import Answer
from imagelabels.domain.outcomes import Reason
from imagelabels.domain.plan import Seen, needs_no_answer
from imagelabels.usecases.found import Found
from imagelabels.usecases.tools import Tools


@dataclass(slots=True)
class KeptAnswers:
    """Reads each answer once: a confirmed answer never changes."""

    by: Tools
    read: dict[str, Answer] = field(default_factory=dict)

    def find(self, seen: Seen) -> Found | None:
        """Return the answer of the detector setting of now, else of the row's own; None where none is confirmed.

        What the policy excludes keeps the setting of its row.
        """
        if seen.head is None or seen.record is None:
            return None
        if (refusal := needs_no_answer(seen)) is not None:
            own = refusal.reason is Reason.EXCLUDED
            return Found(refusal, seen.record.setting if own else seen.detector.setting, kept=True)
        for setting in dict.fromkeys((seen.detector.setting, seen.record.setting)):
            answer = self._answer(content.answer_id(seen.ref, seen.head, setting, self.by.reuse))
            if answer is not None:
                return Found(answer, setting, kept=True)
        return None

    def _answer(self, answer_id: str) -> Answer | None:
        if answer_id not in self.read:
            stored = self.by.answers.answer(answer_id)
            # One that is not confirmed yet may describe another content.
            if stored is None or stored.answer is None or stored.answer.asked is not None:
                return None
            self.read[answer_id] = stored.answer
        return self.read[answer_id]
