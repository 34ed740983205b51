"""The one JSON form of what is shown."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from imagelabels.domain.concept import Concept
from imagelabels.domain.model import EventEntry, ImageRecord, Label, ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.views.forms import event_json, label_json, moment, one_line, row_json

TAXONOMY = Taxonomy(
    [
        Concept("mammal", 1, None, {"en": "Mammals", "zh-Hans": "哺乳动物"}, {}),
        Concept("dog", 2, "mammal", {"en": "Dogs", "zh-Hans": "狗"}, {}),
    ],
    1,
)
LABEL = Label("dog", "Dogs", "en", 2, "mammal", 0.93, 0.5)


def test_a_label_names_itself_and_what_is_above_it() -> None:
    assert label_json(LABEL, TAXONOMY) == {
        "id": "dog",
        "name": "Dogs",
        "confidence": 0.93,
        "centric_score": 0.5,
        "level": 2,
        "parent_id": "mammal",
        "parent_name": "Mammals",
        "language": "en",
    }


def test_the_parent_is_called_in_the_label_s_language() -> None:
    label = replace(LABEL, name="狗", language="zh-Hans")
    assert label_json(label, TAXONOMY)["parent_name"] == "哺乳动物"


@pytest.mark.parametrize(("parent", "name"), [(None, None), ("imm:动物", "动物"), ("imm:a:b", "a:b")])
def test_a_parent_that_only_the_vendor_knows_has_the_vendors_name(parent: str | None, name: str | None) -> None:
    told = label_json(replace(LABEL, parent_id=parent, centric_score=None), TAXONOMY)
    assert (told["parent_id"], told["parent_name"], told["centric_score"]) == (parent, name, None)


def test_a_moment_is_iso_8601_in_utc_whose_texts_sort_as_the_moments_do() -> None:
    moments = [999, 1000, 1_699_999_999_999, 1_700_000_000_007, 1_700_000_000_070]
    texts = [str(moment(at)) for at in moments]
    assert texts[0] == "1970-01-01T00:00:00.999Z"
    assert texts[3] == "2023-11-14T22:13:20.007Z"
    assert texts == sorted(texts)


def test_a_row_that_no_delivery_finished_has_no_time_at_which_it_was_written() -> None:
    row = ImageRecord(ObjectRef("oss", "photos", "a.jpg"), State.WAITING, "throttled", None, None, "", "", "", "")
    told = row_json(row, TAXONOMY)
    assert (told["state"], told["reason"], told["updated_at"]) == ("waiting", "throttled", None)
    assert event_json(EventEntry("e", State.WAITING, None, 1))["finished_at"] == "1970-01-01T00:00:00.001Z"


def test_no_text_in_a_form_breaks_its_line_or_commands_a_terminal() -> None:
    text = "a\nb\x1b[2J\x7f\x9b\u202e\u2028\ud800照"
    line = one_line({"name": text})
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == {"name": text}
