"""This test kills workers before and after every call of an ordinary event, with the real store client and ledger."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from imagelabels.domain.model import ObjectRef
from imagelabels.providers import sqlite
from tests.emulator.running import running_oss
from tests.fakes import jpeg
from tests.killed import CALLS

DETECT, STORE = 6, 7
pytestmark = pytest.mark.story

ROOT = Path(__file__).resolve().parent.parent


def test_tags_row_and_paid_calls_end_right_wherever_a_worker_was_killed(tmp_path: Path) -> None:
    detections: Counter[str] = Counter()

    async def detect(path: Path) -> dict[str, object]:
        detections[path.read_bytes().rpartition(b"|")[2].decode()] += 1
        cat = {"LabelName": "猫", "LabelConfidence": 0.9, "CentricScore": 0.5, "LabelLevel": 2, "Language": "zh-Hans"}
        return {"path": str(path), "labels": [{"LabelId": "cat", "ParentLabelName": "哺乳动物", **cat}]}

    cases = [(number, moment) for number in range(1, CALLS + 1) for moment in ("before", "after")]
    with running_oss(tmp_path / "store", detect) as oss:
        bucket = oss.bucket("photos", "v4")
        bucket.create_bucket()
        for number, moment in cases:
            headers = {"x-oss-tagging": "mine=1"}
            bucket.put_object(f"{number}-{moment}.jpg", jpeg(f"{number}-{moment}"), headers=headers)
        time.sleep(1.1)  # A picture that is less than a second old would need one call more.
        command = [sys.executable, "-m", "tests.killed", oss.endpoint, str(tmp_path / "labels.db"), "photos"]
        environ = os.environ | {"PYTHONPATH": f"{ROOT / 'shared'}{os.pathsep}{ROOT}"}
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        results = [json.loads(line) for line in done.stdout.splitlines()]
        assert [(number, moment) for number, moment, _, _ in results] == cases
        assert {signalled for _, _, signalled, _ in results} == {9}
        assert {state for *_, state in results} <= {"labelled", "unchanged"}
        ledger = sqlite.open_ledger(tmp_path / "labels.db")
        for number, moment in cases:
            key = f"{number}-{moment}.jpg"
            assert dict(bucket.get_object_tagging(key).tag_set.tagging_rule) == {"label:cat": "mammal", "mine": "1"}
            row = ledger.row(ObjectRef("oss", "photos", key))
            assert row is not None
            assert row.record is not None
            assert [label.id for label in row.record.labels] == ["cat"]
            assert (row.lock, row.waiting) == (None, None)
            paid_for_nothing = (DETECT, True) <= (number, moment == "after") <= (STORE, False)
            assert detections[f"{number}-{moment}"] == (2 if paid_for_nothing else 1), key
