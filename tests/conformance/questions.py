"""All questions of the program."""

from __future__ import annotations

from tests.conformance import cos_questions, oss_questions, tablestore
from tests.conformance.steps import Question

QUESTIONS: tuple[Question, ...] = (*oss_questions.QUESTIONS, *cos_questions.QUESTIONS)


def asked_by_program() -> frozenset[str]:
    """Return the names of the marks that some question settles."""
    settled = [question.settles for question in QUESTIONS] + [question.settles for question in tablestore.QUESTIONS]
    return frozenset(name for names in settled for name in names)
