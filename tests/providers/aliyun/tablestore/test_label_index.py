"""Search on Tablestore where the contract suites do not look: its calls, lag and limits, a search index unlike ours."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tablestore as ots

from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import SCHEMA, ObjectRef
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.query import LeftOut, Query
from imagelabels.providers.aliyun.tablestore import index_setup
from imagelabels.providers.aliyun.tablestore.client import Instance
from imagelabels.providers.aliyun.tablestore.image_columns import finished, name
from imagelabels.providers.aliyun.tablestore.label_index import TablestoreLabelIndex
from imagelabels.providers.aliyun.tablestore.ledger import TablestoreLedger
from imagelabels.providers.aliyun.tablestore.tables import ANSWERS, EVENTS, FIELDS, IMAGES, SEARCH
from imagelabels.records.rows import image_pk, record_json
from tests.contract.asking import every, matching_keys, picture, put_all
from tests.contract.samples import NOW, REF, entry, label, put, record
from tests.contract.tablestore_provider import instance
from tests.providers.aliyun.spoiled import Spoiler, spoiled


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Instance, Spoiler]]:
    with spoiled(tmp_path) as (opened, spoiler, _):
        index_setup.create(opened)
        yield opened, spoiler


def test_a_page_of_up_to_99_rows_is_one_call_and_a_longer_one_a_call_for_each_hundred(
    watched: tuple[Instance, Spoiler],
) -> None:
    opened, spoiler = watched
    ledger, index = TablestoreLedger(opened), TablestoreLabelIndex(opened)
    put_all(ledger, *(picture(f"{n:03}", label("dog", 1 - n / 500), at=n // 3) for n in range(130)))
    index.search(Query())
    for query, calls in ((Query(limit=99), 1), (Query(limit=100), 2), (Query(limit=1000), 2)):
        for order in ("newest", "oldest", "confidence", "uri"):
            spoiler.asked.clear()
            page = index.search(replace(query, order=order, all_of=every("dog")))
            assert spoiler.asked == ["Search"] * calls
            assert len({row.ref.key for row in page.records}) == min(query.limit, 130)
            assert (page.next is None) == (query.limit >= 130)
    spoiler.asked.clear()
    assert index.count(Query()).total == 130
    assert index.search(Query(all_of=every("dog"), any_of=())).records != ()
    assert spoiler.asked == ["Search", "Search"]


def test_what_no_row_can_match_is_not_asked(watched: tuple[Instance, Spoiler]) -> None:
    opened, spoiler = watched
    index = TablestoreLabelIndex(opened)
    spoiler.asked.clear()
    nothing = replace(every("dog")[0], ids=frozenset())
    assert index.search(Query(all_of=(nothing,))).records == ()
    assert index.count(Query(any_of=(nothing,))).total == 0
    assert spoiler.asked == []


class Late:
    """The service's clock."""

    def __init__(self) -> None:
        self.by = 0.0

    def __call__(self) -> float:
        return time.time() + self.by


def test_a_search_index_that_is_being_built_or_lags_does_not_pretend_to_know_all_and_the_row_is_there_at_once(
    tmp_path: Path,
) -> None:
    late = Late()
    with instance(tmp_path, lag_seconds=100, clock=late) as opened:
        index_setup.create(opened)
        ledger, index = TablestoreLedger(opened), TablestoreLabelIndex(opened)
        for _ in range(2):
            with pytest.raises(Unavailable, match="still being built") as caught:
                index.search(Query())
            assert caught.value.reason == "index_error"
        late.by = 101
        put(ledger, record())
        row = ledger.row(REF)
        assert row is not None
        assert row.record == record()
        assert index.search(Query()).records == ()
        late.by = 202
        assert index.search(Query()).records == (record(),)


def test_rows_that_only_the_search_index_still_knows_end_no_list(tmp_path: Path) -> None:
    late = Late()
    with instance(tmp_path, lag_seconds=100, clock=late) as opened:
        index_setup.create(opened)
        ledger, index = TablestoreLedger(opened), TablestoreLabelIndex(opened)
        late.by = 101
        put_all(ledger, *(replace(picture(key), state=State.PARKED, reason=Reason.BUDGET) for key in "abc"))
        late.by = 202
        assert [row.ref.key for row in index.unfinished(0)] == ["a", "b", "c"]
        assert opened.delete(IMAGES, (image_pk(index.unfinished(0)[0].ref),))
        assert [row.ref.key for row in index.unfinished(0, limit=1)] == ["b"]
        page = index.search(Query(state="parked", limit=1, order="uri"))
        assert [row.ref.key for row in page.records] == ["b"]
        rest = index.search(Query(state="parked", limit=1, order="uri", page=page.next))
        assert [row.ref.key for row in rest.records] == ["c"]


def test_a_row_is_shown_as_the_table_has_it_and_not_at_all_when_it_was_removed(
    watched: tuple[Instance, Spoiler], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, _ = watched
    ledger, index = TablestoreLedger(opened), TablestoreLabelIndex(opened)
    put_all(ledger, picture("a", label("dog")), picture("b", label("dog")))
    whole = opened.sdk.search

    def with_a_ghost(*args: Any) -> Any:
        answer = whole(*args)
        answer.rows[0] = (answer.rows[0][0], [])
        return answer

    monkeypatch.setattr(opened.sdk, "search", with_a_ghost)
    assert matching_keys(index, Query()) == ["b"]


def test_a_part_of_the_rows_is_no_answer(watched: tuple[Instance, Spoiler], monkeypatch: pytest.MonkeyPatch) -> None:
    opened, _ = watched
    whole = opened.sdk.search

    def partly(*args: Any) -> Any:
        answer = whole(*args)
        answer.is_all_succeed = False
        return answer

    monkeypatch.setattr(opened.sdk, "search", partly)
    for ask in (TablestoreLabelIndex(opened).search, TablestoreLabelIndex(opened).count):
        with pytest.raises(Unavailable, match="a part of the rows only"):
            ask(Query())


def test_a_label_name_of_4_kb_is_found_by_its_whole_id_alone(watched: tuple[Instance, Spoiler]) -> None:
    opened, _ = watched
    ledger, index = TablestoreLedger(opened), TablestoreLabelIndex(opened)
    long = "imm:" + "露" * 1365
    put_all(
        ledger, picture("a", label(long, 0.9)), picture("b", label(long + "x", 0.8)), picture("c", label(long[:-1]))
    )
    assert matching_keys(index, Query(all_of=every(long), order="confidence")) == ["a"]
    assert matching_keys(index, Query(all_of=every(long + "x", least=0.8))) == ["b"]
    assert matching_keys(index, Query(none_of=every(long, long[:-1]))) == ["b"]
    assert len(index.count(Query()).labels) == 3


def test_of_300_labels_on_one_picture_the_surest_256_are_found(watched: tuple[Instance, Spoiler]) -> None:
    opened, _ = watched
    ledger, index = TablestoreLedger(opened), TablestoreLabelIndex(opened)
    row = record(labels=tuple(label(f"l{n}", (n + 1) / 400) for n in range(300)))
    put(ledger, row)
    assert index.search(Query(all_of=every("l299", "l44"))).records == (row,)
    assert index.search(Query(all_of=every("l43"))).records == ()
    assert len(index.count(Query()).labels) == 256


def test_a_word_of_thousands_of_ids_is_one_question(watched: tuple[Instance, Spoiler]) -> None:
    opened, _ = watched
    ledger, index = TablestoreLedger(opened), TablestoreLabelIndex(opened)
    put_all(ledger, picture("a", label("l2999", 0.7)), picture("b", label("cat")))
    wide = every("|".join(f"l{n}" for n in range(3000)))
    assert matching_keys(index, Query(all_of=wide)) == ["a"]
    assert matching_keys(index, Query(none_of=wide)) == ["b"]


def test_a_row_of_a_newer_version_is_refused_by_name_and_left_out_of_lists(watched: tuple[Instance, Spoiler]) -> None:
    opened, _ = watched
    ledger = TablestoreLedger(opened)
    put(ledger, replace(record(), schema=SCHEMA + 1))
    with pytest.raises(Misconfigured, match=r"'oss://album/summer/dog.jpg' has schema .*upgrade imagelabels"):
        ledger.row(REF)
    assert TablestoreLabelIndex(opened).search(Query()).left_out == (LeftOut(REF.uri, REF),)


def test_without_a_search_index_the_command_that_makes_it_is_named(tmp_path: Path) -> None:
    with instance(tmp_path) as opened:
        index_setup.create_tables(opened)
        with pytest.raises(Misconfigured, match="run `imagelabels index create`"):
            TablestoreLabelIndex(opened).search(Query())


def test_a_search_index_without_a_field_of_ours_is_refused_by_the_field(tmp_path: Path) -> None:
    with instance(tmp_path) as opened:
        index_setup.create_tables(opened)
        ours = [index_setup._schema(field) for field in FIELDS]
        nested = ours[-1]
        nested.sub_field_schemas = [one for one in nested.sub_field_schemas if one.field_name != "confidence"]
        fields = [field for field in ours if field.field_name != "categories"]
        opened.sdk.create_search_index(IMAGES, SEARCH, ots.SearchIndexMeta(fields))
        for refused in (lambda: TablestoreLabelIndex(opened).search(Query()), lambda: index_setup.create(opened)):
            with pytest.raises(Misconfigured, match=r"lacks categories, labels.confidence: run .*index migrate"):
                refused()
        index_setup.migrate(opened)
        assert TablestoreLabelIndex(opened).search(Query()).records == ()


def test_a_bucket_is_one_of_a_store(watched: tuple[Instance, Spoiler]) -> None:
    opened, _ = watched
    ledger, index = TablestoreLedger(opened), TablestoreLabelIndex(opened)
    rows = [record(ObjectRef(store, "album", "a.jpg")) for store in ("oss", "cos")]
    put_all(ledger, *rows)
    assert index.search(Query(bucket="cos://album")).records == (rows[1],)


DAMAGED: dict[str, dict[str, Any]] = {
    "labels without names": {"record": '{"labels":[{}]}'},
    "cut off": {"record": '{"state":"labe'},
    "a list": {"record": "[]"},
    "a number": {"record": 7},
    "a confidence that is a text": {"record": '{"labels":[{"id":"a","name":"a","language":"en","level":1,'
                                              '"parent_id":null,"confidence":"high"}]}'},
    "nested too deeply": {"record": '{"a":' * 50_000},
    "a time beyond all calendars": {"record": record_json(replace(record(), updated_at=10**17))},
    "a schema that is a text": {"schema": "one"},
}  # fmt: skip


def test_a_damaged_row_is_an_index_error_by_itself_and_left_out_of_lists(watched: tuple[Instance, Spoiler]) -> None:
    opened, _ = watched
    ledger, index = TablestoreLedger(opened), TablestoreLabelIndex(opened)
    put(ledger, record())
    key = (image_pk(REF),)
    for case, columns in DAMAGED.items():
        assert opened.update(IMAGES, key, columns)
        with pytest.raises(Unavailable, match=r"the row of 'oss://album/summer/dog\.jpg' in the index") as caught:
            ledger.row(REF)
        assert caught.value.reason == "index_error", case
        page = index.search(Query())
        assert (page.records, page.left_out) == ((), (LeftOut(REF.uri, REF),)), case
        assert opened.update(IMAGES, key, finished(record()))
    assert opened.update(IMAGES, key, {}, gone=["bucket"])
    with pytest.raises(Unavailable, match=r"the row of 'oss://album/summer/dog\.jpg' in the index is damaged"):
        ledger.row(REF)
    assert index.search(Query()).left_out == (LeftOut(REF.uri, None),)
    assert opened.update(IMAGES, key, {**finished(record()), **name(REF), "schema": 99})
    assert index.search(Query()).left_out == (LeftOut(REF.uri, REF),)
    with pytest.raises(Misconfigured, match="upgrade imagelabels"):
        ledger.row(REF)


def test_a_damaged_line_of_history_or_answer_is_an_index_error_that_names_it(
    watched: tuple[Instance, Spoiler],
) -> None:
    opened, _ = watched
    ledger = TablestoreLedger(opened)
    put(ledger, record())
    ((line, _, _),) = opened.range(EVENTS, (image_pk(REF),))
    for spoilt in ({"entry": "{}"}, {"entry": "no JSON"}, {"entry": 5}):
        assert opened.update(EVENTS, tuple(line), spoilt)
        with pytest.raises(Unavailable, match="the history of 'oss://album/summer/dog"):
            ledger.history(REF)
    for answer in ("{", "[]", '{"reason":"nobody knows"}', 5):
        assert opened.update(ANSWERS, ("abc",), {"answer": answer})
        with pytest.raises(Unavailable, match="the kept answer abc in the index is damaged"):
            ledger.answer("abc")


def test_removed_rows_that_the_search_index_still_knows_end_no_list_and_keep_no_caller_asking(tmp_path: Path) -> None:
    late = Late()
    with instance(tmp_path, lag_seconds=100, clock=late) as opened:
        index_setup.create(opened)
        late.by = 101
        ledger, index = TablestoreLedger(opened), TablestoreLabelIndex(opened)
        put_all(ledger, *(replace(picture(key), state=State.PARKED, reason="budget") for key in "abcde"))
        late.by = 202
        for key in "abd":
            ref = ObjectRef("oss", "album", key)
            assert ledger.lock(ref, "t", NOW + 30, NOW, "removed")
            assert ledger.drop(ref, "t", entry("removed"))
        assert [row.ref.key for row in index.unfinished(NOW, limit=2)] == ["c", "e"]
        assert [row.ref.key for row in index.unfinished(NOW, limit=1)] == ["c"]
        page = index.search(Query(state="parked", order="uri", limit=1))
        assert ([record.ref.key for record in page.records], page.next is None) == (["c"], False)


def test_rows_of_which_the_service_sends_only_the_keys_are_passed_over_at_a_bounded_number_of_calls(
    watched: tuple[Instance, Spoiler], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, spoiler = watched
    ledger, index = TablestoreLedger(opened), TablestoreLabelIndex(opened)
    put_all(ledger, *(replace(picture(key), state=State.PARKED, reason="budget") for key in "abc"))
    whole = opened.sdk.search

    def without_columns(*args: Any) -> Any:
        answer = whole(*args)
        answer.rows = [
            (key, []) if dict(key_name(columns))["key"] < "c" else (key, columns) for key, columns in answer.rows
        ]
        return answer

    def key_name(columns: Any) -> Iterator[tuple[str, Any]]:
        return ((name, value) for name, value, *_ in columns)

    monkeypatch.setattr(opened.sdk, "search", without_columns)
    spoiler.asked.clear()
    assert [row.ref.key for row in index.unfinished(NOW, limit=1)] == ["c"]
    assert [record.ref.key for record in index.search(Query(state="parked", order="uri", limit=1)).records] == ["c"]
    assert spoiler.asked.count("Search") <= 6
