"""Rows as columns, and what becomes of values beyond the service's limits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import SCHEMA, ObjectRef
from imagelabels.providers.aliyun.tablestore import image_columns
from imagelabels.providers.aliyun.tablestore.tables import ELEMENTS, FIELDS, VALUE, WORD, readable, sendable, word
from imagelabels.records.rows import read_answer, read_record
from tests.contract.samples import ANSWER, DETECTION, ODD_KEYS, REF, label, record

MANY = tuple(label(f"leaf{n}", (n + 1) / 1000, name="n" * 4096) for n in range(300))


@pytest.mark.parametrize("text", [*ODD_KEYS, "\ue000", "\ue800", "\ue800\ue000", "\udfff\ue7ff\ud800", "\uffff", "𐀀"])
def test_a_text_that_was_made_sendable_reads_back_and_is_unicode(text: str) -> None:
    sent = sendable(text)
    sent.encode()
    assert readable(sent) == text
    assert readable(sendable(text * 2)) == text * 2


def test_sendable_texts_keep_their_order_and_their_beginnings() -> None:
    texts = [
        "a",
        "\ud7ff",
        "\ud800",
        "\udcff",
        "\udcffb",
        "\udfff",
        "\ue000",
        "\ue7ff",
        "\ue800",
        "\ue801",
        "\uf000",
        "😀",
    ]
    assert sorted(texts, key=lambda text: text.encode("utf-8", "surrogatepass")) == texts
    assert sorted(texts, key=lambda text: sendable(text).encode()) == texts
    assert len({sendable(text) for text in texts}) == len(texts)
    assert all(sendable(text + "more").startswith(sendable(text)) for text in texts)


@pytest.mark.parametrize("key", ODD_KEYS)
def test_the_object_of_a_row_is_read_from_its_name(key: str) -> None:
    ref = ObjectRef("file", "a.b", key)
    assert image_columns.read_name(image_columns.name(ref)) == ref


def test_every_field_of_the_search_index_is_written() -> None:
    row = image_columns.finished(replace(record(labels=(label("dog", 0.9, "pet"),)), reason="corrupt"))
    written = {*row, *image_columns.name(REF), "waiting", *image_columns.LOCK}
    # Categories are named by the answer, and it named none.
    assert {field.name for field in FIELDS} - written == {"categories"}
    row = image_columns.finished(record(labels=(replace(label("dog"), level=1),)))
    assert json.loads(row["categories"]) == ["dog"]
    nested = next(field for field in FIELDS if field.name == "labels")
    assert set(json.loads(image_columns.finished(record())["labels"])[0]) == {field.name for field in nested.inner}


def test_what_the_answer_named_above_a_label_is_a_nested_row_as_sure_as_the_surest_below() -> None:
    row = record(
        labels=(label("husky", 0.4, "dog"), label("poodle", 0.8, "dog")),
        ancestors={"husky": ("dog", "pet"), "poodle": ("dog", "pet")},
    )
    assert image_columns.postings(row) == [
        {"id": "dog", "confidence": 0.8, "parent": "pet"},
        {"id": "pet", "confidence": 0.8},
        {"id": "poodle", "confidence": 0.8, "level": 3, "parent": "dog"},
        {"id": "husky", "confidence": 0.4, "level": 3, "parent": "dog"},
    ]


def test_of_300_labels_the_surest_256_are_found_and_all_are_read() -> None:
    short = tuple(replace(one, name="n") for one in MANY)
    row = image_columns.finished(record(labels=short))
    nested = json.loads(row["labels"])
    assert len(nested) == len(json.loads(row["ids"])) == ELEMENTS
    assert [one["id"] for one in nested] == [f"leaf{n}" for n in range(299, 43, -1)]
    assert read_record(REF, SCHEMA, row["record"]).labels == short


def test_a_record_beyond_a_columns_limit_keeps_its_first_labels() -> None:
    labels = tuple(replace(one, name="露" * 1365) for one in MANY)
    above: dict[str, tuple[str, ...]] = {one.id: ("pet",) for one in labels}
    row = image_columns.finished(record(labels=labels, ancestors=above))
    assert VALUE * 0.9 < len(row["record"]) <= VALUE
    kept = read_record(REF, SCHEMA, row["record"])
    assert kept.labels == labels[: len(kept.labels)]
    assert set(kept.ancestors) == {one.id for one in kept.labels}
    assert len(row["record"]) + len(row["labels"].encode()) + len(row["ids"].encode()) < 4 * 1024 * 1024


def test_an_answer_beyond_a_columns_limit_loses_the_detectors_words_and_then_its_last_labels() -> None:
    long = replace(ANSWER, detection=replace(DETECTION, raw="x" * VALUE))
    assert read_answer(image_columns.answer(long)) == replace(ANSWER, detection=replace(DETECTION, raw=""))
    labels = tuple(replace(one, name="露" * 1365) for one in MANY)
    text = image_columns.answer(replace(ANSWER, detection=replace(DETECTION, labels=labels)))
    kept = read_answer(text).detection
    assert kept is not None
    assert VALUE * 0.9 < len(text) <= VALUE
    assert kept.labels == labels[: len(kept.labels)]
    assert read_answer(image_columns.answer(ANSWER)) == ANSWER


@pytest.mark.parametrize("label_id", ["imm:" + "露" * 1365, "imm:" + "x" * 4092, "ci:" + "😀" * 1023])
def test_an_id_of_4_kb_is_cut_at_a_character_and_told_from_others_that_begin_so(label_id: str) -> None:
    found = word(label_id)
    assert WORD - 4 <= len(found.encode()) <= WORD
    assert label_id.startswith(found.rpartition("~")[0])
    assert word(label_id + "y") != found
    assert word("x" * WORD) == "x" * WORD


def test_a_row_of_a_newer_or_a_much_older_version_is_refused_with_what_to_do() -> None:
    row = image_columns.finished(record())
    with pytest.raises(Misconfigured, match=rf"schema {SCHEMA + 1}, and this .* up to {SCHEMA}: upgrade"):
        image_columns.read_finished(row | {"schema": SCHEMA + 1}, REF)
    with pytest.raises(Misconfigured, match=r"run `imagelabels index migrate`"):
        image_columns.read_finished(row | {"schema": SCHEMA - 2}, REF)
    older = image_columns.read_finished(row | {"schema": SCHEMA - 1}, REF)
    assert older == replace(record(), schema=SCHEMA - 1)
