"""A detector that gives the answer of a test, and keeps the pictures that it gets."""

from __future__ import annotations

from pathlib import Path


def label(name: str, level: int, parent: str, confidence: float, language: str = "zh-Hans") -> dict[str, object]:
    return {
        "LabelName": name,
        "LabelConfidence": confidence,
        "CentricScore": 0.5,
        "LabelLevel": level,
        "ParentLabelName": parent,
        "Language": language,
    }


class CosDetector:
    def __init__(self) -> None:
        self.answer: dict[str, object] = {"labels": [label("动物", 1, "", 0.9), label("狗", 2, "动物", 0.9)]}
        self.error: Exception | None = None
        self.seen: list[bytes] = []

    async def __call__(self, path: Path) -> dict[str, object]:
        self.seen.append(path.read_bytes())
        if self.error is not None:
            raise self.error
        return self.answer
