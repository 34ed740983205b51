"""The vendors' field names, where programs expect them: bytes that earlier versions wrote are the measure."""

from __future__ import annotations

import json

import pytest

from imagelabels.domain.concept import Concept
from imagelabels.domain.explain import Explained
from imagelabels.domain.model import Detection, Label
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.views.answers import Answer, Refused, answer_json, answered, show_vendor_json
from imagelabels.views.forms import one_line
from imagelabels.views.vendor import from_vendor_answer, is_vendor_line, vendor_answer

TAXONOMY = Taxonomy(
    [
        Concept("mammal", 1, None, {"en": "Mammals", "zh-Hans": "哺乳动物"}, {}),
        Concept("cat", 2, "mammal", {"en": "Cats", "zh-Hans": "猫"}, {}),
    ],
    1,
)
LABELS = (
    Label("mammal", "Mammals", "en", 1, None, 0.98, 0.9),
    Label("cat", "猫", "zh-Hans", 2, "mammal", 0.9660000205039978, None),
)
REASONS = (
    Explained("cat", "cat", "猫", 0.9, True, "kept", "kept", ("label:cat", "mammal")),
    Explained("lynx", "imm:x", "Lynxes", 0.5, False, "below_threshold", "below", None),
)
LABELLED = (
    r'{"path": "a\u007f\n\u72d7.png", "width": 451, "height": 300, "labels": [{"LabelId": "mammal", "LabelName": '
    r'"Mammals", "LabelConfidence": 0.98, "CentricScore": 0.9, "LabelLevel": 1, "ParentLabelName": "", "Language": '
    r'"en"}, {"LabelId": "cat", "LabelName": "\u732b", "LabelConfidence": 0.9660000205039978, "CentricScore": null, '
    r'"LabelLevel": 2, "ParentLabelName": "\u54fa\u4e73\u52a8\u7269", "Language": "zh-Hans"}], "detector": "embedded"}'
)
EXPLAINED = (
    r'{"path": "a.png", "width": 451, "height": 300, "labels": [], "detector": "embedded", "explained": [{"LabelId": '
    r'"cat", "AnsweredId": "cat", "LabelName": "\u732b", "LabelConfidence": 0.9, "Kept": true, "Cause": "kept", '
    r'"Why": "kept", "Tag": {"label:cat": "mammal"}}, {"LabelId": "lynx", "AnsweredId": "imm:x", "LabelName": "Lynxes",'
    r' "LabelConfidence": 0.5, "Kept": false, "Cause": "below_threshold", "Why": "below", "Tag": null}]}'
)
REFUSED = '{"path": "a.png", "error": {"reason": "store_error", "message": "there is no file or folder a.png"}}'


def _answers() -> list[tuple[Answer, str]]:
    detection = Detection(LABELS, "embedded", "m", '{"width": 451, "height": 300}', False)
    return [
        (answered("a\x7f\n狗.png", detection, LABELS, TAXONOMY), LABELLED),
        (answered("a.png", detection, (), TAXONOMY, REASONS), EXPLAINED),
        (Refused("a.png", "store_error", "there is no file or folder a.png"), REFUSED),
    ]


@pytest.mark.parametrize(("answer", "line"), _answers(), ids=["labelled", "explained", "refused"])
def test_an_emulator_of_an_earlier_version_reads_the_bytes_that_it_always_read(
    answer: Answer, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    show_vendor_json(answer)
    assert capsys.readouterr().out == f"{line}\n"


@pytest.mark.parametrize(("answer", "line"), _answers(), ids=["labelled", "explained", "refused"])
def test_what_an_earlier_version_wrote_says_in_our_names_what_is_written_today(answer: Answer, line: str) -> None:
    told = json.loads(line)
    assert is_vendor_line(line.encode()) == ("LabelName" in line)
    assert one_line(from_vendor_answer(told, TAXONOMY)) == one_line(answer_json(answer))
    assert vendor_answer(from_vendor_answer(told, TAXONOMY)) == told


def test_a_vendors_word_above_a_label_keeps_its_name_where_an_earlier_version_did_not_write_its_id() -> None:
    label = Label("imm:露营", "露营", "zh-Hans", 2, "imm:动物", 0.5, 0.25)
    detection = Detection((label,), "embedded", "m", '{"width": 1, "height": 1}', False)
    now = answer_json(answered("a", detection, (label,), TAXONOMY))
    (before,) = from_vendor_answer(vendor_answer(now), TAXONOMY)["labels"]
    assert before == now["labels"][0] | {"parent_id": None}
    assert before["parent_name"] == "动物"


def test_a_path_that_spells_a_vendors_name_is_no_sign_of_the_vendors_names() -> None:
    assert not is_vendor_line(one_line({"path": '"LabelName"', "labels": []}).encode())
